// The critical path as the waterfall draws it: sections by span.
import { nsToMs } from "../../data/format";
import type { PathSection, TraceData } from "../../data/trace_model";

export interface Section {
  /** Nanoseconds from the start of the trace. */
  from: number;
  to: number;
}

export function sectionsByPlace(trace: TraceData, path: readonly PathSection[]): Map<number, Section[]> {
  const places = new Map(trace.ids.map((id, place) => [id, place] as const).reverse());
  const found = new Map<number, Section[]>();
  for (const one of path) {
    const place = places.get(one.span_id);
    if (place === undefined) continue;
    const section = { from: since(trace.start_ns, one.start_ns), to: since(trace.start_ns, one.end_ns) };
    const known = found.get(place);
    if (known) known.push(section);
    else found.set(place, [section]);
  }
  return found;
}

/** Nanoseconds between two times that are too large for a number. */
export function since(start: string, at: string): number {
  const part = (ns: string): number => Number(ns.slice(-6).padStart(6, "0"));
  return (nsToMs(at) - nsToMs(start)) * 1e6 + part(at) - part(start);
}

/** How long a span is on the path. */
export const onPath = (sections: readonly Section[] | undefined): number => (sections ?? []).reduce((sum, { from, to }) => sum + to - from, 0);

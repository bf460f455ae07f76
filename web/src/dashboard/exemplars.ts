// Exemplars of a metric query: single requests with their traces.
import { get } from "../data/api";
import { formatted } from "../data/units";
import type { Window } from "../data/time_range";
import type { Dot } from "../plot/model";

interface Exemplar {
  labels: Record<string, string>;
  value: string;
  timestamp: number;
}

/** More dots than these are a cloud. */
const MOST = 120;

/** Dots that lead to traces; none when they cannot be had. */
export async function exemplars(query: string, { start, end }: Window, signal: AbortSignal): Promise<Dot[]> {
  try {
    const { data } = await get<{ data: { exemplars: Exemplar[] }[] }>("/api/v1/query_exemplars", { query, start: start / 1000, end: end / 1000 }, signal);
    const found = data.flatMap((series) => series.exemplars).sort((a, b) => b.timestamp - a.timestamp);
    // Evenly thinned: they stay spread over the whole window.
    const every = Math.max(1, Math.ceil(found.length / MOST));
    return found.filter((_, i) => i % every === 0).map(dot);
  } catch {
    return []; // the chart is worth showing without them
  }
}

function dot({ labels, value, timestamp }: Exemplar): Dot {
  const trace = labels.trace_id ?? labels.traceID ?? labels.traceId ?? "";
  return { at: timestamp * 1000, value: Number(value), title: trace ? `Trace ${trace.slice(0, 8)}…: ${formatted(Number(value))}` : formatted(Number(value)), ...(trace ? { href: `/traces/${encodeURIComponent(trace)}` } : {}) };
}

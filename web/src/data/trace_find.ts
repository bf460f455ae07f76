// Finding spans in a trace: names and services at once, attributes by asking the server.
import { nameOf, serviceOf, type TraceData } from "./trace_model";

/** Places of the spans whose name, service, status message or id has a text. */
export function findByName(trace: TraceData, text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  // Texts are few: which of them fit is found once.
  const fits = trace.texts.map((one) => one.toLowerCase().includes(wanted));
  const found: number[] = [];
  for (let place = 0; place < trace.ids.length; place += 1) {
    const extra = trace.extras[place];
    const isHit = fits[trace.services[place] ?? -1] || fits[trace.names[place] ?? -1] || trace.ids[place] === wanted || extra?.saying?.toLowerCase() === wanted || extra?.message?.toLowerCase().includes(wanted);
    if (isHit) found.push(place);
  }
  return found;
}

/** Hits of both kinds, ascending, each once. */
export function mergeHits(trace: TraceData, places: readonly number[], ids: readonly string[]): number[] {
  if (!ids.length) return [...places];
  const wanted = new Set(ids);
  const found = new Set(places);
  trace.ids.forEach((id, place) => wanted.has(id) && found.add(place));
  return [...found].sort((a, b) => a - b);
}

/** Spans that a filter of services and errors leaves; null: all of them. */
export function filtered(trace: TraceData, services: ReadonlySet<string>, onlyErrors: boolean): number[] | null {
  if (!services.size && !onlyErrors) return null;
  const errors = new Set(trace.errors);
  const found: number[] = [];
  for (let place = 0; place < trace.ids.length; place += 1) {
    if ((!services.size || services.has(serviceOf(trace, place))) && (!onlyErrors || errors.has(place))) found.push(place);
  }
  return found;
}

/** `checkout: POST /orders`. */
export const titleOf = (trace: TraceData, place: number): string => `${serviceOf(trace, place) || "unknown"}: ${nameOf(trace, place)}`;

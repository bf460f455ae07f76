// What `/traces.json` answers, and the orders its rows can be read in.
import { get } from "./api";
import type { Window } from "./time_range";

export interface FoundSpan {
  span_id: string;
  name: string;
  service: string;
  status: "unset" | "ok" | "error";
  kind: string;
  start_ns: string;
  duration_ns: number;
  attributes: [string, string][];
}

export interface FoundTrace {
  trace_id: string;
  root_service: string;
  root_name: string;
  start_ns: string;
  duration_ns: number;
  spans: number;
  errors: number;
  /** Service, spans, errors. */
  services: [string, number, number][];
  /** Spans that the query finds, of which some are in `matches`. */
  matched: number;
  matches: FoundSpan[];
}

export interface SearchAnswer {
  q: string;
  start_ms: number;
  end_ms: number;
  limit: number;
  is_metrics: boolean;
  is_partial: boolean;
  traces: FoundTrace[];
  error: string;
  inspected?: { traces: number; spans: number; bytes: number };
}

export interface SearchRequest {
  q: string;
  window: Window;
  limit: number;
  view: "list" | "spans";
}

export function searchTraces({ q, window, limit, view }: SearchRequest, signal?: AbortSignal): Promise<SearchAnswer> {
  return get<SearchAnswer>("/traces.json", { q, from: Math.round(window.start), to: Math.round(window.end), limit, view }, signal);
}

export const ORDERS = [
  ["newest", "Newest"],
  ["longest", "Longest"],
  ["shortest", "Shortest"],
  ["spans", "Most spans"],
  ["errors", "Most errors"],
] as const;

export type Order = (typeof ORDERS)[number][0];

/** Rows in an order; the server's is the newest first. */
export function ordered(rows: readonly FoundTrace[], order: string): FoundTrace[] {
  const found = [...rows];
  switch (order) {
    case "longest":
      return found.sort((a, b) => b.duration_ns - a.duration_ns);
    case "shortest":
      return found.sort((a, b) => a.duration_ns - b.duration_ns);
    case "spans":
      return found.sort((a, b) => b.spans - a.spans);
    case "errors":
      return found.sort((a, b) => b.errors - a.errors || b.duration_ns - a.duration_ns);
    default:
      return found;
  }
}

/** Whether a text is a trace id, as people paste it. */
export function asTraceId(text: string): string | null {
  const trimmed = text.trim().replace(/-/g, "").toLowerCase();
  return /^([0-9a-f]{16}|[0-9a-f]{31,32})$/.test(trimmed) ? trimmed : null;
}

/** Nanoseconds as TraceQL writes durations, rounded to three digits. */
export function durationText(ns: number): string {
  const rounded = Number(ns.toPrecision(3));
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["us", 1e3]] as const) if (rounded >= size) return `${Number((rounded / size).toPrecision(6))}${unit}`;
  return `${Math.max(0, Math.round(rounded))}ns`;
}

interface Value {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
}

export interface TempoSeries {
  labels?: { key: string; value?: Value }[];
  samples?: { timestampMs?: string; value?: number }[];
}

/** Series of a TraceQL metrics query; the step in seconds. */
export async function traceMetrics(q: string, window: Window, step: number, signal?: AbortSignal): Promise<TempoSeries[]> {
  const found = await get<{ series?: TempoSeries[] }>("/api/metrics/query_range", { q, start: Math.floor(window.start / 1000), end: Math.ceil(window.end / 1000), step: `${step}s`, exemplars: 0 }, signal);
  return found.series ?? [];
}

/** A series' labels in a line. */
export function seriesName(series: TempoSeries, fallback: string): string {
  const pairs = (series.labels ?? []).filter(({ key }) => key !== "__name__");
  const text = (value?: Value): string => String(value?.stringValue ?? value?.intValue ?? value?.doubleValue ?? value?.boolValue ?? "");
  if (!pairs.length) return fallback;
  return pairs.length === 1 ? text(pairs[0]?.value) : pairs.map(({ key, value }) => `${key}=${text(value)}`).join(" ");
}

/** Common times and a column per series. */
export function frameOf(found: readonly TempoSeries[], fallback: string): { times: number[]; series: { name: string; values: (number | null)[] }[] } {
  const times = [...new Set(found.flatMap(({ samples = [] }) => samples.map(({ timestampMs = "0" }) => Number(timestampMs))))].sort((a, b) => a - b);
  const places = new Map(times.map((at, i) => [at, i] as const));
  const series = found.map((one) => {
    const values: (number | null)[] = times.map(() => null);
    for (const { timestampMs = "0", value = 0 } of one.samples ?? []) values[places.get(Number(timestampMs)) ?? 0] = value;
    return { name: seriesName(one, fallback), values };
  });
  return { times: times.map((at) => at / 1000), series };
}

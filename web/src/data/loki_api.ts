// Loki's HTTP API (Loki 3) and the logs page's own paths as functions. Times are nanoseconds as text.
import { ask, get, url } from "./api";
import type { Labels, LogStream } from "./log_row";
import type { Window } from "./time_range";

export interface LogAnswer {
  streams: LogStream[];
  /** Lines that had to be looked at, and for how long. */
  scanned: number;
  seconds: number;
}

interface Envelope<T> {
  data: { resultType: string; result: T; stats?: { summary?: { totalLinesProcessed?: number; execTime?: number } } };
}

export interface MetricSeries {
  metric: Labels;
  values?: [number, string][];
  value?: [number, string];
}

export interface Bounds {
  start: string;
  end: string;
}

/** A window in nanoseconds; the end is not included. */
export function boundsOf(window: Window): Bounds {
  return { start: `${Math.round(window.start)}000000`, end: `${Math.round(window.end) + 1}000000` };
}

/** Lines; labels, metadata and parsed fields apart. */
export async function lines(query: string, bounds: Bounds, options: { limit: number; newestFirst: boolean }, signal?: AbortSignal): Promise<LogAnswer> {
  const direction = options.newestFirst ? "backward" : "forward";
  const found = await flagged<Envelope<LogStream[]>>("/loki/api/v1/query_range", { query, ...bounds, limit: options.limit, direction }, signal);
  const { totalLinesProcessed = 0, execTime = 0 } = found.data.stats?.summary ?? {};
  return { streams: found.data.result, scanned: totalLinesProcessed, seconds: execTime };
}

async function flagged<T>(path: string, params: Record<string, string | number>, signal?: AbortSignal): Promise<T> {
  const headers = { "X-Loki-Response-Encoding-Flags": "categorize-labels" };
  const full = url(path, params);
  if (full.length < 4000) return ask<T>(full, { headers, signal: signal ?? null });
  const body = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
  return ask<T>(path, { method: "POST", body, headers, signal: signal ?? null });
}

/** A metric query over the window; the step in seconds. */
export async function series(query: string, window: Window, step: number, signal?: AbortSignal): Promise<MetricSeries[]> {
  const found = await get<Envelope<MetricSeries[] | [number, string]>>("/loki/api/v1/query_range", { query, start: window.start / 1000, end: window.end / 1000, step }, signal);
  const { resultType, result } = found.data;
  if (resultType === "matrix" || resultType === "vector") return result as MetricSeries[];
  return [{ metric: {}, value: result as [number, string] }];
}

export interface FoundField {
  name: string;
  origin: "label" | "metadata" | "parsed";
  parser: "" | "json" | "logfmt";
  type: string;
  lines: number;
  cardinality: number;
  values: [string, number][];
}

/** Fields of the newest lines. */
export async function fields(query: string, bounds: Bounds, signal?: AbortSignal): Promise<{ lines: number; fields: FoundField[] }> {
  return get("/api/ui/logs/fields", { query, ...bounds, lines: 1000 }, signal);
}

export interface FoundPattern {
  pattern: string;
  level: string;
  samples: [number, number][];
}

/** Patterns of the lines of a selector; the step in seconds. */
export async function patterns(selector: string, bounds: Bounds, step: number, signal?: AbortSignal): Promise<FoundPattern[]> {
  return (await get<{ data: FoundPattern[] }>("/loki/api/v1/patterns", { query: selector, ...bounds, step }, signal)).data;
}

export async function labelNames(bounds: Bounds, signal?: AbortSignal): Promise<string[]> {
  return (await get<{ data?: string[] }>("/loki/api/v1/labels", { ...bounds }, signal)).data ?? [];
}

export interface TraceReference {
  trace_id: string;
  [name: string]: unknown;
}

/** Traces that a line refers to. */
export async function tracesOfLine(entry: { labels: Labels; line: string; metadata: Labels }, signal?: AbortSignal): Promise<TraceReference[]> {
  const body = JSON.stringify(entry);
  const found = await ask<{ traces: TraceReference[] }>("/api/ui/correlate/log", { method: "POST", body, headers: { "Content-Type": "application/json" }, signal: signal ?? null });
  return found.traces;
}

export interface TailedSource {
  job: string;
  type: string;
  name: string;
  lines: number;
  error: string;
}

/** What the server itself reads lines from. */
export async function tailedSources(signal?: AbortSignal): Promise<TailedSource[]> {
  return (await get<{ sources?: TailedSource[] }>("/api/tail.json", {}, signal)).sources ?? [];
}

// Prometheus' HTTP API (prometheus.io/docs, HTTP API) as functions.
import { get } from "./api";
import type { Window } from "./time_range";

export type Labels = Record<string, string>;
/** Seconds since the epoch and the value as text, as in the API. */
export type Point = [number, string];

export interface HistogramValue {
  count: string;
  sum: string;
  buckets?: [number, string, string, string][];
}

export interface QuerySeries {
  metric: Labels;
  value?: Point;
  values?: Point[];
  histogram?: [number, HistogramValue];
  histograms?: [number, HistogramValue][];
}

export type QueryData =
  | { resultType: "matrix"; result: QuerySeries[] }
  | { resultType: "vector"; result: QuerySeries[] }
  | { resultType: "scalar"; result: Point }
  | { resultType: "string"; result: Point };

interface Envelope<T> {
  status: "success" | "error";
  data: T;
  warnings?: string[];
  infos?: string[];
}

export interface Answer<T> {
  data: T;
  warnings: string[];
  infos: string[];
}

async function ask<T>(path: string, params: Parameters<typeof get>[1], signal?: AbortSignal): Promise<Answer<T>> {
  const { data, warnings = [], infos = [] } = await get<Envelope<T>>(path, params, signal);
  return { data, warnings, infos };
}

/** A range query; times in milliseconds, the step in seconds. */
export function queryRange(query: string, window: Window, step: number, signal?: AbortSignal): Promise<Answer<QueryData>> {
  return ask("/api/v1/query_range", { query, start: window.start / 1000, end: window.end / 1000, step }, signal);
}

/** An instant query at a time in milliseconds. */
export function queryInstant(query: string, at: number, signal?: AbortSignal): Promise<Answer<QueryData>> {
  return ask("/api/v1/query", { query, time: at / 1000 }, signal);
}

const bounds = (window?: Window): { start?: number; end?: number } => (window ? { start: window.start / 1000, end: window.end / 1000 } : {});

export async function labelNames(matchers: readonly string[] = [], window?: Window, signal?: AbortSignal): Promise<string[]> {
  return (await ask<string[]>("/api/v1/labels", { "match[]": matchers, ...bounds(window), limit: 1000 }, signal)).data;
}

export async function labelValues(label: string, matchers: readonly string[] = [], window?: Window, signal?: AbortSignal): Promise<string[]> {
  return (await ask<string[]>(`/api/v1/label/${encodeURIComponent(label)}/values`, { "match[]": matchers, ...bounds(window), limit: 10_000 }, signal)).data;
}

export interface MetricFacts {
  type: string;
  help: string;
  unit: string;
}

export async function metadata(signal?: AbortSignal): Promise<Record<string, MetricFacts[]>> {
  return (await ask<Record<string, MetricFacts[]>>("/api/v1/metadata", {}, signal)).data;
}

export async function series(matchers: readonly string[], window?: Window, signal?: AbortSignal): Promise<Labels[]> {
  return (await ask<Labels[]>("/api/v1/series", { "match[]": matchers, ...bounds(window), limit: 1000 }, signal)).data;
}

/** The query, laid out. */
export async function formatQuery(query: string, signal?: AbortSignal): Promise<string> {
  return (await ask<string>("/api/v1/format_query", { query }, signal)).data;
}

/** `15m` of milliseconds as Prometheus writes durations. */
export function promDuration(ms: number): string {
  let left = Math.round(ms);
  let text = "";
  for (const [unit, size] of [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]] as const) {
    const whole = Math.floor(left / size);
    if (whole) text += `${whole}${unit}`;
    left -= whole * size;
  }
  return text || "0s";
}

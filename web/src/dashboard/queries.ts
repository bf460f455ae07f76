// Asks one query of a panel and gives its answer as frames.
import { get } from "../data/api";
import { type Answer, type QueryData, queryInstant, queryRange } from "../data/prometheus_api";
import type { Window } from "../data/time_range";
import { bucketFrame, type DataFrame, field, seriesFrames, tableFrame } from "./frames";
import type { Target } from "./types";

/** A query ready to be asked: variables replaced, step known. */
export interface Ready {
  target: Target;
  expr: string;
  legend: string;
  /** Milliseconds. */
  window: Window;
  stepMs: number;
  points: number;
}

export interface Result {
  frames: DataFrame[];
  warnings: string[];
}

/** Frames of one query. Throws ApiError. */
export async function ask(ready: Ready, signal: AbortSignal): Promise<Result> {
  const { language } = ready.target;
  if (language === "promql") return askPromql(ready, signal);
  if (language === "logql") return askLogql(ready, signal);
  if (language === "traceql") return askTraceql(ready, signal);
  return { frames: [], warnings: [] };
}

async function askPromql({ target, expr, legend, window, stepMs }: Ready, signal: AbortSignal): Promise<Result> {
  const isOnce = target.instant && !target.range;
  const step = stepMs / 1000;
  const aligned = { start: Math.floor(window.start / stepMs) * stepMs, end: Math.floor(window.end / stepMs) * stepMs };
  const answers: Answer<QueryData>[] = [];
  if (!isOnce) answers.push(await queryRange(expr, aligned, step, signal));
  if (target.instant) answers.push(await queryInstant(expr, window.end, signal));
  const frames = answers.flatMap(({ data }) => metricFrames(data, target, legend));
  return { frames, warnings: answers.flatMap(({ warnings }) => warnings) };
}

function metricFrames(data: QueryData, target: Target, legend: string): DataFrame[] {
  const { refId, format } = target;
  if (format === "table") return [tableFrame(data, refId)];
  const heat = format === "heatmap" ? bucketFrame(data, refId) : null;
  return heat ? [heat] : seriesFrames(data, { refId, legend });
}

interface LokiStream {
  stream: Record<string, string>;
  values: [string, string][];
}

type LokiData = QueryData | { resultType: "streams"; result: LokiStream[] };

async function askLogql({ target, expr, legend, window, stepMs }: Ready, signal: AbortSignal): Promise<Result> {
  const isOnce = target.instant && !target.range;
  const limit = target.limit ?? 1000;
  const common = { query: expr, limit, direction: target.direction || "backward" };
  const times = isOnce ? { time: `${window.end}000000` } : { start: `${Math.round(window.start)}000000`, end: `${Math.round(window.end)}000000`, step: stepMs / 1000 };
  const { data } = await get<{ data: LokiData }>(isOnce ? "/loki/api/v1/query" : "/loki/api/v1/query_range", { ...common, ...times }, signal);
  if (data.resultType !== "streams") return { frames: metricFrames(data, target, legend), warnings: [] };
  const rows = data.result.flatMap(({ stream, values }) => values.map(([ns, line]) => ({ ns, line, stream })));
  rows.sort((a, b) => (a.ns.length - b.ns.length || (a.ns < b.ns ? -1 : 1)) * (target.direction === "forward" ? 1 : -1));
  const shown = rows.slice(0, limit);
  const frame: DataFrame = {
    refId: target.refId,
    name: target.refId,
    kind: "logs",
    fields: [
      field("Time", "time", shown.map(({ ns }) => Number(ns.slice(0, -6)))),
      field("Line", "string", shown.map(({ line }) => line)),
      field("labels", "other", shown.map(({ stream }) => stream)),
      field("tsNs", "string", shown.map(({ ns }) => ns)),
    ],
  };
  return { frames: [frame], warnings: shown.length >= limit ? [`The first ${limit} lines are shown.`] : [] };
}

interface FoundTrace {
  traceID: string;
  rootServiceName?: string;
  rootTraceName?: string;
  startTimeUnixNano: string;
  durationMs?: number;
}

interface MetricSeries {
  labels?: { key: string; value?: Record<string, unknown> }[];
  promLabels?: string;
  samples?: { timestampMs?: string | number; value?: number }[];
}

async function askTraceql({ target, expr, legend, window, stepMs }: Ready, signal: AbortSignal): Promise<Result> {
  const times = { start: Math.floor(window.start / 1000), end: Math.ceil(window.end / 1000) };
  if (/\|\s*(rate|count_over_time|(min|max|avg|sum)_over_time|quantile_over_time|histogram_over_time|compare)\s*\(/.test(expr)) {
    const { series = [] } = await get<{ series?: MetricSeries[] }>("/api/metrics/query_range", { q: expr, ...times, step: `${Math.max(1, Math.round(stepMs / 1000))}s` }, signal);
    return { frames: series.map((one) => metricOfSpans(one, target.refId, legend)), warnings: [] };
  }
  const limit = target.limit ?? 20;
  const { traces = [] } = await get<{ traces?: FoundTrace[] }>("/api/search", { q: expr, ...times, limit }, signal);
  const frame: DataFrame = {
    refId: target.refId,
    name: target.refId,
    kind: "traces",
    fields: [
      field("Trace ID", "string", traces.map(({ traceID }) => traceID)),
      field("Start", "time", traces.map(({ startTimeUnixNano }) => Number(startTimeUnixNano.slice(0, -6)))),
      field("Service", "string", traces.map(({ rootServiceName = "" }) => rootServiceName)),
      field("Name", "string", traces.map(({ rootTraceName = "" }) => rootTraceName)),
      field("Duration", "number", traces.map(({ durationMs = 0 }) => durationMs)),
    ],
  };
  return { frames: [frame], warnings: traces.length >= limit ? [`The first ${limit} traces are shown.`] : [] };
}

function metricOfSpans({ labels = [], samples = [] }: MetricSeries, refId: string, legend: string): DataFrame {
  const metric = Object.fromEntries(labels.map(({ key, value = {} }) => [key, String(Object.values(value)[0] ?? "")]));
  const [frame] = seriesFrames({ resultType: "matrix", result: [{ metric, values: samples.map(({ timestampMs = 0, value = 0 }) => [Number(timestampMs) / 1000, String(value)]) }] }, { refId, legend });
  return frame ?? { refId, name: "", kind: "series", fields: [] };
}

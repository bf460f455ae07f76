// Answers of all engines as frames: columns of values with a name, labels and how they are shown.
import type { Labels, QueryData, QuerySeries } from "../data/prometheus_api";
import type { FieldOptions } from "./types";

export type FieldType = "time" | "number" | "string" | "boolean" | "other";

export interface Field {
  /** `Time`, `Value`, a column's name. */
  name: string;
  type: FieldType;
  labels: Labels;
  /** Times are milliseconds; null is no value. */
  values: unknown[];
  /** What people read: set where the query or an override names it. */
  displayName: string;
  /** Of the panel's field configuration; set by `configured`. */
  options?: FieldOptions;
}

export interface DataFrame {
  refId: string;
  name: string;
  /** What the rows are: points in time, rows of a table, log lines, buckets over time. */
  kind: "series" | "table" | "logs" | "traces" | "heatmap";
  fields: Field[];
}

export function rowsOf(frame: DataFrame): number {
  return frame.fields[0]?.values.length ?? 0;
}

export function timeField(frame: DataFrame): Field | undefined {
  return frame.fields.find((field) => field.type === "time");
}

export function numberFields(frame: DataFrame): Field[] {
  return frame.fields.filter((field) => field.type === "number");
}

export function field(name: string, type: FieldType, values: unknown[], labels: Labels = {}, displayName = ""): Field {
  return { name, type, values, labels, displayName };
}

export interface LegendOptions {
  refId: string;
  /** With `{{label}}`; empty and `__auto`: made from the labels. */
  legend: string;
}

/** One frame per series, points over time. A sample is a number; native histograms give their count. */
export function seriesFrames(data: QueryData, { refId, legend }: LegendOptions): DataFrame[] {
  if (data.resultType === "string") return [];
  if (data.resultType === "scalar") return [series({ metric: {}, value: data.result }, refId, legend, [])];
  const differing = differingNames(data.result.map(({ metric }) => metric));
  return data.result.map((one) => series(one, refId, legend, differing));
}

function series({ metric, value, values, histogram, histograms }: QuerySeries, refId: string, legend: string, differing: readonly string[]): DataFrame {
  const points = values ?? (value ? [value] : []);
  const counts = histograms ?? (histogram ? [histogram] : []);
  const times = points.length ? points.map(([at]) => at * 1000) : counts.map(([at]) => at * 1000);
  const numbers = points.length ? points.map(([, text]) => parseNumber(text)) : counts.map(([, found]) => parseNumber(found.count));
  const name = legendName(metric, legend, differing);
  return { refId, name, kind: "series", fields: [field("Time", "time", times), field("Value", "number", numbers, metric, name)] };
}

/** All series of an instant answer as the rows of one table: Time, a column per label, Value. */
export function tableFrame(data: QueryData, refId: string): DataFrame {
  if (data.resultType === "scalar" || data.resultType === "string") {
    const [at, text] = data.result;
    return { refId, name: refId, kind: "table", fields: [field("Time", "time", [at * 1000]), field(valueName(refId), "number", [parseNumber(text)])] };
  }
  const rows = data.result.flatMap((one) => (one.values ?? (one.value ? [one.value] : [])).map(([at, text]) => ({ metric: one.metric, at, text })));
  const names = [...new Set(data.result.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return {
    refId,
    name: refId,
    kind: "table",
    fields: [
      field("Time", "time", rows.map(({ at }) => at * 1000)),
      ...names.map((name) => field(name, "string", rows.map(({ metric }) => metric[name] ?? null))),
      field(valueName(refId), "number", rows.map(({ text }) => parseNumber(text))),
    ],
  };
}

/** As Grafana calls the values of a table's query. */
function valueName(refId: string): string {
  return `Value #${refId}`;
}

/** Series with a label `le`, cumulative, as one frame: Time and a column of counts per bucket. */
export function bucketFrame(data: QueryData, refId: string): DataFrame | null {
  if (data.resultType !== "matrix" || !data.result.length || !data.result.every(({ metric }) => "le" in metric)) return null;
  const bounds = [...new Set(data.result.map(({ metric }) => metric.le ?? ""))].sort((a, b) => parseNumber(a) - parseNumber(b));
  const times = [...new Set(data.result.flatMap(({ values = [] }) => values.map(([at]) => at)))].sort((a, b) => a - b);
  const slots = new Map(times.map((at, i) => [at, i]));
  const sums = bounds.map(() => new Array<number>(times.length).fill(0));
  for (const { metric, values = [] } of data.result) {
    const column = sums[bounds.indexOf(metric.le ?? "")] ?? [];
    for (const [at, text] of values) column[slots.get(at) ?? 0] = (column[slots.get(at) ?? 0] ?? 0) + (parseNumber(text) || 0);
  }
  const counts = sums.map((column, i) => column.map((value, row) => Math.max(0, value - (i ? (sums[i - 1]?.[row] ?? 0) : 0))));
  return {
    refId,
    name: refId,
    kind: "heatmap",
    fields: [field("Time", "time", times.map((at) => at * 1000)), ...bounds.map((le, i) => field(le, "number", counts[i] ?? [], { le }, le))],
  };
}

/** `{{label}}` replaced; without a legend the labels that tell the series apart, else the metric. */
export function legendName(metric: Labels, legend: string, differing: readonly string[] = Object.keys(metric)): string {
  if (legend && legend !== "__auto") {
    const made = legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => metric[name] ?? "");
    if (made.trim()) return made; // a name of missing labels alone is none
  }
  if (legend === "__auto" && differing.length === 1) return metric[differing[0] ?? ""] ?? "";
  const { __name__: name = "", ...labels } = metric;
  const shown = Object.entries(labels).filter(([key]) => legend !== "__auto" || differing.includes(key) || !differing.length);
  const text = shown.map(([key, value]) => `${key}="${value}"`).join(", ");
  if (!text) return name || "Value";
  return `${name}{${text}}`;
}

/** Names of the labels that are not the same in all. */
export function differingNames(metrics: readonly Labels[]): string[] {
  const names = [...new Set(metrics.flatMap((metric) => Object.keys(metric)))].sort();
  return names.filter((name) => metrics.some((metric) => metric[name] !== metrics[0]?.[name]));
}

/** A sample's text; `+Inf`, `-Inf` and `NaN` as JavaScript has them. */
export function parseNumber(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}

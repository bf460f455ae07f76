// An instant answer as rows and columns: sorted, as CSV and as Markdown. Histograms in a few words.
import type { HistogramValue, QueryData, QuerySeries } from "./prometheus_api";

export interface TableRow {
  labels: Record<string, string>;
  /** As the API writes it; a histogram in words. */
  text: string;
  /** What it is sorted by: the value, or a histogram's count. */
  value: number;
  histogram: HistogramValue | null;
}

export interface TableView {
  /** Names of labels, the metric's first. */
  columns: string[];
  rows: TableRow[];
}

export function tableOf(data: QueryData): TableView {
  if (data.resultType === "scalar" || data.resultType === "string") return { columns: [], rows: [{ labels: {}, text: data.result[1], value: Number(data.result[1]), histogram: null }] };
  const names = [...new Set(data.result.flatMap(({ metric }) => Object.keys(metric)))].sort((a, b) => Number(b === "__name__") - Number(a === "__name__") || (a < b ? -1 : 1));
  return { columns: names, rows: data.result.map(rowOf) };
}

function rowOf({ metric, value, histogram, values, histograms }: QuerySeries): TableRow {
  const held = histogram ?? histograms?.at(-1);
  if (held) return { labels: metric, text: histogramText(held[1]), value: Number(held[1].count), histogram: held[1] };
  const last = value ?? values?.at(-1);
  const more = !value && values && values.length > 1 ? ` (last of ${values.length})` : "";
  return { labels: metric, text: last ? last[1] + more : "", value: last ? Number(last[1]) : Number.NaN, histogram: null };
}

/** Count, sum and mean of a native histogram. */
export function histogramText({ count, sum }: HistogramValue): string {
  const mean = Number(sum) / Number(count);
  return `count ${count}, sum ${round(Number(sum))}${Number.isFinite(mean) ? `, mean ${round(mean)}` : ""}`;
}

const round = (value: number): string => String(Number(value.toPrecision(4)));

/** `column` is a label, or `value`; empty: as the server ordered them. */
export interface Order {
  column: string;
  isDescending: boolean;
}

export function sorted(rows: readonly TableRow[], { column, isDescending }: Order): TableRow[] {
  if (!column) return [...rows];
  const sign = isDescending ? -1 : 1;
  const texts = new Intl.Collator("en", { numeric: true });
  return [...rows].sort((a, b) => {
    if (column !== "value") return sign * texts.compare(a.labels[column] ?? "", b.labels[column] ?? "");
    // NaN is last, whichever way.
    if (Number.isNaN(a.value) || Number.isNaN(b.value)) return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
    return sign * (a.value - b.value || 0);
  });
}

/** A text that no spreadsheet takes for a formula; numbers stay. */
export function plainCell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?(?:\d[\d.]*(?:e[+-]?\d+)?|Inf(?:inity)?)$/i.test(text) ? `'${text}` : text;
}

/** RFC 4180. */
export function csv(lines: readonly (readonly (string | number | null)[])[]): string {
  return lines.map((line) => line.map(cell).join(",")).join("\r\n");
}

function cell(value: string | number | null): string {
  const text = plainCell(value === null ? "" : String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function tableCsv({ columns, rows }: TableView): string {
  return csv([[...columns, "value"], ...rows.map((row) => [...columns.map((name) => row.labels[name] ?? ""), row.text])]);
}

export function tableMarkdown({ columns, rows }: TableView, most = 100): string {
  const heads = [...columns.map((name) => (name === "__name__" ? "metric" : name)), "value"];
  const line = (cells: readonly string[]): string => `| ${cells.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  const shown = rows.slice(0, most).map((row) => line([...columns.map((name) => row.labels[name] ?? ""), row.text]));
  const rest = rows.length > most ? ["", `and ${rows.length - most} more`] : [];
  return [line(heads), line(heads.map((_, i) => (i < columns.length ? "---" : "---:"))), ...shown, ...rest].join("\n");
}

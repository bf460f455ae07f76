// Frames as CSV (RFC 4180): series side by side by their times, tables as they are.
import { plainCell } from "../data/metric_table";
import type { DataFrame } from "./frames";
import { nameOf } from "./matcher";
import { joinByField } from "./transform/join";

export function csvOf(frames: readonly DataFrame[]): string {
  const series = frames.filter(({ kind }) => kind === "series" || kind === "heatmap");
  const others = frames.filter((frame) => !series.includes(frame));
  const joined = series.length > 1 ? joinByField(series, {}, new Map()) : series;
  return [...joined, ...others].map(table).join("\r\n\r\n");
}

function table({ fields }: DataFrame): string {
  const count = fields[0]?.values.length ?? 0;
  const lines = [fields.map((field) => cell(nameOf(field)))];
  for (let row = 0; row < count; row += 1) lines.push(fields.map((field) => cell(field.type === "time" && typeof field.values[row] === "number" ? new Date(field.values[row] as number).toISOString() : field.values[row])));
  return lines.map((line) => line.join(",")).join("\r\n");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = plainCell(typeof value === "object" ? JSON.stringify(value) : String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

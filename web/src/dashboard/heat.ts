// What a heatmap shows: buckets of the answer, or values counted into buckets.
import { roundStep } from "../data/ticks";
import { seriesFields } from "./chart_model";
import { type DataFrame, numberFields, parseNumber, timeField } from "./frames";
import { nameOf } from "./matcher";
import { numberOf } from "./reduce";
import type { Panel } from "./types";

export interface Heat {
  /** Seconds. */
  times: number[];
  /** Upper edges, one per row; or edges, one more than rows. */
  bounds: number[];
  counts: number[][];
  unit: string;
}

const MOST_ROWS = 60;

export function heatOf(frames: readonly DataFrame[], panel: Panel): Heat | null {
  if (panel.options.calculate === true) return counted(frames, panel);
  const frame = frames.find(({ kind }) => kind === "heatmap");
  return frame ? ofBuckets(frame) : ofSeries(frames);
}

function ofBuckets(frame: DataFrame): Heat | null {
  const fields = numberFields(frame).filter(({ values }) => values.some((value) => numberOf(value)));
  const times = (timeField(frame)?.values ?? []).map((at) => Number(at) / 1000);
  if (!fields.length || !times.length) return null;
  const all = numberFields(frame);
  // Buckets between the first and the last that hold anything.
  const from = all.findIndex((field) => fields.includes(field));
  const until = all.findLastIndex((field) => fields.includes(field));
  const kept = all.slice(from, until + 1);
  const before = from > 0 ? [edge(all[from - 1]?.labels.le ?? "")] : [];
  return { times, bounds: [...before, ...kept.map(({ labels, name }) => edge(labels.le ?? name))], counts: kept.map(({ values }) => values.map((value) => numberOf(value) ?? 0)), unit: kept[0]?.options?.unit ?? "" };
}

const edge = (text: string): number => parseNumber(text);

/** Series by name are rows: those with numbers for names in their order. */
function ofSeries(frames: readonly DataFrame[]): Heat | null {
  const given = seriesFields(frames);
  if (!given.length) return null;
  const numbered = given.map((one) => ({ ...one, edge: Number(nameOf(one.field).replace("+Inf", "Infinity")) }));
  if (numbered.some((one) => Number.isNaN(one.edge))) return counted(frames, null);
  numbered.sort((a, b) => a.edge - b.edge);
  const times = [...new Set(numbered.flatMap((one) => one.times))].sort((a, b) => a - b);
  const slots = new Map(times.map((at, i) => [at, i]));
  const counts = numbered.map(({ field, times: own }) => {
    const row = new Array<number>(times.length).fill(0);
    own.forEach((at, i) => (row[slots.get(at) ?? 0] = numberOf(field.values[i]) ?? 0));
    return row;
  });
  return { times: times.map((at) => at / 1000), bounds: numbered.map((one) => one.edge), counts, unit: numbered[0]?.field.options?.unit ?? "" };
}

/** Values of all series counted: so many columns over time, rows of one round size. */
function counted(frames: readonly DataFrame[], panel: Panel | null): Heat | null {
  const points = seriesFields(frames).flatMap(({ field, times }) => times.flatMap((at, i) => {
    const value = numberOf(field.values[i]);
    return value === null || !Number.isFinite(value) ? [] : [{ at, value }];
  }));
  if (!points.length) return null;
  const calculation = (panel?.options.calculation ?? {}) as { xBuckets?: { mode?: string; value?: string }; yBuckets?: { mode?: string; value?: string } };
  const [start, end, low, high] = points.reduce(([a, b, c, d], { at, value }) => [Math.min(a, at), Math.max(b, at), Math.min(c, value), Math.max(d, value)], [Infinity, -Infinity, Infinity, -Infinity]);
  const columns = calculation.xBuckets?.mode === "count" ? Math.max(1, Math.min(500, Number(calculation.xBuckets.value) || 60)) : 60;
  const width = Math.max(1000, (end - start) / columns);
  const asked = Number(calculation.yBuckets?.value);
  const size = calculation.yBuckets?.mode === "size" && asked > 0 && (high - low) / asked <= MOST_ROWS ? asked : roundStep((high - low || Math.abs(high) || 1) / (calculation.yBuckets?.mode === "count" && asked > 0 ? Math.min(MOST_ROWS, asked) : 20), "");
  const first = Math.floor(low / size);
  const rows = Math.min(MOST_ROWS + 1, Math.floor(high / size) - first + 1);
  const times = Array.from({ length: Math.floor((end - start) / width) + 1 }, (_, i) => (start + i * width) / 1000);
  const counts = Array.from({ length: rows }, () => new Array<number>(times.length).fill(0));
  for (const { at, value } of points) {
    const row = counts[Math.min(rows - 1, Math.floor(value / size) - first)];
    const column = Math.min(times.length - 1, Math.floor((at - start) / width));
    if (row) row[column] = (row[column] ?? 0) + 1;
  }
  return { times, bounds: Array.from({ length: rows + 1 }, (_, i) => Number(((first + i) * size).toPrecision(12))), counts, unit: seriesFields(frames)[0]?.field.options?.unit ?? "" };
}

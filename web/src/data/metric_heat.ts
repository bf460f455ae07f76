// Histograms over time as cells: classic ones by their label le, native ones by their buckets.
import type { QuerySeries } from "./prometheus_api";

export interface Heat {
  /** Seconds. */
  times: number[];
  /** Edges, one more than rows. */
  bounds: number[];
  counts: Float64Array[];
}

/** Rows of a picture; finer buckets of native histograms are put together. */
const MOST_ROWS = 64;

/** Null when the answer has no buckets. `times` are the steps of the query, in seconds. */
export function heatOf(result: readonly QuerySeries[], times: readonly number[]): Heat | null {
  if (result.some(({ histograms }) => histograms?.length)) return ofNative(result, times);
  return ofClassic(result.filter(({ metric }) => metric.le !== undefined), times);
}

function slotOf(times: readonly number[]): (at: number) => number {
  const [first = 0, second = first + 1] = times;
  return (at) => Math.round((at - first) / (second - first));
}

function ofClassic(result: readonly QuerySeries[], times: readonly number[]): Heat | null {
  if (!result.length || !times.length) return null;
  const slot = slotOf(times);
  const upTo = new Map<number, Float64Array>();
  for (const { metric, values = [] } of result) {
    const edge = Number((metric.le ?? "").replace("+Inf", "Infinity"));
    if (Number.isNaN(edge)) continue;
    const row = upTo.get(edge) ?? new Float64Array(times.length);
    upTo.set(edge, row);
    for (const [at, text] of values) {
      const i = slot(at);
      const value = Number(text);
      if (i >= 0 && i < times.length && Number.isFinite(value)) row[i] = (row[i] ?? 0) + value;
    }
  }
  const edges = [...upTo.keys()].sort((a, b) => a - b);
  // Buckets of a classic histogram hold all that is smaller, too.
  const counts = edges.map((edge, i) => {
    const own = upTo.get(edge) ?? new Float64Array();
    const below = upTo.get(edges[i - 1] ?? Number.NaN);
    return below ? own.map((value, k) => Math.max(0, value - (below[k] ?? 0))) : own;
  });
  return trimmed({ times: [...times], bounds: [Math.min(0, edges[0] ?? 0), ...edges], counts });
}

function ofNative(result: readonly QuerySeries[], times: readonly number[]): Heat | null {
  const slot = slotOf(times);
  const edges = new Set<number>();
  for (const { histograms = [] } of result) for (const [, { buckets = [] }] of histograms) for (const [, low, high] of buckets) edges.add(Number(low)).add(Number(high));
  let bounds = [...edges].filter((edge) => !Number.isNaN(edge)).sort((a, b) => a - b);
  if (bounds.length < 2) return null;
  const every = Math.ceil((bounds.length - 1) / MOST_ROWS);
  const last = bounds.at(-1) ?? 0;
  bounds = bounds.filter((_, i) => i % every === 0);
  if (bounds.at(-1) !== last) bounds.push(last);
  const counts = bounds.slice(1).map(() => new Float64Array(times.length));
  for (const { histograms = [] } of result) {
    for (const [at, { buckets = [] }] of histograms) {
      const i = slot(at);
      if (i < 0 || i >= times.length) continue;
      for (const [, low, high, count] of buckets) {
        const row = counts[rowAt(bounds, (Number(low) + Number(high)) / 2)];
        if (row) row[i] = (row[i] ?? 0) + Number(count);
      }
    }
  }
  return { times: [...times], bounds, counts };
}

/** The last bound that is not above the value. */
function rowAt(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((bounds[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return Math.min(low, bounds.length - 2);
}

/** Without empty rows at either end. */
function trimmed({ times, bounds, counts }: Heat): Heat | null {
  const isUsed = (row: Float64Array): boolean => row.some((count) => count > 0);
  const first = counts.findIndex(isUsed);
  if (first < 0) return null;
  const last = counts.findLastIndex(isUsed);
  return { times, bounds: bounds.slice(first, last + 2), counts: counts.slice(first, last + 1) };
}

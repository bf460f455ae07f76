// Values counted by buckets of one size.
import { roundStep } from "../data/ticks";

export interface HistogramSeries {
  name: string;
  /** One per bucket. */
  counts: readonly number[];
  color?: string;
}

/** Sorts values into buckets of one round size, about `most` of them. */
export function bucketed(series: readonly { name: string; values: ArrayLike<number | null>; color?: string }[], { most = 30, size, offset = 0, unit = "" }: { most?: number; size?: number; offset?: number; unit?: string } = {}): { bounds: number[]; series: HistogramSeries[] } {
  let [low, high] = [Infinity, -Infinity];
  const each = (values: ArrayLike<number | null>, use: (value: number) => void): void => {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      if (value !== null && value !== undefined && Number.isFinite(value)) use(value);
    }
  };
  for (const { values } of series) each(values, (value) => ([low, high] = [Math.min(low, value), Math.max(high, value)]));
  if (low > high) return { bounds: [], series: [] };
  const step = size && size > 0 ? size : roundStep((high - low || Math.abs(high) || 1) / most, unit);
  const first = Math.floor((low - offset) / step);
  const count = Math.min(1000, Math.floor((high - offset) / step) - first + 1);
  const bounds = Array.from({ length: count + 1 }, (_, i) => Number((offset + (first + i) * step).toPrecision(12)));
  return {
    bounds,
    series: series.map(({ name, values, color }) => {
      const counts = new Array<number>(count).fill(0);
      each(values, (value) => {
        const bucket = Math.min(count - 1, Math.floor((value - offset) / step + 1e-9) - first);
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      });
      return { name, counts, ...(color ? { color } : {}) };
    }),
  };
}

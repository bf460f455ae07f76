// Range query answers as columns for drawing.

/** One series of a Prometheus matrix. */
export interface MatrixSeries {
  metric: Record<string, string>;
  values: [number, string][];
}

export interface Column {
  /** The labels that differ between the series drawn together. */
  name: string;
  labels: Record<string, string>;
  /** One per step; null where there is no sample. */
  values: (number | null)[];
}

export interface Frame {
  /** Seconds since the Unix epoch, ascending, one per step. */
  times: number[];
  columns: Column[];
  /** Names of the labels that tell the series apart. */
  keys: string[];
  /** Series in the answer; more than columns when some were left out. */
  total: number;
}

export interface Steps {
  /** Seconds; both ends included. */
  start: number;
  end: number;
  step: number;
}

/** Puts series onto the grid of steps. Samples off the grid go to the nearest step. */
export function align(matrix: readonly MatrixSeries[], steps: Steps): Frame {
  const length = Math.floor((steps.end - steps.start) / steps.step + 1e-6) + 1;
  const times = Array.from({ length }, (_, i) => steps.start + i * steps.step);
  const names = distinctNames(matrix.map((series) => series.metric));
  const columns = matrix.map((series, index) => {
    const values = new Array<number | null>(length).fill(null);
    for (const [at, text] of series.values) {
      const slot = Math.round((at - steps.start) / steps.step);
      if (slot >= 0 && slot < length) values[slot] = parseValue(text);
    }
    return { name: names[index] ?? "", labels: series.metric, values };
  });
  return { times, columns, keys: differingKeys(matrix.map((series) => series.metric)), total: matrix.length };
}

/** A sample value; NaN and infinities cannot be drawn and are gaps. */
export function parseValue(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Labels that are not the same everywhere, sorted. */
export function differingKeys(metrics: readonly Record<string, string>[]): string[] {
  const keys = [...new Set(metrics.flatMap((metric) => Object.keys(metric)))].sort();
  return keys.filter((key) => metrics.some((metric) => metric[key] !== metrics[0]?.[key]));
}

/** Up to this many labels, a series is named by its values alone; their names head the list. */
export const FEW_KEYS = 4;

/** What tells series apart: values of few labels, `a="1", b="2"` of many. */
export function distinctNames(metrics: readonly Record<string, string>[]): string[] {
  const keys = [...new Set(metrics.flatMap((metric) => Object.keys(metric)))].sort();
  const differing = differingKeys(metrics);
  return metrics.map((metric) => {
    if (differing.length && differing.length <= FEW_KEYS) return differing.map((key) => metric[key] || "–").join(" · ");
    const parts = differing.filter((key) => metric[key]).map((key) => `${key}="${metric[key]}"`);
    if (parts.length) return parts.join(", ");
    const telling = keys.filter((key) => key !== "__name__" && metric[key]);
    if (differing.length || !telling.length) return metric.__name__ ?? "{}";
    return telling.map((key) => `${key}="${metric[key]}"`).join(", ");
  });
}

/**
 * Per-second increase of counters over a sliding window; a fall counts as a restart from zero.
 *
 * Within a series' first window the time counts only up to its latest change, so that the steps
 * between two scrapes do not make the rate go up and down. A caller asks for `window` steps more
 * than it shows and cuts them off.
 */
export function perSecond(frame: Frame, window: number): Frame {
  const columns = frame.columns.map((column) => ({ ...column, values: increases(frame.times, column.values, window) }));
  return { ...frame, columns };
}

function increases(times: readonly number[], values: readonly (number | null)[], window: number): (number | null)[] {
  // grown[i]: sum of all increases up to step i, so that any window is one subtraction.
  const grown = new Array<number>(values.length).fill(0);
  let sum = 0;
  let last: number | null = null;
  values.forEach((value, i) => {
    if (value !== null && last !== null) sum += value >= last ? value - last : value;
    if (value !== null) last = value;
    grown[i] = sum;
  });
  const over = (from: number, to: number): number => ((grown[to] ?? 0) - (grown[from] ?? 0)) / ((times[to] ?? 0) - (times[from] ?? 0));
  let begin: number | null = null;
  let changed = 0;
  return values.map((value, i) => {
    if (value === null) {
      begin = null;
      return null;
    }
    if (begin === null) {
      begin = changed = i;
      return null;
    }
    if (value !== values[i - 1]) changed = i;
    if (i - window >= begin) return over(i - window, i);
    if (changed > begin) return over(begin, changed);
    return i - begin >= window / 3 ? 0 : null;
  });
}

/** Drops the first `count` steps. */
export function cut(frame: Frame, count: number): Frame {
  const columns = frame.columns.map((column) => ({ ...column, values: column.values.slice(count) }));
  return { ...frame, times: frame.times.slice(count), columns };
}

/** The columns with the largest latest values, at most `most`; the order of names is kept. */
export function largest(frame: Frame, most: number): Frame {
  const chosen = [...frame.columns]
    .sort((a, b) => (latest(b.values) ?? -Infinity) - (latest(a.values) ?? -Infinity))
    .slice(0, most)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { ...frame, columns: chosen };
}

/** The last value there is. */
export function latest(values: readonly (number | null)[]): number | null {
  for (let i = values.length - 1; i >= 0; i -= 1) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

// What a series comes to: its last, least, largest value and the like.

export type Calc = "last" | "min" | "max" | "mean" | "sum" | "first" | "diff" | "delta" | "range" | "count";

export const CALC_NAMES: Record<Calc, string> = { last: "Last", min: "Min", max: "Max", mean: "Mean", sum: "Sum", first: "First", diff: "Difference", delta: "Delta", range: "Range", count: "Count" };

type Values = ArrayLike<number | null>;

/** Calculates over the values there are; null when there are none. */
export function calc(values: Values, what: Calc): number | null {
  if (what === "last") return edge(values, -1);
  if (what === "first") return edge(values, 1);
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  let growth = 0;
  let before: number | null = null;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    count += 1;
    sum += value;
    // As a counter grows: what is less than before began anew.
    if (before !== null) growth += value >= before ? value - before : value;
    before = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (what === "count") return count;
  if (!count) return null;
  switch (what) {
    case "min":
      return min;
    case "max":
      return max;
    case "mean":
      return sum / count;
    case "sum":
      return sum;
    case "range":
      return max - min;
    case "delta":
      return growth;
    default:
      return (edge(values, -1) ?? 0) - (edge(values, 1) ?? 0);
  }
}

/** The first value from one side. */
function edge(values: Values, direction: 1 | -1): number | null {
  for (let i = direction > 0 ? 0 : values.length - 1; i >= 0 && i < values.length; i += direction) {
    const value = values[i];
    if (value !== null && value !== undefined && !Number.isNaN(value)) return value;
  }
  return null;
}

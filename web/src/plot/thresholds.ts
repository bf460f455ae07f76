// Colours by value: steps as Grafana has them, the highest one at or below the value holds.
import type { Threshold } from "./model";

export type Step = Pick<Threshold, "value" | "color">;

/** The colour of a value; the first step holds below all others. */
export function colorFor(value: number | null, steps: readonly Step[] | undefined, otherwise = "series-0"): string {
  if (!steps?.length) return otherwise;
  const sorted = [...steps].sort((a, b) => a.value - b.value);
  const found = value === null || Number.isNaN(value) ? undefined : sorted.findLast((step) => value >= step.value);
  return (found ?? sorted[0])?.color ?? otherwise;
}

/** The steps as ranges between two values, those outside left out. */
export function ranges(steps: readonly Step[], min: number, max: number): { from: number; to: number; color: string }[] {
  const sorted = [...steps].sort((a, b) => a.value - b.value);
  return sorted
    .map(({ value, color }, i) => ({ from: i === 0 ? min : Math.max(min, value), to: Math.min(max, sorted[i + 1]?.value ?? max), color }))
    .filter(({ from, to }) => to > from);
}

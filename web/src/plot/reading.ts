// What the tooltip says about one time: the series with a value there, largest first.
import type { Line } from "./model";

export interface Row {
  /** Index of the line. */
  line: number;
  value: number;
}

export interface Reading {
  rows: Row[];
  /** Place in `rows` of the one nearest to the pointer; -1 without rows. */
  nearest: number;
  /** Rows left out. */
  more: number;
}

/** More cannot be read in passing. */
export const MOST_ROWS = 20;

/**
 * Reads the values at a step.
 *
 * `distance` says how far a line is drawn from the pointer there, in pixels; null where it is not drawn.
 * The nearest row stays in even if others are larger.
 */
export function readAt(lines: readonly Line[], index: number, { isHidden, distance, mode }: { isHidden: (key: string) => boolean; distance: (line: number) => number | null; mode: "single" | "all" }): Reading {
  const rows: Row[] = [];
  let nearest = -1;
  let least = Infinity;
  lines.forEach(({ series, key }, line) => {
    const value = series.values[index];
    if (value === null || value === undefined || Number.isNaN(value) || isHidden(key)) return;
    rows.push({ line, value });
    const far = distance(line);
    if (far !== null && far < least) {
      least = far;
      nearest = line;
    }
  });
  if (mode === "single") {
    const only = rows.filter((row) => row.line === nearest);
    return { rows: only, nearest: only.length - 1, more: 0 };
  }
  rows.sort((a, b) => b.value - a.value || a.line - b.line);
  const shown = rows.slice(0, MOST_ROWS);
  const chosen = rows.find((row) => row.line === nearest);
  if (chosen && !shown.includes(chosen)) shown[shown.length - 1] = chosen;
  return { rows: shown, nearest: shown.findIndex((row) => row.line === nearest), more: rows.length - shown.length };
}

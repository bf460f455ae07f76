// The columns that are drawn: gaps for what cannot be drawn, stacks summed up, shares, values turned down.
import type { Line } from "./model";

export type Column = (number | null)[];

export interface Columns {
  /** One per line, in the same order; null is a gap. */
  drawn: Column[];
  /** For each line the line below it in its stack; null where it stands on the axis. */
  below: (number | null)[];
}

/** Prepares the values of lines. Lines that are hidden add nothing to their stack. `log` drops what is not above zero. */
export function columnsOf(lines: readonly Line[], isHidden: (key: string) => boolean, log = false): Columns {
  const drawn = lines.map((line) => drawable(line, log));
  const below = lines.map((): number | null => null);
  const groups = new Map<string, number[]>();
  lines.forEach(({ style, axis, key }, i) => {
    if (style.stack === false || isHidden(key)) return;
    const group = JSON.stringify([style.stack, axis, style.draw === "bars", (drawn[i] ?? []).every((value) => value === null || value <= 0)]);
    groups.set(group, [...(groups.get(group) ?? []), i]);
  });
  for (const members of groups.values()) {
    if (members.some((i) => lines[i]?.style.percent)) toShares(members.map((i) => drawn[i] ?? []));
    members.forEach((i, place) => {
      const lower = members[place - 1];
      if (lower === undefined) return;
      below[i] = lower;
    });
    sumUp(members.map((i) => drawn[i] ?? []));
  }
  return { drawn, below };
}

/** A copy that the chart may change: NaN and infinities are gaps. */
function drawable({ series: { values }, style }: Line, log: boolean): Column {
  const sign = style.negativeY ? -1 : 1;
  const column = new Array<number | null>(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    column[i] = value === null || value === undefined || !Number.isFinite(value) || (log && value <= 0) ? null : value * sign;
  }
  return column;
}

/** Adds each column to those before it. A gap of one is a gap only where all have none. */
function sumUp(columns: Column[]): void {
  const length = columns[0]?.length ?? 0;
  for (let i = 0; i < length; i += 1) {
    if (columns.every((column) => (column[i] ?? null) === null)) continue;
    let sum = 0;
    for (const column of columns) {
      sum += column[i] ?? 0;
      column[i] = sum;
    }
  }
}

function toShares(columns: Column[]): void {
  const length = columns[0]?.length ?? 0;
  for (let i = 0; i < length; i += 1) {
    let sum = 0;
    for (const column of columns) sum += Math.abs(column[i] ?? 0);
    for (const column of columns) {
      const value = column[i] ?? null;
      if (value !== null) column[i] = sum ? value / sum : 0;
    }
  }
}

/** Steps whose neighbours are gaps: no line reaches them, so that they need a dot. */
export function lonely(column: ArrayLike<number | null | undefined>, spanNulls: boolean): number[] {
  const found: number[] = [];
  let count = 0;
  for (let i = 0; i < column.length; i += 1) {
    if ((column[i] ?? null) === null) continue;
    count += 1;
    if ((column[i - 1] ?? null) === null && (column[i + 1] ?? null) === null) found.push(i);
  }
  return spanNulls && count > 1 ? [] : found;
}

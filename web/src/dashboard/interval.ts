// The step of a query, as Grafana chooses it: by the width of the panel, rounded, not below the least.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Upper limit (exclusive) of a raw interval, and what it is rounded to; milliseconds. */
const ROUNDED: readonly (readonly [number, number])[] = [
  [10, 1], [15, 10], [35, 20], [75, 50], [150, 100], [350, 200], [750, 500],
  [1.5 * SECOND, SECOND], [3.5 * SECOND, 2 * SECOND], [7.5 * SECOND, 5 * SECOND], [12.5 * SECOND, 10 * SECOND], [17.5 * SECOND, 15 * SECOND],
  [25 * SECOND, 20 * SECOND], [45 * SECOND, 30 * SECOND], [1.5 * MINUTE, MINUTE], [3.5 * MINUTE, 2 * MINUTE], [7.5 * MINUTE, 5 * MINUTE],
  [12.5 * MINUTE, 10 * MINUTE], [17.5 * MINUTE, 15 * MINUTE], [25 * MINUTE, 20 * MINUTE], [45 * MINUTE, 30 * MINUTE], [1.5 * HOUR, HOUR],
  [2.5 * HOUR, 2 * HOUR], [4.5 * HOUR, 3 * HOUR], [9 * HOUR, 6 * HOUR], [DAY, 12 * HOUR], [7 * DAY, DAY], [28 * DAY, 7 * DAY], [365 * DAY, 30 * DAY],
];

/** A round interval in milliseconds. */
export function roundInterval(ms: number): number {
  return ROUNDED.find(([limit]) => ms < limit)?.[1] ?? 365 * DAY;
}

/** The step of a query in milliseconds. */
export function stepOf(spanMs: number, points: number, leastMs: number, factor = 1): number {
  const step = Math.max(roundInterval(spanMs / Math.max(1, points)), leastMs) * factor;
  // No server is asked for more than 11,000 points of a series.
  return Math.max(step, Math.ceil(spanMs / 11_000 / SECOND) * SECOND, SECOND);
}

const UNITS: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, M: 30 * DAY, y: 365 * DAY };

/** `15s`, `>15s`, `1m30s`, `90` (seconds) in milliseconds; null when it is none. */
export function parseInterval(text: string): number | null {
  const trimmed = text.trim().replace(/^>=?\s*/, "");
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * SECOND;
  if (!/^(\d+(\.\d+)?(ms|[smhdwMy]))+$/.test(trimmed)) return null;
  return [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwMy])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
}

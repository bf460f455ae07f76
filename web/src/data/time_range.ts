// Times as people write them: `now-3h`, `now/d`, epoch milliseconds, ISO 8601. Same words as Grafana.

export interface Range {
  /** As written: `now-1h`, `1700000000000`, `2026-01-31 12:00`. */
  from: string;
  to: string;
}

/** Milliseconds since the epoch. */
export interface Window {
  start: number;
  end: number;
}

export type Zone = "local" | "utc";

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Windows that one click chooses. */
export const QUICK: readonly [string, string][] = [
  ["5m", "5 minutes"],
  ["15m", "15 minutes"],
  ["1h", "1 hour"],
  ["6h", "6 hours"],
  ["24h", "24 hours"],
  ["7d", "7 days"],
];

/** A time in milliseconds; null when the text is none. `isEnd` rounds `now/d` up. */
export function parseTime(text: string, now: number, { isEnd = false, zone = "local" as Zone } = {}): number | null {
  const trimmed = text.trim();
  if (/^\d{13,}$/.test(trimmed)) return Number(trimmed.slice(0, 13));
  if (/^\d{9,12}(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
  if (trimmed.startsWith("now")) return relative(trimmed.slice(3), now, isEnd, zone);
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(trimmed);
  if (!match) return null;
  if (match[8]) {
    const at = Date.parse(trimmed.replace(" ", "T"));
    return Number.isNaN(at) ? null : at;
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const millis = Math.round(Number(match[7] ?? 0) * 1000);
  return zone === "utc" ? Date.UTC(year, month - 1, day, hour, minute, second, millis) : new Date(year, month - 1, day, hour, minute, second, millis).getTime();
}

function relative(text: string, now: number, isEnd: boolean, zone: Zone): number | null {
  let at = now;
  let rest = text;
  while (rest) {
    const step = /^([+-])(\d*)([smhdwMyQ])/.exec(rest);
    const round = /^\/([smhdwMy])/.exec(rest);
    if (step) {
      at = shift(at, (step[1] === "-" ? -1 : 1) * Number(step[2] || 1), step[3] ?? "", zone);
      rest = rest.slice(step[0].length);
    } else if (round) {
      at = floor(at, round[1] ?? "", zone);
      if (isEnd) at = shift(at, 1, round[1] ?? "", zone) - 1;
      rest = rest.slice(round[0].length);
    } else return null;
  }
  return at;
}

function shift(at: number, count: number, unit: string, zone: Zone): number {
  const size = UNITS[unit];
  if (size && !"dw".includes(unit)) return at + count * size;
  const date = new Date(at);
  const [day, month] = { d: [count, 0], w: [7 * count, 0], M: [0, count], Q: [0, 3 * count], y: [0, 12 * count] }[unit] ?? [0, 0];
  if (zone === "utc") {
    date.setUTCMonth(date.getUTCMonth() + (month ?? 0));
    date.setUTCDate(date.getUTCDate() + (day ?? 0));
  } else {
    date.setMonth(date.getMonth() + (month ?? 0));
    date.setDate(date.getDate() + (day ?? 0));
  }
  return date.getTime();
}

function floor(at: number, unit: string, zone: Zone): number {
  const offset = zone === "utc" ? 0 : new Date(at).getTimezoneOffset() * 60_000;
  const date = new Date(at - offset); // its UTC fields are the zone's
  if (unit === "s") date.setUTCMilliseconds(0);
  else if (unit === "m") date.setUTCSeconds(0, 0);
  else if (unit === "h") date.setUTCMinutes(0, 0, 0);
  else date.setUTCHours(0, 0, 0, 0);
  if (unit === "w") date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (unit === "M" || unit === "y") date.setUTCDate(1);
  if (unit === "y") date.setUTCMonth(0);
  return zone === "utc" ? date.getTime() : new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()).getTime();
}

/** The window of a range; null when a side makes no sense or the start is not before the end. */
export function windowOf(range: Range, now: number, zone: Zone = "local"): Window | null {
  const start = parseTime(range.from, now, { zone });
  const end = parseTime(range.to, now, { zone, isEnd: true });
  return start === null || end === null || start >= end ? null : { start, end };
}

/** Whether a range moves with the present. */
export function isRelative(range: Range): boolean {
  return range.from.startsWith("now") || range.to.startsWith("now");
}

/** What people type into the picker: `3h`, `now-3h`, `now-7d to now-1d`, `2026-01-31 12:00 to 13:00`. */
export function parseRangeText(text: string, now: number, zone: Zone): Range | null {
  const trimmed = text.trim();
  const short = /^(?:last\s+)?(\d+)\s*([smhdwMy])$/.exec(trimmed);
  const [left = "", right = "now"] = short ? [`now-${short[1]}${short[2]}`] : trimmed.split(/\s+(?:to|until|–|-)\s+|\s*\.\.\.?\s*/);
  const to = /^\d\d:\d\d(:\d\d)?$/.test(right) ? `${left.slice(0, 10)} ${right}` : right;
  const asked = { from: left, to };
  const found = windowOf(asked, now, zone);
  if (!found) return null;
  return { from: left.startsWith("now") ? left : String(found.start), to: to.startsWith("now") ? to : String(found.end) };
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-01-31 12:00:05` in a zone; without seconds when they are zero. */
export function printTime(ms: number, zone: Zone): string {
  const at = new Date(ms);
  const [y, mo, d, h, m, s] =
    zone === "utc"
      ? [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()]
      : [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()];
  return `${y}-${two(mo)}-${two(d)} ${two(h)}:${two(m)}${s ? `:${two(s)}` : ""}`;
}

/** A range in words: `Last 1 hour`, `2026-01-31 12:00 to 13:00`. */
export function describe(range: Range, now: number, zone: Zone): string {
  if (range.to === "now") {
    const quick = QUICK.find(([name]) => range.from === `now-${name}`);
    if (quick) return `Last ${quick[1]}`;
    const other = /^now-(\d+)([smhdwMy])$/.exec(range.from);
    if (other) return `Last ${other[1]} ${{ s: "seconds", m: "minutes", h: "hours", d: "days", w: "weeks", M: "months", y: "years" }[other[2] ?? "s"]}`;
  }
  const found = windowOf(range, now, zone);
  if (!found || range.from.startsWith("now")) return `${range.from} to ${range.to}`;
  const from = printTime(found.start, zone);
  if (range.to.startsWith("now")) return `${from} to ${range.to}`;
  const to = printTime(found.end, zone);
  return `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to}`;
}

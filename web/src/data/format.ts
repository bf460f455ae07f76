// Numbers as people read them. `appliance/ui/format.py` says the same in server-rendered pages;
// format.cases.json holds for both.

/** Three significant digits at most, without trailing zeros. */
function short(value: number): string {
  const magnitude = Math.abs(value);
  const digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Scales by `base` until three digits are left; rounding may lift it one unit further. */
function scaled(value: number, base: number, units: readonly string[]): [string, string] {
  let unit = 0;
  let left = value;
  while (unit < units.length - 1 && (Math.abs(left) >= base || Number(short(left)) >= base)) {
    left /= base;
    unit += 1;
  }
  return [short(left), units[unit] ?? ""];
}

/** A count: exact below 10,000, then with k, M, G, T. */
export function count(value: number): string {
  if (Math.abs(value) < 1000) return short(value);
  if (Math.abs(value) < 10_000) return grouped(value);
  return scaled(value, 1000, ["", "k", "M", "G", "T"]).join("");
}

/** Bytes in binary units. */
export function bytes(value: number): string {
  if (value >= 1000 && value < 1024) return `${grouped(value)} B`;
  return scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]).join(" ");
}

/** A span of time given in nanoseconds. */
export function duration(ns: number): string {
  if (ns === 0) return "0 ms";
  if (ns < 999_500) return `${short(ns / 1e3)} µs`;
  if (ns < 999_500_000) return `${short(ns / 1e6)} ms`;
  const seconds = ns / 1e9;
  if (seconds < 60) return `${short(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(Math.floor(whole / 60), "m", whole % 60, "s");
  return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "m");
}

function pair(large: number, unit: string, small: number, less: string): string {
  return small ? `${large} ${unit} ${small} ${less}` : `${large} ${unit}`;
}

/** How long ago, given in milliseconds. */
export function ago(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Items per second. */
export function rate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.01) return "<0.01";
  return count(perSecond);
}

/** Hours, minutes, seconds and milliseconds of the browser's time zone. */
export function clock(ms: number, withMillis = true): string {
  const at = new Date(ms);
  const two = (part: number): string => String(part).padStart(2, "0");
  const text = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return withMillis ? `${text}.${String(at.getMilliseconds()).padStart(3, "0")}` : text;
}

/** Milliseconds of a nanosecond time that came as a string, as it exceeds a double's integers. */
export function nsToMs(ns: string): number {
  return Number(ns.length > 6 ? ns.slice(0, -6) : 0);
}

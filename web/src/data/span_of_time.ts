// Spans of time, in seconds, written out: "2 hours, 5 minutes", "02:05:00", "02h:05m:00s".

const WORDS: readonly [number, string][] = [[31_536_000, "year"], [2_628_000, "month"], [604_800, "week"], [86_400, "day"], [3600, "hour"], [60, "minute"], [1, "second"], [0.001, "millisecond"]];

/** In words, beginning with the largest unit that fits; `more` parts follow it. */
export function inWords(seconds: number, more: number): string {
  if (seconds === 0) return "0 seconds";
  const found: string[] = [];
  let left = seconds;
  for (const [size, word] of WORDS) {
    const whole = Math.floor(left / size + 1e-9);
    if (!whole && !found.length) continue;
    if (whole) found.push(`${whole} ${word}${whole === 1 ? "" : "s"}`);
    left -= whole * size;
    if (found.length > more || left < 1e-9) break;
  }
  return found.length ? found.join(", ") : `${Number((seconds * 1000).toPrecision(3))} milliseconds`;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** `HH:MM:SS`, days before it if asked for. */
export function withColons(seconds: number, withDays: boolean): string {
  const whole = Math.round(Math.abs(seconds));
  const days = withDays ? Math.floor(whole / 86_400) : 0;
  const left = whole - days * 86_400;
  const text = `${two(Math.floor(left / 3600))}:${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
  return (seconds < 0 ? "−" : "") + (withDays ? `${days} d ${text}` : text);
}

/** `02h:05m:00s`; `more` parts follow the first, all of them when it is not given. */
export function clockParts(seconds: number, more?: number): string {
  const ms = Math.round(Math.abs(seconds) * 1000);
  const all: [number, string][] = [[Math.floor(ms / 3_600_000), "h"], [Math.floor((ms % 3_600_000) / 60_000), "m"], [Math.floor((ms % 60_000) / 1000), "s"], [ms % 1000, "ms"]];
  const first = Math.max(0, all.findIndex(([value]) => value > 0));
  const start = ms === 0 ? 2 : first;
  const shown = all.slice(start, more === undefined ? undefined : start + 1 + more);
  const text = shown.map(([value, unit]) => `${unit === "ms" ? String(value).padStart(3, "0") : two(value)}${unit}`).join(":");
  return (seconds < 0 ? "−" : "") + text;
}

// The unit of a metric from its name, after Prometheus' naming rules; axis ticks in that unit.
import { bytes, count, duration } from "./format";

export type Unit = "none" | "bytes" | "seconds" | "ratio";

/** A suffix that says the metric only grows; `_total` alone is not proof, see `isCounter`. */
const COUNTER = /_(total|count|sum|bucket)$/;

/** Whether values look like a counter's: its name says so and falls are rare (restarts). */
export function isCounter(name: string, rows: readonly (readonly (number | null)[])[]): boolean {
  if (!COUNTER.test(name)) return false;
  let steps = 0;
  let falls = 0;
  for (const row of rows) {
    let last: number | null = null;
    for (const value of row) {
      if (value === null) continue;
      if (last !== null && value !== last) {
        steps += 1;
        if (value < last) falls += 1;
      }
      last = value;
    }
  }
  return falls <= steps * 0.05 || falls <= 1;
}

/** Unit of a metric's value. */
export function unitOf(name: string): Unit {
  const stem = name.replace(/_(total|sum)$/, "");
  if (/[_.]bytes$/.test(stem)) return "bytes";
  if (/[_.]seconds$/.test(stem)) return "seconds";
  if (/[_.]ratio$/.test(stem)) return "ratio";
  return "none";
}

/** A value in its unit; a rate gets "/s". */
export function inUnit(value: number, unit: Unit, isRate = false): string {
  const per = isRate ? "/s" : "";
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  switch (unit) {
    case "bytes":
      return sign + bytes(size) + per;
    case "seconds":
      if (isRate) return `${sign}${tiny(size)} s/s`;
      return sign + (size === 0 ? "0 s" : duration(size * 1e9));
    case "ratio":
      return `${sign}${count(size * 100)} %${per}`;
    default:
      return sign + tiny(size) + per;
  }
}

/** Like `count`, but small values keep two significant digits. */
function tiny(value: number): string {
  return value > 0 && value < 0.1 ? String(Number(value.toPrecision(2))) : count(value);
}

/** A round step of 1, 2, 2.5 or 5 times a power of ten (of two for bytes) at or above `least`. */
export function roundStep(least: number, unit: Unit): number {
  if (!(least > 0)) return 1;
  const base = unit === "bytes" && least >= 1 ? 1024 ** Math.floor(Math.log2(least) / 10) : 1;
  const wanted = least / base;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10;
  return step * power * base;
}

/** Axis ticks between two values, both inside. */
export function ticks(min: number, max: number, most: number, unit: Unit): number[] {
  const step = roundStep((max - min) / Math.max(1, most), unit);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

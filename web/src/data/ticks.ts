// Round places for the lines of an axis, in the base of the axis' unit.
import { unitOfId } from "./unit_table";

/** Round steps of time in seconds, from a second on. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000];

/** A round step at or above `least`: 1, 2, 2.5 or 5 times a power of ten; of 1024 for bytes; minutes and hours for times. */
export function roundStep(least: number, unit = ""): number {
  if (!(least > 0)) return 1;
  const kind = unitOfId(unit);
  if (kind?.kind === "time" && least * kind.seconds >= 0.5) {
    const seconds = TIME_STEPS.find((step) => step >= least * kind.seconds * (1 - 1e-9));
    if (seconds !== undefined) return seconds / kind.seconds;
  }
  const isBinary = kind?.kind === "scaled" && kind.base === 1024;
  const base = isBinary && least >= 1 ? 1024 ** Math.floor(Math.log2(least) / 10) : 1;
  const wanted = least / base;
  if (isBinary && least >= 1) return base * (wanted > 512 ? 1024 : 2 ** Math.ceil(Math.log2(wanted) - 1e-9));
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10;
  return step * power * base;
}

/** Ticks between two values, both inside. */
export function ticks(min: number, max: number, most: number, unit = ""): number[] {
  const step = roundStep((max - min) / Math.max(1, most), unit);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: Math.max(0, Math.min(200, last - first + 1)) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

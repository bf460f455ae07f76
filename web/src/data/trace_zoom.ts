// The part of a trace's time that is shown, in nanoseconds from its start, and ticks for it.
import { duration } from "./format";

export interface Zoom {
  from: number;
  to: number;
}

/** `1200-5600` of the address; the whole when it makes no sense. */
export function readZoom(text: string, whole: number): Zoom {
  const match = /^(\d+)-(\d+)$/.exec(text);
  const from = Number(match?.[1] ?? 0);
  const to = Math.min(Number(match?.[2] ?? whole), whole);
  return match && to > from ? { from, to } : { from: 0, to: Math.max(whole, 1) };
}

/** For the address; null for the whole. Never shorter than a thousandth of a percent, or 10 ns. */
export function printZoom(zoom: Zoom, whole: number): string | null {
  const least = Math.max(10, whole / 1e5);
  let from = Math.max(0, Math.min(zoom.from, zoom.to));
  let to = Math.min(whole, Math.max(zoom.from, zoom.to));
  if (to - from < least) {
    from = Math.max(0, Math.min((from + to - least) / 2, whole - least));
    to = from + least;
  }
  return from <= 0 && to >= whole ? null : `${Math.round(from)}-${Math.round(to)}`;
}

/** A span with some room around it. */
export function around(start: number, length: number, whole: number): Zoom {
  const room = Math.max(length * 0.15, whole / 1e4);
  return { from: Math.max(0, start - room), to: Math.min(whole, start + length + room) };
}

/** Round times within a zoom, about so many. */
export function ticksOf({ from, to }: Zoom, about: number): { at: number; text: string }[] {
  const raw = (to - from) / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= raw) ?? 10);
  const found: { at: number; text: string }[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push({ at, text: at === 0 ? "0" : duration(at) });
  return found;
}

// The one time window of a page: `from`, `to`, `tz`, `live` of the address.
import { useEffect, useState } from "preact/hooks";
import { isRelative, type Range, type Window, windowOf, type Zone } from "../data/time_range";
import { navigate, onAddress, query } from "./address";

export interface Time {
  range: Range;
  /** The range in milliseconds as of the last tick; `null` never: a wrong range is the default one. */
  window: Window;
  zone: Zone;
  /** Whether the window moves with the present by itself. */
  isLive: boolean;
  /** Counts refreshes: what was loaded for an older one is to be loaded again. */
  tick: number;
}

const FALLBACK: Range = { from: "now-1h", to: "now" };
/** How often a live page asks again. */
const LIVE_MS = 5000;

/** What holds when the address says nothing; a page may set it before its first drawing. */
let usual: Range = FALLBACK;
/** Server's clock minus the browser's, in milliseconds. */
let skew = 0;
let tick = 0;
let state = read();
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Sets the page's own default, such as the last 6 hours of a dashboard. */
export function setUsual(range: Range): void {
  usual = range;
  update();
}

/** Corrects for a browser whose clock differs from the server's. */
export function setSkew(ms: number): void {
  skew = ms;
}

/** The present by the server's clock, in milliseconds. */
export function now(): number {
  return Date.now() + skew;
}

/** The window as it is; for code outside components. */
export function time(): Time {
  return state;
}

/** The window; the component is drawn again at each change and refresh. */
export function useTime(): Time {
  const [value, set] = useState(state);
  useEffect(() => {
    const listener = (): void => set(state);
    listener();
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return value;
}

export function setRange(range: Range): void {
  const isUsual = range.from === usual.from && range.to === usual.to;
  navigate({ from: isUsual ? null : range.from, to: isUsual ? null : range.to, live: isRelative(range) ? query().get("live") : null });
}

/** A window in milliseconds, as a drag over a chart gives it. */
export function zoom(start: number, end: number): void {
  setRange({ from: String(Math.round(start)), to: String(Math.max(Math.round(start) + 1000, Math.round(end))) });
}

/** Twice as long, around the same middle, not into the future. */
export function zoomOut(): void {
  const { start, end } = state.window;
  const half = (end - start) / 2;
  const until = Math.min(end + half, Math.max(end, now()));
  if (state.range.to === "now") setRange({ from: `now-${Math.round((4 * half) / 1000)}s`, to: "now" });
  else setRange({ from: String(Math.round(until - 4 * half)), to: String(Math.round(until)) });
}

/** Moves the window by a part of its length: -0.5 is half a window back. */
export function shift(part: number): void {
  const by = (state.window.end - state.window.start) * part;
  setRange({ from: String(Math.round(state.window.start + by)), to: String(Math.round(state.window.end + by)) });
}

/** Asks for everything again, with a window that ends now if it is relative. */
export function refresh(): void {
  tick += 1;
  update();
}

export function setLive(isLive: boolean): void {
  navigate({ live: isLive ? "1" : null }, { replace: true });
}

export function setZone(zone: Zone): void {
  try {
    localStorage.setItem("tz", zone);
  } catch {
    // private windows may have no storage; the address has it anyway
  }
  navigate({ tz: zone === "local" ? null : zone }, { replace: true });
  update();
}

/** The address with its window frozen, for others to open. */
export function sharedUrl(): string {
  const url = new URL(location.href);
  url.searchParams.set("from", String(state.window.start));
  url.searchParams.set("to", String(state.window.end));
  url.searchParams.delete("live");
  return url.href;
}

function read(): Time {
  const params = query();
  const zone: Zone = (params.get("tz") ?? stored()) === "utc" ? "utc" : "local";
  const asked = { from: params.get("from") ?? usual.from, to: params.get("to") ?? usual.to };
  const found = windowOf(asked, now(), zone);
  const range = found ? asked : usual;
  const window = found ?? windowOf(usual, now(), zone) ?? { start: now() - 3_600_000, end: now() };
  return { range, window, zone, isLive: params.get("live") === "1" && isRelative(range), tick };
}

function stored(): string | null {
  try {
    return localStorage.getItem("tz");
  } catch {
    return null;
  }
}

function update(): void {
  const before = state;
  const next = read();
  const isSame = next.range.from === before.range.from && next.range.to === before.range.to && next.zone === before.zone && next.isLive === before.isLive && next.tick === before.tick;
  if (isSame) return;
  state = next;
  plan();
  for (const listener of listeners) listener();
}

function plan(): void {
  clearTimeout(timer);
  if (!state.isLive) return;
  timer = setTimeout(() => {
    if (document.hidden) plan();
    else refresh();
  }, LIVE_MS);
}

onAddress(update);
plan();

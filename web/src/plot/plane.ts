// A plane of time and value on a canvas with its axes: what scatter plots and heatmaps are drawn on.
// Where things are is pure; `Surface` draws and follows the pointer.
import { ticks } from "../data/ticks";
import { tickTexts } from "../data/units";
import type { Window } from "./model";
import { timeLabels, timeTicks } from "./time_axis";

export interface ValueAxis {
  low: number;
  high: number;
  isLog: boolean;
  unit: string;
  decimals: number | undefined;
  /** Own places and texts instead of round ones. */
  labels?: readonly { at: number; text: string }[];
}

export interface Plane {
  /** Of the drawing area, in CSS pixels. */
  left: number;
  top: number;
  width: number;
  height: number;
  x: (ms: number) => number;
  y: (value: number) => number;
  timeAt: (x: number) => number;
  valueAt: (y: number) => number;
  timeTicks: { at: number; text: string }[];
  valueTicks: { at: number; text: string }[];
}

const BOTTOM = 24;
const TOP = 10;
const RIGHT = 16;
const CHARACTER = 6.4;

/** Lays a plane out in an area of CSS pixels. */
export function planeOf(size: { width: number; height: number }, window: Window, axis: ValueAxis, zone: "local" | "utc"): Plane {
  const height = Math.max(10, size.height - BOTTOM - TOP);
  const values = axis.labels ?? valueTicks(axis, height);
  const left = Math.max(36, 14 + CHARACTER * Math.max(0, ...values.map(({ text }) => text.length)));
  const width = Math.max(10, size.width - left - RIGHT);
  const scale = axis.isLog ? Math.log : (value: number): number => value;
  const [low, high] = [scale(axis.low), scale(axis.high)];
  const length = Math.max(1, window.end - window.start);
  const times = timeTicks(window.start, window.end, Math.max(2, Math.floor(width / 84)), zone);
  const texts = timeLabels(times, zone);
  return {
    left,
    top: TOP,
    width,
    height,
    x: (ms) => left + ((ms - window.start) / length) * width,
    y: (value) => TOP + height - ((scale(Math.max(value, axis.isLog ? axis.low : -Infinity)) - low) / (high - low || 1)) * height,
    timeAt: (x) => window.start + ((x - left) / width) * length,
    valueAt: (y) => {
      const at = low + ((TOP + height - y) / height) * (high - low);
      return axis.isLog ? Math.exp(at) : at;
    },
    timeTicks: times.map((at, i) => ({ at, text: texts[i] ?? "" })),
    valueTicks: [...values],
  };
}

function valueTicks({ low, high, isLog, unit, decimals }: ValueAxis, height: number): { at: number; text: string }[] {
  const most = Math.max(2, Math.floor(height / 30));
  const places = isLog ? powers(low, high, most) : ticks(low, high, most, unit);
  return tickTexts(places, unit, decimals).map((text, i) => ({ at: places[i] ?? 0, text }));
}

/** Powers of ten, with others between them where there is room. */
function powers(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = Math.max(1, last - first);
  const factors = decades * 3 <= most ? [1, 2, 5] : decades * 2 <= most ? [1, 3] : [1];
  const skip = Math.max(1, Math.ceil(decades / most));
  const found: number[] = [];
  for (let power = first; power <= last; power += skip) for (const factor of factors) found.push(Number((factor * 10 ** power).toPrecision(12)));
  return found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

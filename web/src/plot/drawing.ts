// Everything that a drawn time chart depends on, decided: between the component and the canvas.
import type { Dot, Frame, Line, Mark, Threshold, Window } from "./model";

export interface Drawing {
  frame: Frame;
  lines: Line[];
  hidden: ReadonlySet<string>;
  window: Window;
  unit: string;
  rightUnit: string;
  decimals: number | undefined;
  min: number | undefined;
  max: number | undefined;
  log: 2 | 10 | false;
  axisLabel: string;
  zone: "local" | "utc";
  tooltip: "single" | "all" | "none";
  /** Charts of one key share their crosshair; empty shares none. */
  sync: string;
  marks: readonly Mark[];
  thresholds: readonly Threshold[];
  dots: readonly Dot[];
  canZoom: boolean;
}

export interface PlotEvents {
  /** A dragged window, in milliseconds. */
  onZoom: (start: number, end: number) => void;
  onZoomOut: () => void;
  onDot: (dot: Dot) => void;
}

/** What a chart must be built anew for; anything else is only fed to it. */
export function shapeOf(drawing: Drawing): string {
  const { lines, unit, rightUnit, decimals, log, axisLabel, zone, sync, tooltip, canZoom } = drawing;
  return JSON.stringify([lines.map((line) => [line.key, line.color, line.dash, line.axis, line.style]), unit, rightUnit, decimals, log, axisLabel, zone, sync, tooltip, canZoom]);
}

/** Least distance between two times of a frame, in milliseconds; how precise its times are written. */
export function stepOf(times: ArrayLike<number>): number {
  let step = Infinity;
  for (let i = 1; i < Math.min(times.length, 50); i += 1) step = Math.min(step, (times[i] ?? 0) - (times[i - 1] ?? 0));
  return Number.isFinite(step) ? step * 1000 : 60_000;
}

export const axisUnit = (drawing: Drawing, line: Line): string => line.series.unit ?? (line.axis === "right" ? drawing.rightUnit : drawing.unit);

// A drawing as options of uPlot: scales, axes, series, bands.
import uPlot from "uplot";
import { tickTexts } from "../data/units";
import { ticks } from "../data/ticks";
import { bounds } from "./bounds";
import type { Drawing } from "./drawing";
import type { Line } from "./model";
import { rgb } from "./palette";
import { lonely } from "./stack";
import { timeLabels, timeTicks } from "./time_axis";

export const scaleOf = (line: Line): string => (line.axis === "right" ? "y2" : "y");

/** Options without size, hooks and cursor. `current` gives the drawing of the moment, as limits change without a new chart. */
export function optionsOf(drawing: Drawing, below: readonly (number | null)[], current: () => Drawing): Pick<uPlot.Options, "scales" | "axes" | "series" | "bands"> {
  const { lines } = drawing;
  const has = (axis: "left" | "right"): boolean => lines.some((line) => line.axis === axis);
  return {
    scales: {
      x: { time: true, range: () => [current().window.start / 1000, current().window.end / 1000] },
      ...(has("left") || !has("right") ? { y: valueScale(drawing, "left", current) } : {}),
      ...(has("right") ? { y2: valueScale(drawing, "right", current) } : {}),
    },
    axes: [timeAxis(drawing), ...(has("left") || !has("right") ? [valueAxis(drawing, "left")] : []), ...(has("right") ? [valueAxis(drawing, "right")] : [])],
    series: [{}, ...lines.map((line) => seriesOf(line))],
    bands: bandsOf(lines, below),
  };
}

function valueScale({ lines, log }: Drawing, axis: "left" | "right", current: () => Drawing): uPlot.Scale {
  const own = lines.filter((line) => line.axis === axis);
  const fromZero = own.some(({ style }) => style.draw === "bars" || style.stack !== false);
  const isShare = own.some(({ style }) => style.stack !== false && style.percent);
  const limits = (): { min: number | undefined; max: number | undefined } => (axis === "left" ? current() : { min: undefined, max: undefined });
  if (!log) {
    return {
      range: (_, low, high) => {
        const { min, max } = limits();
        return bounds(low, high, { min: min ?? (isShare && (low ?? 0) >= 0 ? 0 : undefined), max: max ?? (isShare ? 1 : undefined), fromZero });
      },
    };
  }
  return {
    distr: 3,
    log,
    range: (_, low, high) => {
      const { min, max } = limits();
      const [from, to] = uPlot.rangeLog(low && low > 0 ? low : 1, high && high > 0 ? high : 10, log, false);
      return [min && min > 0 ? min : from, max && max > 0 ? max : to];
    },
  };
}

function axisStyle(): uPlot.Axis {
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return { stroke: () => rgb("muted"), font, labelFont: font, grid: { stroke: () => rgb("line"), width: 1 }, ticks: { show: false }, border: { show: false } };
}

function timeAxis({ zone }: Drawing): uPlot.Axis {
  return {
    ...axisStyle(),
    size: 24,
    gap: 6,
    splits: (u, _i, min, max) => {
      const width = u.bbox.width / uPlot.pxRatio;
      return timeTicks(min * 1000, max * 1000, Math.max(2, Math.floor(width / 84)), zone).map((at) => at / 1000);
    },
    values: (_, splits) => timeLabels(splits.map((at) => at * 1000), zone),
  };
}

function valueAxis(drawing: Drawing, axis: "left" | "right"): uPlot.Axis {
  const unit = drawing.lines.some((line) => line.axis === axis && line.style.stack !== false && line.style.percent) ? "percentunit" : axis === "right" ? drawing.rightUnit : drawing.unit;
  const style = axisStyle();
  return {
    ...style,
    scale: axis === "right" ? "y2" : "y",
    side: axis === "right" ? 1 : 3,
    gap: 6,
    size: (_u, labels) => Math.max(36, 14 + 6.4 * Math.max(0, ...(labels ?? []).map((label) => String(label ?? "").length))),
    ...(drawing.log ? {} : { splits: (u: uPlot, _i: number, min: number, max: number) => ticks(min, max, Math.max(2, Math.floor(u.bbox.height / uPlot.pxRatio / 30)), unit) }),
    values: (_, splits) => {
      const shown = splits.filter((value): value is number => value !== null);
      const texts = new Map(tickTexts(shown, unit, drawing.decimals).map((text, i) => [shown[i], text]));
      return splits.map((value) => (value === null ? null : (texts.get(value) ?? "")));
    },
    // Only one axis draws lines across, else two grids lie upon each other.
    grid: axis === "right" && drawing.lines.some((line) => line.axis === "left") ? { show: false } : (style.grid ?? {}),
    ...(axis === "left" && drawing.axisLabel ? { label: drawing.axisLabel, labelSize: 20, labelGap: 2 } : {}),
  };
}

const { linear, spline, stepped, bars } = uPlot.paths;

function pathsOf({ style }: Line): uPlot.Series.PathBuilder | undefined {
  if (style.draw === "points") return () => null;
  if (style.draw === "bars") return bars?.({ size: [style.align ? 0.92 : 0.8, 64, 1], align: style.align, ...(style.align ? { gap: 0 } : {}) });
  switch (style.interpolation) {
    case "smooth":
      return spline?.();
    case "step-before":
      return stepped?.({ align: -1 });
    case "step-after":
      return stepped?.({ align: 1 });
    default:
      return linear?.();
  }
}

function seriesOf(line: Line): uPlot.Series {
  const { style, color, dash } = line;
  const always = style.points === "always" || style.draw === "points";
  const paths = pathsOf(line);
  const isBar = style.draw === "bars";
  return {
    label: line.series.name,
    scale: scaleOf(line),
    stroke: () => rgb(color, isBar ? style.fill : 1),
    width: isBar ? 0 : style.width,
    fill: (u) => fillOf(u, line) as unknown as string,
    dash,
    spanGaps: style.spanNulls,
    ...(paths ? { paths } : {}),
    points: {
      show: () => always,
      filter: (u, index, show) => {
        if (show || style.points === "never" || isBar) return null;
        const found = lonely(u.data[index] ?? [], style.spanNulls);
        return found.length ? found : null;
      },
      size: Math.max(4, style.width * 2.5),
      width: 0,
      stroke: () => rgb(color),
      fill: () => rgb(color),
    },
  };
}

/** The area below a line; a series that is filled down to another one has a band instead. */
function fillOf(u: uPlot, { style, color }: Line): string | CanvasGradient | null {
  if (!style.fill || style.draw === "points" || style.fillBelowTo) return null;
  if (!style.gradient || style.draw === "bars" || !u.bbox.height) return rgb(color, style.fill);
  const gradient = u.ctx.createLinearGradient(0, u.bbox.top, 0, u.bbox.top + u.bbox.height);
  gradient.addColorStop(0, rgb(color, style.fill));
  gradient.addColorStop(1, rgb(color, 0));
  return gradient;
}

function bandsOf(lines: readonly Line[], below: readonly (number | null)[]): uPlot.Band[] {
  const bands: uPlot.Band[] = [];
  lines.forEach(({ style, color }, i) => {
    const lower = style.fillBelowTo ? lines.findIndex((other) => other.series.name === style.fillBelowTo) : (below[i] ?? -1);
    if (lower < 0 || lower === i) return;
    bands.push({ series: [i + 1, lower + 1], fill: () => rgb(color, style.fill || (style.fillBelowTo ? 0.25 : 0)) });
  });
  return bands;
}

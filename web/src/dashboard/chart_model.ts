// Frames as the lines of a chart: common times, styles and axes out of field options.
import type { Calc } from "../plot/calcs";
import type { LegendForm } from "../plot/legend";
import { DEFAULT_STYLE, type Frame, type Series, type SeriesStyle, type Threshold } from "../plot/model";
import { colorOf, stepsOf } from "./colors";
import { type DataFrame, type Field, numberFields, timeField } from "./frames";
import { nameOf } from "./matcher";
import { numberOf, reduce } from "./reduce";
import { scaleOf } from "./shown";
import type { FieldOptions, Panel } from "./types";

type Custom = Record<string, unknown>;

const inside = (custom: Custom, name: string): Custom => (custom[name] && typeof custom[name] === "object" ? (custom[name] as Custom) : {});

/** Fields of numbers with the times they belong to. */
export function seriesFields(frames: readonly DataFrame[]): { field: Field; times: number[]; frame: DataFrame }[] {
  return frames.flatMap((frame) => {
    const times = timeField(frame)?.values as number[] | undefined;
    return times ? numberFields(frame).filter(({ options }) => !isHidden(options)).map((field) => ({ field, times, frame })) : [];
  });
}

export function isHidden(options: FieldOptions | undefined): boolean {
  return inside(options?.custom ?? {}, "hideFrom").viz === true;
}

/** All series on the times of them all; where nothing was measured for longer than a step, there is a gap. */
export function chartFrame(frames: readonly DataFrame[], stepMs: number, usualColor = "palette-classic"): Frame {
  const given = seriesFields(frames);
  const times = withGaps([...new Set(given.flatMap(({ times: own }) => own))].sort((a, b) => a - b), stepMs);
  const slots = new Map(times.map((at, i) => [at, i]));
  const units = given.map(({ field }) => field.options?.unit ?? "");
  const first = units[0] ?? "";
  const series = given.map(({ field, times: own }, index): Series => {
    const values = new Array<number | null>(times.length).fill(null);
    own.forEach((at, row) => {
      const slot = slots.get(at);
      if (slot !== undefined) values[slot] = numberOf(field.values[row]);
    });
    const options = field.options;
    const custom = options?.custom ?? {};
    if (custom.transform === "constant") values.fill(numberOf(reduce(field.values, "firstNotNull")));
    const scale = { ...scaleOf([field]), index, name: nameOf(field) };
    const by = numberOf(reduce(field.values, options?.color?.seriesBy ?? "last"));
    const placement = custom.axisPlacement;
    const unit = options?.unit ?? "";
    return {
      name: nameOf(field),
      labels: field.labels,
      values,
      unit,
      color: colorOf(by, options, { ...scale, min: options?.min ?? scale.min, max: options?.max ?? scale.max }, usualColor),
      axis: placement === "right" || (placement !== "left" && unit !== first) ? "right" : "left",
      style: styleOf(custom),
      ...(options?.decimals !== null && options?.decimals !== undefined ? { decimals: options.decimals } : {}),
    };
  });
  return { times: times.map((at) => at / 1000), series };
}

function withGaps(times: readonly number[], stepMs: number): number[] {
  return times.flatMap((at, i) => {
    const before = times[i - 1];
    return before !== undefined && at - before > stepMs * 1.5 ? [before + stepMs, at] : [at];
  });
}

const DASHES: Record<string, number[]> = { dash: [8, 5], dot: [1, 4] };

export function styleOf(custom: Custom): Partial<SeriesStyle> {
  const stacking = inside(custom, "stacking");
  const line = inside(custom, "lineStyle");
  const isStacked = stacking.mode === "normal" || stacking.mode === "percent";
  const draw = (["line", "bars", "points"] as const).find((one) => one === custom.drawStyle) ?? "line";
  const dash = Array.isArray(line.dash) && line.dash.length ? (line.dash as number[]) : (DASHES[String(line.fill)] ?? []);
  return {
    draw,
    fill: (numberOf(custom.fillOpacity) ?? 0) / 100,
    width: draw === "bars" ? (numberOf(custom.lineWidth) ?? 1) : Math.max(0, numberOf(custom.lineWidth) ?? 1) * 1.25,
    interpolation: ({ smooth: "smooth", stepBefore: "step-before", stepAfter: "step-after" } as const)[String(custom.lineInterpolation)] ?? "linear",
    // Without any points a lonely sample would not be seen at all.
    points: custom.showPoints === "always" ? "always" : DEFAULT_STYLE.points,
    stack: isStacked ? `${String(stacking.group ?? "A")}${custom.transform === "negative-Y" ? " below" : ""}` : false,
    percent: stacking.mode === "percent",
    ...(line.fill === "dash" || line.fill === "dot" ? { dash } : {}),
    spanNulls: custom.spanNulls === true || typeof custom.spanNulls === "number",
    gradient: custom.gradientMode !== "none" && custom.gradientMode !== undefined,
    hideInLegend: inside(custom, "hideFrom").legend === true,
    negativeY: custom.transform === "negative-Y",
    fillBelowTo: typeof custom.fillBelowTo === "string" ? custom.fillBelowTo : "",
    align: custom.barAlignment === 1 ? 1 : 0,
  };
}

/** Lines and areas of thresholds, where the field asks for them. */
export function thresholdsOf(field: Field | undefined): Threshold[] {
  const mode = String(inside(field?.options?.custom ?? {}, "thresholdsStyle").mode ?? "off");
  if (mode === "off" || !field?.options?.thresholds) return [];
  const { min, max } = { ...scaleOf([field]), ...(field.options.min === null ? {} : { min: field.options.min }), ...(field.options.max === null ? {} : { max: field.options.max }) };
  const isArea = mode.includes("area");
  return stepsOf(field.options.thresholds, min, max)
    .filter(({ value }) => Number.isFinite(value))
    .map(({ value, color }) => ({ value, color, fill: isArea ? ("above" as const) : false }));
}

const CALCS: Record<string, Calc> = { last: "last", lastNotNull: "last", first: "first", firstNotNull: "first", min: "min", max: "max", mean: "mean", sum: "sum", delta: "delta", diff: "diff", range: "range", count: "count" };

export interface LegendChoice {
  form: LegendForm;
  calcs: Calc[];
}

export function legendOf(panel: Panel, width: number): LegendChoice {
  const { showLegend = true, displayMode = "list", placement = "bottom", calcs = [] } = (panel.options.legend ?? {}) as { showLegend?: boolean; displayMode?: string; placement?: string; calcs?: string[] };
  const wanted = [...new Set(calcs.flatMap((id) => CALCS[id] ?? []))];
  if (!showLegend || displayMode === "hidden") return { form: "none", calcs: wanted };
  const form = displayMode === "table" ? "table" : "list";
  return { form: placement === "right" && width > 520 ? "right" : form, calcs: wanted };
}

interface Range {
  min?: number;
  max?: number;
}

/** Ends of the axis: fixed ones, or soft ones as far as the data stay within. */
export function rangeOf(fields: readonly Field[]): Range {
  const [first] = fields;
  if (!first) return {};
  const { min, max } = scaleOf(fields);
  const options = first.options;
  const softMin = numberOf(options?.custom.axisSoftMin);
  const softMax = numberOf(options?.custom.axisSoftMax);
  const low = options?.min ?? (softMin !== null && softMin <= min ? softMin : null);
  const high = options?.max ?? (softMax !== null && softMax >= max ? softMax : null);
  return { ...(low === null ? {} : { min: low }), ...(high === null ? {} : { max: high }) };
}

export function logOf(field: Field | undefined): 2 | 10 | false {
  const { type, log } = inside(field?.options?.custom ?? {}, "scaleDistribution");
  return type === "log" ? (log === 2 ? 2 : 10) : false;
}

// The single values that stat, gauge, bar gauge and pie panels show: fields reduced, or rows as they are.
import { type DataFrame, type Field } from "./frames";
import { isHidden } from "./chart_model";
import { matches, nameOf, pattern } from "./matcher";
import { numberOf, reduce } from "./reduce";
import { scaleOf, type Shown, shown } from "./shown";
import type { FieldOptions, Panel } from "./types";
import { PLAIN } from "./field_config";

export interface OneValue {
  name: string;
  shown: Shown;
  options: FieldOptions;
  min: number;
  max: number;
  field: Field;
  frame: DataFrame;
  /** The values behind it, when they are one. */
  trend: (number | null)[];
  /** Of the first to the last, as a part. */
  change: number | null;
}

const MOST = 200;

interface ReduceOptions {
  values?: boolean;
  calcs?: string[];
  fields?: string;
  limit?: number | null;
}

export function valuesOf(panel: Panel, frames: readonly DataFrame[], { zone, mode = "thresholds" }: { zone: "local" | "utc"; mode?: string }): OneValue[] {
  const { values = false, calcs = [], fields = "", limit } = (panel.options.reduceOptions ?? {}) as ReduceOptions;
  const chosen = frames.flatMap((frame) => frame.fields.filter((field) => isChosen(field, frame, fields)).map((field) => ({ field, frame })));
  const all = scaleOf(chosen.map(({ field }) => field));
  const found = values
    ? chosen.flatMap(({ field, frame }) => field.values.slice(0, limit ?? MOST).map((value, row) => ({ field, frame, value, name: rowName(frame, row) || nameOf(field), trend: [] as (number | null)[] })))
    : chosen.map(({ field, frame }) => ({ field, frame, value: reduce(field.values, calcs[0] ?? "lastNotNull"), name: nameOf(field), trend: field.type === "number" ? field.values.map(numberOf) : [] }));
  return found.slice(0, MOST).map(({ field, frame, value, name, trend }, index) => {
    const options = field.options ?? PLAIN;
    const [min, max] = [options.min ?? (isPercent(options.unit) ? 0 : all.min), options.max ?? (options.unit === "percent" ? 100 : options.unit === "percentunit" ? 1 : all.max)];
    return { name, options, field, frame, trend, min, max, change: changeOf(trend), shown: shown(value, options, { min, max, index, name }, mode, zone) };
  });
}

const isPercent = (unit: string): boolean => unit === "percent" || unit === "percentunit";

/** Empty: numbers; a name or `/pattern/`: these, whatever their type. */
function isChosen(field: Field, frame: DataFrame, fields: string): boolean {
  if (isHidden(field.options)) return false;
  if (!fields) return field.type === "number";
  if (fields.startsWith("/")) return pattern(fields)?.test(nameOf(field)) ?? false;
  return matches({ id: "byName", options: fields })(field, frame);
}

function rowName(frame: DataFrame, row: number): string {
  return frame.fields.filter(({ type }) => type === "string").map(({ values }) => values[row]).filter(Boolean).join(" ");
}

function changeOf(trend: readonly (number | null)[]): number | null {
  const [first, last] = [numberOf(reduce(trend, "firstNotNull")), numberOf(reduce(trend, "lastNotNull"))];
  return first && last !== null ? (last - first) / Math.abs(first) : null;
}

// A value as a panel writes it: mapped, with its unit, in its colour.
import { formatValue } from "../data/units";
import { colorOf, type ColorScale, named } from "./colors";
import type { Field } from "./frames";
import { pattern } from "./matcher";
import { numberOf } from "./reduce";
import type { FieldOptions, Mapping } from "./types";

export interface Shown {
  /** Whole text, unit included. */
  text: string;
  prefix: string;
  body: string;
  suffix: string;
  color: string;
  /** The value as a number; null when it is none. */
  number: number | null;
  isMapped: boolean;
}

/** The mapping that a value falls under. */
export function mappingOf(value: unknown, mappings: readonly Mapping[]): Mapping | null {
  const number = numberOf(value);
  const text = value === null || value === undefined ? "" : String(value);
  return (
    mappings.find(({ kind, match, start, end }) => {
      if (kind === "value") return text !== "" && (text === match || (number !== null && numberOf(match) === number));
      if (kind === "range") return number !== null && number >= (start ?? Number.NEGATIVE_INFINITY) && number <= (end ?? Number.POSITIVE_INFINITY);
      if (kind === "regex") return text !== "" && (pattern(match)?.test(text) ?? false);
      return isSpecial(value, match);
    }) ?? null
  );
}

function isSpecial(value: unknown, match: string): boolean {
  const isNull = value === null || value === undefined;
  const isNan = typeof value === "number" && Number.isNaN(value);
  return { null: isNull, nan: isNan, "null+nan": isNull || isNan, true: value === true, false: value === false, empty: value === "" }[match] ?? false;
}

const USUAL: ColorScale = { min: 0, max: 100, index: 0, name: "" };

/** How a value of a field reads. `mode`: of colours, where the field says none. */
export function shown(value: unknown, options: FieldOptions, scale: Partial<ColorScale> = {}, mode = "thresholds", zone: "local" | "utc" = "local"): Shown {
  const number = numberOf(value);
  const whole = { ...USUAL, ...scale, min: options.min ?? scale.min ?? USUAL.min, max: options.max ?? scale.max ?? USUAL.max };
  const found = mappingOf(value, options.mappings);
  const color = found?.color ? named(found.color) : colorOf(number, options, whole, mode);
  const mapped = found?.text;
  if (mapped !== null && mapped !== undefined) {
    const text = found?.kind === "regex" ? String(value).replace(pattern(found.match) ?? "", mapped) : mapped;
    return { text, prefix: "", body: text, suffix: "", color, number, isMapped: true };
  }
  const { prefix, text, suffix } = partsOf(value, number, options, zone);
  return { text: prefix + text + suffix, prefix, body: text, suffix, color, number, isMapped: false };
}

function partsOf(value: unknown, number: number | null, options: FieldOptions, zone: "local" | "utc") {
  const isNothing = value === null || value === undefined || (typeof value === "number" && Number.isNaN(value));
  if (isNothing) return { prefix: "", text: options.noValue || (value === null || value === undefined ? "–" : "NaN"), suffix: "" };
  if (typeof value === "string" && (!options.unit || options.unit === "string" || number === null)) return { prefix: "", text: value, suffix: "" };
  if (number === null || typeof value === "boolean") return { prefix: "", text: typeof value === "object" ? JSON.stringify(value) : String(value), suffix: "" };
  return formatValue(number, options.unit === "none" || options.unit === "" ? (options.decimals === null ? "" : "none") : options.unit, options.decimals, zone);
}

/** The least and largest of the fields' values, unless the options say it. */
export function scaleOf(fields: readonly Field[]): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of fields)
    for (const value of values) {
      if (typeof value !== "number" || !Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  return min <= max ? { min, max } : { min: 0, max: 100 };
}

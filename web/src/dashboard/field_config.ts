// How fields are shown: the panel's defaults with its overrides, names that are templates.
import { type DataFrame, type Field, numberFields } from "./frames";
import { interpolate, type Values } from "./interpolate";
import { matches, nameOf } from "./matcher";
import type { FieldConfig, FieldOptions, Property } from "./types";

export const PLAIN: FieldOptions = { unit: "", decimals: null, min: null, max: null, displayName: "", noValue: "", description: "", thresholds: null, mappings: [], color: null, links: [], custom: {} };

/** The frames with options in every field. The given ones are not changed. */
export function configured(frames: readonly DataFrame[], config: FieldConfig, values: Values): DataFrame[] {
  const rules = config.overrides.map(({ matcher, properties }) => ({ test: matches(matcher), properties }));
  const numbers = frames.reduce((sum, frame) => sum + numberFields(frame).length, 0);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      // Names of the defaults are for values; those of overrides for whatever they match.
      const own = field.type === "time" ? { ...config.defaults, displayName: "", unit: "", links: [] } : config.defaults;
      const options = rules.filter(({ test }) => test(field, frame)).reduce((found, { properties }) => properties.reduce(set, found), own);
      const written = options.displayName;
      const displayName = written ? displayNameOf(written, field, frame, values) : shownName(field, frame, numbers);
      return { ...field, displayName, options };
    }),
  }));
}

/** What a field without a name of its own is called: a single value goes by its frame. */
function shownName(field: Field, frame: DataFrame, numbers: number): string {
  if (field.displayName) return field.displayName;
  return frame.kind === "series" && field.type === "number" && numbers > 1 && field.name === "Value" ? frame.name || field.name : field.name;
}

function set(options: FieldOptions, { id, value }: Property): FieldOptions {
  if (id.startsWith("custom.")) return { ...options, custom: setPath(options.custom, id.slice(7).split("."), value) };
  if (!(id in PLAIN)) return options;
  const empty = PLAIN[id as keyof FieldOptions];
  return { ...options, [id]: value ?? empty };
}

function setPath(at: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  const inner = at[name];
  return { ...at, [name]: rest.length ? setPath((inner && typeof inner === "object" ? inner : {}) as Record<string, unknown>, rest, value) : value };
}

function displayNameOf(template: string, field: Field, frame: DataFrame, values: Values): string {
  return interpolate(template, new Map([...values, ...fieldValues(field, frame)]));
}

/** Variables about a field: `${__field.name}`, `${__field.labels.x}`, `${__series.name}`. */
export function fieldValues(field: Field, frame: DataFrame): Map<string, { values: string[] }> {
  const name = nameOf(field);
  const labels = Object.entries(field.labels);
  return new Map(
    [
      ["__field", name],
      ["__field.name", name],
      ["__field.displayName", name],
      ["__series", frame.name],
      ["__series.name", nameOf(field) || frame.name],
      ["__frame.name", frame.name],
      ["__field.labels", labels.map(([key, value]) => `${key}="${value}"`).join(", ")],
      ...labels.flatMap(([key, value]) => [
        [`__field.labels.${key}`, value],
        [`__field.labels["${key}"]`, value],
        [`__labels.${key}`, value],
      ]),
      // Graph panels of old named them so.
      ["__cell", ""],
    ].map(([key = "", value = ""]) => [key, { values: [value] }]),
  );
}

// Transformations that are about columns: which there are, how they are called, what type they have.
import { type Field, field, type FieldType, numberFields, rowsOf } from "../frames";
import { interpolate } from "../interpolate";
import { nameOf, pattern } from "../matcher";
import { numberOf } from "../reduce";
import type { Transform } from "./apply";

interface OrganizeOptions {
  excludeByName?: Record<string, boolean>;
  includeByName?: Record<string, boolean>;
  indexByName?: Record<string, number>;
  renameByName?: Record<string, string>;
}

/** Leaves columns out, orders and renames them. */
export const organize: Transform = (frames, options) => {
  const { excludeByName = {}, includeByName = {}, indexByName = {}, renameByName = {} } = options as OrganizeOptions;
  const included = Object.entries(includeByName).filter(([, isIn]) => isIn).map(([name]) => name);
  const isKept = (name: string): boolean => !excludeByName[name] && (!included.length || included.includes(name));
  return frames.map((frame) => {
    const kept = frame.fields.filter((one) => isKept(nameOf(one)));
    const place = (one: Field): number => indexByName[nameOf(one)] ?? Number.MAX_SAFE_INTEGER;
    const ordered = kept.map((one, at) => ({ one, at })).sort((a, b) => place(a.one) - place(b.one) || a.at - b.at);
    return { ...frame, fields: ordered.map(({ one }) => renamed(one, renameByName[nameOf(one)] ?? "")) };
  });
};

function renamed(one: Field, name: string): Field {
  return name ? { ...one, name, displayName: name } : one;
}

/** `include: { names, pattern, variable }`, `exclude` alike. */
export const filterFieldsByName: Transform = (frames, options, values) => {
  const test = (side: unknown): ((name: string) => boolean) | null => {
    const given = side as { names?: string[]; pattern?: string; variable?: string } | undefined;
    if (!given) return null;
    const names = given.variable ? [...(values.get(given.variable.replace(/^\$\{?|\}$/g, ""))?.values ?? [])] : (given.names ?? []);
    const found = given.pattern ? pattern(interpolate(given.pattern, values)) : null;
    if (!names.length && !found) return null;
    return (name) => names.includes(name) || (found?.test(name) ?? false);
  };
  const include = test(options.include);
  const exclude = test(options.exclude);
  return frames.map((frame) => ({ ...frame, fields: frame.fields.filter((one) => (include?.(nameOf(one)) ?? true) && !(exclude?.(nameOf(one)) ?? false)) })).filter(({ fields }) => fields.length);
};

/** `include`: a query's letter or a regular expression of them. */
export const filterByRefId: Transform = (frames, { include }) => {
  if (typeof include !== "string" || !include) return frames;
  const found = pattern(/^\/.*\/$/.test(include) ? include : `^(?:${include})$`);
  return frames.filter(({ refId }) => found?.test(refId) ?? true);
};

/** `regex`, `renamePattern` with `$1`. */
export const renameByRegex: Transform = (frames, { regex, renamePattern }) => {
  const found = pattern(String(regex ?? ""));
  if (!found || !regex) return frames;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((one) => {
      const name = nameOf(one);
      return found.test(name) && one.type !== "time" ? renamed(one, name.replace(found, String(renamePattern ?? ""))) : one;
    }),
  }));
};

interface Conversion {
  targetField?: string;
  destinationType?: string;
}

/** `conversions: [{ targetField, destinationType }]`. */
export const convertFieldType: Transform = (frames, options) => {
  const conversions = (options.conversions ?? []) as Conversion[];
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((one) => {
      const wanted = conversions.findLast(({ targetField }) => targetField === nameOf(one) || targetField === one.name)?.destinationType;
      return wanted ? converted(one, wanted) : one;
    }),
  }));
};

function converted(one: Field, wanted: string): Field {
  const to: Record<string, (value: unknown) => unknown> = {
    number: (value) => numberOf(typeof value === "string" ? value.replace(/[^\d.eE+-]/g, "") : value),
    string: (value) => (value === null || value === undefined ? null : typeof value === "object" ? JSON.stringify(value) : String(value)),
    time: (value) => (typeof value === "number" ? value : Number.isNaN(Date.parse(String(value))) ? numberOf(value) : Date.parse(String(value))),
    boolean: (value) => (value === null ? null : value !== "false" && value !== "0" && Boolean(value)),
  };
  const change = to[wanted];
  const type = (wanted === "other" ? "other" : wanted) as FieldType;
  return change ? { ...one, type, values: one.values.map(change) } : one;
}

/** Labels become columns beside the values; or rows of label and value. */
export const labelsToFields: Transform = (frames, options) => {
  const { mode = "columns", keepLabels, valueLabel = "" } = options as { mode?: string; keepLabels?: string[]; valueLabel?: string };
  return frames.flatMap((frame) => {
    const labelled = numberFields(frame).filter(({ labels }) => Object.keys(labels).length);
    if (!labelled.length) return [frame];
    if (mode === "rows") {
      return labelled.map((one) => {
        const entries = Object.entries(one.labels).filter(([name]) => !keepLabels || keepLabels.includes(name));
        return { ...frame, kind: "table" as const, fields: [field("label", "string", entries.map(([name]) => name)), field("value", "string", entries.map(([, value]) => value))] };
      });
    }
    return labelled.map((one) => {
      const count = rowsOf(frame);
      const entries = Object.entries(one.labels).filter(([name]) => (!keepLabels || keepLabels.includes(name)) && name !== valueLabel);
      const name = valueLabel ? (one.labels[valueLabel] ?? one.name) : one.name;
      const others = frame.fields.filter((other) => !labelled.includes(other));
      return { ...frame, kind: "table" as const, fields: [...others, ...entries.map(([label, value]) => field(label, "string", Array.from({ length: count }, () => value))), field(name, "number", one.values)] };
    });
  });
};

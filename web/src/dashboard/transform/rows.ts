// Transformations that are about rows: order, number, conditions, groups, what columns come to.
import { type DataFrame, type Field, field, numberFields, rowsOf } from "../frames";
import { interpolate } from "../interpolate";
import { nameOf, pattern } from "../matcher";
import { calcName, numberOf, reduce } from "../reduce";
import type { Transform } from "./apply";

/** The frame with these rows. */
function picked(frame: DataFrame, rows: readonly number[]): DataFrame {
  return { ...frame, fields: frame.fields.map((one) => ({ ...one, values: rows.map((row) => one.values[row]) })) };
}

const allRows = (frame: DataFrame): number[] => Array.from({ length: rowsOf(frame) }, (_, row) => row);

const fieldOf = (frame: DataFrame, name: string): Field | undefined => frame.fields.find((one) => nameOf(one) === name || one.name === name);

/** Ascending; what is missing comes last. */
export function inOrder(a: unknown, b: unknown): number {
  const isMissing = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** `sort: [{ field, desc }]`. */
export const sortBy: Transform = (frames, options) => {
  const [order] = (options.sort ?? []) as { field?: string; desc?: boolean }[];
  return frames.map((frame) => {
    const by = order?.field ? fieldOf(frame, order.field) : undefined;
    if (!by) return frame;
    const sign = order?.desc ? -1 : 1;
    return picked(frame, allRows(frame).sort((a, b) => sign * inOrder(by.values[a], by.values[b]) || a - b));
  });
};

/** `limitField`: the first rows; a negative number the last ones. */
export const limit: Transform = (frames, options, values) => {
  const most = Number(interpolate(String(options.limitField ?? 10), values)) || 10;
  return frames.map((frame) => picked(frame, most < 0 ? allRows(frame).slice(most) : allRows(frame).slice(0, most)));
};

interface Condition {
  fieldName?: string;
  config?: { id?: string; options?: { value?: unknown; from?: unknown; to?: unknown } };
}

/** `filters`, `match`: any or all, `type`: include or exclude. */
export const filterByValue: Transform = (frames, options, values) => {
  const { filters = [], match = "any", type = "include" } = options as { filters?: Condition[]; match?: string; type?: string };
  if (!filters.length) return frames;
  return frames.map((frame) => {
    const tests = filters.flatMap(({ fieldName = "", config }) => {
      const by = fieldOf(frame, fieldName);
      const test = condition(config?.id ?? "", config?.options ?? {}, (text) => interpolate(text, values));
      return by ? [(row: number) => test(by.values[row])] : [];
    });
    if (!tests.length) return frame;
    const holds = (row: number): boolean => (match === "all" ? tests.every((test) => test(row)) : tests.some((test) => test(row)));
    return picked(frame, allRows(frame).filter((row) => holds(row) === (type === "include")));
  });
};

function condition(id: string, options: { value?: unknown; from?: unknown; to?: unknown }, replaced: (text: string) => string): (value: unknown) => boolean {
  const text = replaced(String(options.value ?? ""));
  const limit = Number(text);
  const number = (value: unknown): number => numberOf(value) ?? Number.NaN;
  switch (id) {
    case "greater":
      return (value) => number(value) > limit;
    case "greaterOrEqual":
      return (value) => number(value) >= limit;
    case "lower":
      return (value) => number(value) < limit;
    case "lowerOrEqual":
      return (value) => number(value) <= limit;
    case "between":
      return (value) => number(value) >= Number(options.from) && number(value) <= Number(options.to);
    case "isNull":
      return (value) => value === null || value === undefined;
    case "isNotNull":
      return (value) => value !== null && value !== undefined;
    case "regex":
      return (value) => pattern(text)?.test(String(value ?? "")) ?? false;
    case "substring":
      return (value) => String(value ?? "").toLowerCase().includes(text.toLowerCase());
    case "notSubstring":
      return (value) => !String(value ?? "").toLowerCase().includes(text.toLowerCase());
    case "notEqual":
      return (value) => String(value ?? "") !== text;
    default:
      return (value) => String(value ?? "") === text;
  }
}

/** `fields: { name: { operation: "groupby" | "aggregate", aggregations } }`. */
export const groupBy: Transform = (frames, options) => {
  const wanted = (options.fields ?? {}) as Record<string, { operation?: string | null; aggregations?: string[] }>;
  return frames.map((frame) => {
    const keys = frame.fields.filter((one) => wanted[nameOf(one)]?.operation === "groupby");
    if (!keys.length) return frame;
    const groups = new Map<string, number[]>();
    for (const row of allRows(frame)) {
      const key = JSON.stringify(keys.map(({ values }) => values[row] ?? null));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const rows = [...groups.values()];
    const aggregated = frame.fields.flatMap((one) => {
      const { operation, aggregations = [] } = wanted[nameOf(one)] ?? {};
      if (operation !== "aggregate") return [];
      return aggregations.map((calc) => {
        const values = rows.map((members) => reduce(members.map((row) => one.values[row]), calc));
        return field(`${nameOf(one)} (${calc})`, values.every((value) => value === null || typeof value === "number") ? (one.type === "time" && calc !== "count" ? "time" : "number") : "string", values);
      });
    });
    return { ...frame, kind: "table" as const, fields: [...keys.map((one) => ({ ...one, values: rows.map(([row = 0]) => one.values[row]) })), ...aggregated] };
  });
};

/** `reducers`, `mode`: seriesToRows (a row per series) or reduceFields, `labelsToFields`. */
export const reduceFrames: Transform = (frames, options) => {
  const { reducers = [], mode = "seriesToRows", labelsToFields = false, includeTimeField = false } = options as { reducers?: string[]; mode?: string; labelsToFields?: boolean; includeTimeField?: boolean };
  if (mode === "reduceFields") {
    const calc = reducers[0] ?? "lastNotNull";
    return frames.map((frame) => ({ ...frame, kind: "table" as const, fields: frame.fields.filter(({ type }) => type !== "time").map((one) => ({ ...one, values: [reduce(one.values, calc)] })) }));
  }
  const series = frames.flatMap((frame) => frame.fields.filter((one) => one.type !== "time" || includeTimeField).map((one) => ({ one, name: nameOf(one) === "Value" ? frame.name || "Value" : nameOf(one) })));
  const labels = labelsToFields ? [...new Set(series.flatMap(({ one }) => Object.keys(one.labels)))].sort() : [];
  if (!series.length) return [];
  const columns = reducers.map((calc) => {
    const values = series.map(({ one }) => reduce(one.values, calc));
    return field(calcName(calc), values.some((value) => typeof value === "string") ? "string" : "number", values);
  });
  const names = labels.length ? labels.map((label) => field(label, "string", series.map(({ one }) => one.labels[label] ?? null))) : [field("Field", "string", series.map(({ name }) => name))];
  return [{ refId: frames[0]?.refId ?? "", name: "", kind: "table", fields: [...names, ...columns] }];
};

/** Fields that hold numbers, of several frames. */
export function numbersOf(frames: readonly DataFrame[]): Field[] {
  return frames.flatMap(numberFields);
}

// Transformations that make tables of other things: trends in cells, buckets, fields out of texts.
import { bucketed } from "../../plot/buckets";
import { field, numberFields } from "../frames";
import { nameOf } from "../matcher";
import { numberOf, reduce } from "../reduce";
import type { Transform } from "./apply";

/** A row per series: its labels, and its values as a trend. */
export const timeSeriesTable: Transform = (frames, options) => {
  const byRef = new Map<string, typeof frames>();
  for (const frame of frames) byRef.set(frame.refId, [...(byRef.get(frame.refId) ?? []), frame]);
  return [...byRef].map(([refId, members]) => {
    const { stat = "lastNotNull" } = (options[refId] ?? {}) as { stat?: string };
    const series = members.flatMap(numberFields);
    const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))].sort();
    const trends = series.map((one) => ({ values: one.values, value: reduce(one.values, stat) }));
    return { refId, name: "", kind: "table", fields: [...labels.map((label) => field(label, "string", series.map((one) => one.labels[label] ?? null))), field(`Trend #${refId}`, "other", trends)] };
  });
};

/** `bucketSize`, `bucketCount`, `bucketOffset`, `combine`: xMin, xMax and the counts. */
export const histogram: Transform = (frames, options) => {
  const series = frames.flatMap(numberFields).map((one) => ({ name: nameOf(one), values: one.values.map(numberOf) }));
  const merged = options.combine ? [{ name: "count", values: series.flatMap(({ values }) => values) }] : series;
  const size = numberOf(options.bucketSize);
  const made = bucketed(merged, { most: numberOf(options.bucketCount) ?? 30, offset: numberOf(options.bucketOffset) ?? 0, ...(size ? { size } : {}) });
  if (!made.series.length) return [];
  return [
    {
      refId: frames[0]?.refId ?? "",
      name: "histogram",
      kind: "table",
      fields: [field("xMin", "number", made.bounds.slice(0, -1)), field("xMax", "number", made.bounds.slice(1)), ...made.series.map(({ name, counts }) => field(name, "number", [...counts], {}, name))],
    },
  ];
};

/** `source`, `format`: json, kvp, auto, labels; `jsonPaths`, `keepTime`, `replace`. */
export const extractFields: Transform = (frames, options) => {
  const { source = "", format = "auto", replace = false, keepTime = false, jsonPaths = [] } = options as { source?: string; format?: string; replace?: boolean; keepTime?: boolean; jsonPaths?: { path?: string; alias?: string }[] };
  return frames.map((frame) => {
    const from = frame.fields.find((one) => nameOf(one) === source || one.name === source);
    if (!from) return frame;
    const rows = from.values.map((value) => objectOf(value, format));
    const paths = jsonPaths.filter(({ path }) => path).map(({ path = "", alias }) => ({ path, name: alias || path }));
    const names = paths.length ? paths : [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => ({ path: name, name }));
    const made = names.slice(0, 100).map(({ path, name }) => {
      const values = rows.map((row) => at(row, path));
      const isNumbers = values.some((value) => value !== null) && values.every((value) => value === null || typeof value === "number");
      return field(name, isNumbers ? "number" : "string", isNumbers ? values : values.map((value) => (value === null || typeof value === "string" ? value : JSON.stringify(value))));
    });
    const kept = replace ? frame.fields.filter(({ type }) => keepTime && type === "time") : frame.fields;
    return { ...frame, kind: "table" as const, fields: [...kept, ...made] };
  });
};

function objectOf(value: unknown, format: string): Record<string, unknown> {
  if (value && typeof value === "object") return value as Record<string, unknown>;
  const text = String(value ?? "");
  if (format !== "kvp") {
    try {
      const found: unknown = JSON.parse(text);
      if (found && typeof found === "object") return found as Record<string, unknown>;
    } catch {
      // no JSON: pairs, then
    }
  }
  return Object.fromEntries([...text.matchAll(/([\w.-]+)[=:]\s*(?:"([^"]*)"|([^\s,;]+))/g)].map(([, key, quoted, plain]) => [key ?? "", quoted ?? plain ?? ""]));
}

/** The value at `a.b[0].c`; null when there is none. */
function at(row: Record<string, unknown>, path: string): unknown {
  if (path in row) return row[path] ?? null;
  let found: unknown = row;
  for (const part of path.split(/[.[\]]+/).filter(Boolean)) found = (found as Record<string, unknown> | null | undefined)?.[part];
  return found ?? null;
}

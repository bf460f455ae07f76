// Transformations that make one frame of several.
import { type DataFrame, type Field, field, numberFields, rowsOf, timeField } from "../frames";
import { nameOf } from "../matcher";
import type { Transform } from "./apply";

/** Rows of all frames in one table: rows that agree in the columns they share become one. */
export const merge: Transform = (frames) => {
  const given = frames.filter((frame) => frame.fields.length);
  if (given.length < 2) return given.map((frame) => ({ ...frame, kind: frame.kind === "logs" ? "logs" : "table" }));
  const columns = new Map<string, Field>();
  const owners = new Map<string, number>();
  for (const frame of given)
    for (const one of frame.fields) {
      const name = columnName(one);
      owners.set(name, (owners.get(name) ?? 0) + 1);
      if (!columns.has(name)) columns.set(name, { ...one, name, displayName: one.type === "number" && one.displayName ? one.displayName : "", values: [] });
    }
  const rows: Map<string, unknown>[] = [];
  /** Rows by what they have in the columns that frames share. */
  const known = new Map<string, Map<string, unknown>[]>();
  const shared = [...owners].filter(([name, count]) => count === given.length && columns.get(name)?.type !== "number").map(([name]) => name);
  for (const frame of given) {
    for (let i = 0; i < rowsOf(frame); i += 1) {
      const row = new Map(frame.fields.map((one) => [columnName(one), one.values[i]]));
      const key = JSON.stringify(shared.map((name) => row.get(name) ?? null));
      const candidates = known.get(key) ?? [];
      const fit = candidates.find((other) => agree(other, row));
      if (fit) {
        for (const [name, value] of row) fit.set(name, value);
        continue;
      }
      rows.push(row);
      known.set(key, [...candidates, row]);
    }
  }
  const fields = [...columns].map(([name, one]) => ({ ...one, values: rows.map((row) => row.get(name) ?? null) }));
  return [{ refId: given.map(({ refId }) => refId).join("-"), name: "", kind: "table", fields }];
};

const columnName = (one: Field): string => (one.type === "number" && one.displayName ? one.displayName : one.name);

function agree(a: Map<string, unknown>, b: Map<string, unknown>): boolean {
  for (const [name, value] of b) if (a.has(name) && a.get(name) !== value) return false;
  return true;
}

/** `byField`, `mode`: inner, outer, outerTabular. Columns of all frames beside each other, a row per value of the field. */
export const joinByField: Transform = (frames, options) => {
  const { byField, mode = "outer" } = options as { byField?: string; mode?: string };
  const keyed = frames.flatMap((frame) => {
    const key = byField ? frame.fields.find((one) => nameOf(one) === byField || one.name === byField) : timeField(frame);
    return key ? [{ frame, key }] : [];
  });
  const first = keyed[0];
  if (!first) return frames;
  const counts = new Map<unknown, number>();
  for (const { key } of keyed) for (const value of new Set(key.values)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const values = [...counts].filter(([, count]) => mode !== "inner" || count === keyed.length).map(([value]) => value);
  if (first.key.type === "time" || first.key.type === "number") values.sort((a, b) => Number(a) - Number(b));
  const slots = new Map(values.map((value, i) => [value, i]));
  const used = new Map<string, number>();
  const fields: Field[] = [{ ...first.key, values }];
  for (const { frame, key } of keyed) {
    for (const one of frame.fields) {
      if (one === key) continue;
      const column = new Array<unknown>(values.length).fill(null);
      key.values.forEach((value, row) => {
        const slot = slots.get(value);
        if (slot !== undefined) column[slot] = one.values[row];
      });
      const again = (used.get(nameOf(one)) ?? 0) + 1;
      used.set(nameOf(one), again);
      fields.push(again > 1 && !one.displayName ? { ...one, name: `${one.name} ${again}`, values: column } : { ...one, values: column });
    }
  }
  return [{ refId: keyed.map(({ frame }) => frame.refId).join("-"), name: "", kind: first.key.type === "time" ? "series" : "table", fields }];
};

/** All columns of all frames side by side, rows by their number. */
export const concatenate: Transform = (frames, options) => {
  if (!frames.length) return [];
  const mode = String(options.frameNameMode ?? "field");
  const count = Math.max(...frames.map(rowsOf));
  const fields = frames.flatMap((frame) =>
    frame.fields.map((one) => {
      const values = [...one.values, ...new Array<unknown>(count - one.values.length).fill(null)];
      const name = mode === "field" && frame.name && frames.length > 1 && !one.displayName ? `${frame.name} ${one.name}` : one.name;
      return { ...one, name, values };
    }),
  );
  return [{ refId: frames.map(({ refId }) => refId).join("-"), name: "", kind: "table", fields }];
};

/** Time, Metric, Value: a row per point of all series, the latest first. */
export const seriesToRows: Transform = (frames) => {
  const rows = frames.flatMap((frame) => {
    const times = timeField(frame)?.values ?? [];
    return numberFields(frame).flatMap((one) => times.map((at, i) => ({ at: Number(at), metric: nameOf(one) === "Value" ? frame.name || "Value" : nameOf(one), value: one.values[i] ?? null })));
  });
  rows.sort((a, b) => b.at - a.at);
  const made: DataFrame = {
    refId: frames.map(({ refId }) => refId).join("-"),
    name: "",
    kind: "table",
    fields: [field("Time", "time", rows.map(({ at }) => at)), field("Metric", "string", rows.map(({ metric }) => metric)), field("Value", "number", rows.map(({ value }) => value))],
  };
  return rows.length ? [made] : [];
};

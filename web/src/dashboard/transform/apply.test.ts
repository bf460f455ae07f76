import assert from "node:assert/strict";
import { test } from "node:test";
import { type DataFrame, field } from "../frames";
import type { Transformation } from "../types";
import { transformed } from "./apply";

const step = (id: string, options: Record<string, unknown> = {}, more: Partial<Transformation> = {}): Transformation => ({ id, options, disabled: false, filter: null, reason: "", ...more });

const series = (refId: string, name: string, values: (number | null)[], labels: Record<string, string> = {}): DataFrame => ({
  refId,
  name,
  kind: "series",
  fields: [field("Time", "time", values.map((_, i) => 1000 * (i + 1))), field("Value", "number", values, labels, name)],
});

const table = (refId: string, columns: Record<string, unknown[]>): DataFrame => ({
  refId,
  name: refId,
  kind: "table",
  fields: Object.entries(columns).map(([name, values]) => field(name, typeof values[0] === "number" ? "number" : "string", values)),
});

/** Columns by what they are called. */
function columns(frames: readonly DataFrame[]): Record<string, unknown[]> {
  return Object.fromEntries(frames.flatMap(({ fields }) => fields.map(({ name, displayName, values }) => [displayName || name, values])));
}

const run = (frames: DataFrame[], ...steps: Transformation[]) => transformed(frames, steps, new Map([["limit", { values: ["1"] }]]));

test("merge makes one row of those that agree in what they share", () => {
  const found = run([table("A", { pod: ["a", "b"], "Value #A": [1, 2] }), table("B", { pod: ["b", "c"], "Value #B": [20, 30] })], step("merge"));
  assert.deepEqual(columns(found), { pod: ["a", "b", "c"], "Value #A": [1, 2, null], "Value #B": [null, 20, 30] });
});

test("organize hides, orders, renames", () => {
  const found = run([table("A", { a: ["x"], b: ["y"], c: ["z"] })], step("organize", { excludeByName: { a: true }, indexByName: { c: 0, b: 1 }, renameByName: { c: "C" } }));
  assert.deepEqual(Object.keys(columns(found)), ["C", "b"]);
});

test("join puts series side by side by their times", () => {
  const found = run([series("A", "a", [1, 2]), series("B", "b", [3, 4, 5])], step("joinByField", { byField: "Time", mode: "outer" }));
  assert.deepEqual(columns(found), { Time: [1000, 2000, 3000], a: [1, 2, null], b: [3, 4, 5] });
  const inner = run([series("A", "a", [1, 2]), series("B", "b", [3, 4, 5])], step("joinByField", { byField: "Time", mode: "inner" }));
  assert.deepEqual(columns(inner), { Time: [1000, 2000], a: [1, 2], b: [3, 4] });
});

test("calculate: of two fields, of a row, of one field", () => {
  const frames = [table("A", { name: ["x", "y"], a: [1, 6], b: [2, 3] })];
  assert.deepEqual(columns(run(frames, step("calculateField", { mode: "binary", binary: { left: "a", operator: "/", right: "b" }, alias: "ratio" }))).ratio, [0.5, 2]);
  assert.deepEqual(columns(run(frames, step("calculateField", { mode: "reduceRow", reduce: { reducer: "sum" }, alias: "sum" }))).sum, [3, 9]);
  assert.deepEqual(columns(run(frames, step("calculateField", { mode: "binary", binary: { left: { matcher: { id: "byName", options: "a" } }, operator: "*", right: { fixed: "10" } }, alias: "ten", replaceFields: true }))), { ten: [10, 60] });
  assert.deepEqual(columns(run(frames, step("calculateField", { mode: "unary", unary: { operator: "sqrt", fieldName: "a" }, alias: "root" }))).root, [1, Math.sqrt(6)]);
});

test("rows: sorted, limited by a variable, filtered by a value", () => {
  const frames = [table("A", { name: ["x", "y", "z"], a: [2, 3, 1] })];
  assert.deepEqual(columns(run(frames, step("sortBy", { sort: [{ field: "a", desc: true }] }))).name, ["y", "x", "z"]);
  assert.deepEqual(columns(run(frames, step("limit", { limitField: "$limit" }))).name, ["x"]);
  const big = { fieldName: "a", config: { id: "greaterOrEqual", options: { value: 2 } } };
  assert.deepEqual(columns(run(frames, step("filterByValue", { filters: [big], type: "include", match: "all" }))).name, ["x", "y"]);
  assert.deepEqual(columns(run(frames, step("filterByValue", { filters: [big], type: "exclude", match: "any" }))).name, ["z"]);
});

test("group by and calculate", () => {
  const frames = [table("A", { job: ["a", "b", "a"], v: [1, 2, 3] })];
  const found = run(frames, step("groupBy", { fields: { job: { operation: "groupby" }, v: { operation: "aggregate", aggregations: ["sum", "count"] } } }));
  assert.deepEqual(columns(found), { job: ["a", "b"], "v (sum)": [4, 2], "v (count)": [2, 1] });
});

test("reduce makes a row of each series, labels become columns", () => {
  const frames = [series("A", "a", [1, 5], { job: "x" }), series("A", "b", [2, null], { job: "y" })];
  assert.deepEqual(columns(run(frames, step("reduce", { reducers: ["max", "lastNotNull"] }))), { Field: ["a", "b"], Max: [5, 2], "Last *": [5, 2] });
  assert.deepEqual(columns(run(frames, step("reduce", { reducers: ["max"], labelsToFields: true }))), { job: ["x", "y"], Max: [5, 2] });
});

test("names: by expression, by list, by query", () => {
  const frames = [table("A", { "cpu a": [1], mem: [2] })];
  assert.deepEqual(Object.keys(columns(run(frames, step("renameByRegex", { regex: "cpu (.*)", renamePattern: "$1" })))), ["a", "mem"]);
  assert.deepEqual(Object.keys(columns(run(frames, step("filterFieldsByName", { include: { pattern: "/^cpu/" } })))), ["cpu a"]);
  assert.deepEqual(run([series("A", "a", [1]), series("B", "b", [1])], step("filterByRefId", { include: "B" })).map(({ refId }) => refId), ["B"]);
});

test("labels to columns; rows of all series; trends; fields out of texts", () => {
  assert.deepEqual(columns(run([series("A", "a", [1], { job: "x" })], step("labelsToFields", {}))), { Time: [1000], job: ["x"], Value: [1] });
  assert.deepEqual(columns(run([series("A", "a", [1, 2]), series("A", "b", [3])], step("seriesToRows"))).Metric, ["a", "a", "b"]);
  const [trends] = run([series("A", "a", [1, 2], { job: "x" })], step("timeSeriesTable"));
  assert.deepEqual(trends?.fields.map(({ name, values }) => [name, values]), [["job", ["x"]], ["Trend #A", [{ values: [1, 2], value: 2 }]]]);
  assert.deepEqual(columns(run([table("A", { line: ['{"a":1,"b":"c"}'] })], step("extractFields", { source: "line", replace: true }))), { a: [1], b: ["c"] });
  assert.deepEqual(columns(run([table("A", { line: ["a=1 b=\"two words\""] })], step("extractFields", { source: "line", replace: true, format: "kvp" }))), { a: ["1"], b: ["two words"] });
});

test("types change, histograms count, frames stand side by side", () => {
  assert.deepEqual(run([table("A", { a: ["1", "2"] })], step("convertFieldType", { conversions: [{ targetField: "a", destinationType: "number" }] }))[0]?.fields[0]?.values, [1, 2]);
  assert.deepEqual(columns(run([table("A", { a: [1, 2, 11] })], step("histogram", { bucketSize: 10 }))), { xMin: [0, 10], xMax: [10, 20], a: [2, 1] });
  assert.deepEqual(columns(run([table("A", { a: [1, 2] }), table("B", { b: [3] })], step("concatenate", { frameNameMode: "drop" }))), { a: [1, 2], b: [3, null] });
});

test("a disabled step does nothing, a filtered one leaves other frames alone", () => {
  const frames = [series("A", "a", [1, 5]), series("B", "b", [2, 3])];
  assert.deepEqual(run(frames, step("reduce", { reducers: ["max"] }, { disabled: true })), frames);
  const found = run(frames, step("reduce", { reducers: ["max"] }, { filter: { id: "byFrameRefID", options: "A" } }));
  assert.deepEqual(found.map(({ refId, kind }) => [refId, kind]), [["A", "table"], ["B", "series"]]);
});

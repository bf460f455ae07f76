import assert from "node:assert/strict";
import { test } from "node:test";
import { colorOf, named, stepsOf } from "./colors";
import { configured, PLAIN } from "./field_config";
import { type DataFrame, field } from "./frames";
import { reduce } from "./reduce";
import { mappingOf, shown } from "./shown";
import type { FieldConfig, Mapping, Override } from "./types";

const frame = (refId: string, name: string, values: number[], labels: Record<string, string> = {}): DataFrame => ({ refId, name, kind: "series", fields: [field("Time", "time", [1, 2, 3]), field("Value", "number", values, labels, name)] });

const config = (overrides: Override[], defaults: Partial<FieldConfig["defaults"]> = {}): FieldConfig => ({ defaults: { ...PLAIN, ...defaults }, overrides });

const unitOf = (overrides: Override[], frames: DataFrame[]): string[] => configured(frames, config(overrides, { unit: "s" }), new Map()).map(({ fields }) => fields[1]?.options?.unit ?? "");

const two = [frame("A", "in", [1, 2, 3]), frame("B", "out of it", [10, 20, 30])];
const bytes = [{ id: "unit", value: "bytes" }];

test("overrides by name, expression, names, type, query and value", () => {
  assert.deepEqual(unitOf([{ matcher: { id: "byName", options: "in" }, properties: bytes }], two), ["bytes", "s"]);
  assert.deepEqual(unitOf([{ matcher: { id: "byRegexp", options: "/^OUT/i" }, properties: bytes }], two), ["s", "bytes"]);
  assert.deepEqual(unitOf([{ matcher: { id: "byNames", options: { mode: "exclude", names: ["in"] } }, properties: bytes }], two), ["s", "bytes"]);
  assert.deepEqual(unitOf([{ matcher: { id: "byType", options: "number" }, properties: bytes }], two), ["bytes", "bytes"]);
  assert.deepEqual(unitOf([{ matcher: { id: "byFrameRefID", options: "B" }, properties: bytes }], two), ["s", "bytes"]);
  assert.deepEqual(unitOf([{ matcher: { id: "byValue", options: { reducer: "max", op: ">", value: 3 } }, properties: bytes }], two), ["s", "bytes"]);
});

test("later overrides win; parts of custom options keep their siblings", () => {
  const [first] = configured(two, config([{ matcher: { id: "byName", options: "in" }, properties: [{ id: "custom.stacking.mode", value: "normal" }, { id: "decimals", value: 1 }] }, { matcher: { id: "byName", options: "in" }, properties: [{ id: "decimals", value: 2 }] }], { custom: { stacking: { group: "A", mode: "none" }, lineWidth: 3 } }), new Map());
  assert.deepEqual(first?.fields[1]?.options?.custom, { stacking: { group: "A", mode: "normal" }, lineWidth: 3 });
  assert.equal(first?.fields[1]?.options?.decimals, 2);
});

test("display names are templates", () => {
  const [found] = configured([frame("A", "up", [1], { job: "api" })], config([], { displayName: "${__field.labels.job} on $host" }), new Map([["host", { values: ["h1"] }]]));
  assert.equal(found?.fields[1]?.displayName, "api on h1");
  assert.equal(found?.fields[0]?.displayName, "Time");
});

test("values are mapped by value, range, expression and kind", () => {
  const map = (more: Partial<Mapping>): Mapping => ({ kind: "value", match: "", start: null, end: null, text: "found", color: "", ...more });
  assert.ok(mappingOf(1, [map({ match: "1" })]));
  assert.ok(mappingOf("1.0", [map({ match: "1" })]));
  assert.equal(mappingOf(2, [map({ match: "1" })]), null);
  assert.ok(mappingOf(5, [map({ kind: "range", start: 1, end: 5 })]));
  assert.equal(mappingOf(5.1, [map({ kind: "range", start: 1, end: 5 })]), null);
  assert.ok(mappingOf("abc", [map({ kind: "regex", match: "/^a/" })]));
  assert.ok(mappingOf(null, [map({ kind: "special", match: "null+nan" })]));
  assert.equal(shown("web-7", { ...PLAIN, mappings: [map({ kind: "regex", match: "web-(.*)", text: "number $1" })] }).text, "number 7");
});

test("a value has its unit, or says that there is none", () => {
  assert.equal(shown(1536, { ...PLAIN, unit: "bytes" }).text, "1.5 KiB");
  assert.equal(shown(null, { ...PLAIN, noValue: "off" }).text, "off");
  assert.equal(shown("text", { ...PLAIN, unit: "bytes" }).text, "text");
});

test("colours: thresholds in both modes, fixed, palette, continuous", () => {
  const steps = [{ value: null, color: "green" }, { value: 50, color: "red" }];
  const scale = { min: 0, max: 200, index: 2, name: "" };
  assert.equal(colorOf(60, { ...PLAIN, thresholds: { mode: "absolute", steps } }, scale), named("red"));
  assert.equal(colorOf(60, { ...PLAIN, thresholds: { mode: "percentage", steps } }, scale), named("green"));
  assert.equal(stepsOf({ mode: "percentage", steps }, 0, 200)[1]?.value, 100);
  assert.equal(colorOf(1, { ...PLAIN, color: { mode: "fixed", fixed: "blue", seriesBy: "last" } }, scale), "var(--hue-blue)");
  assert.equal(colorOf(1, PLAIN, scale, "palette-classic"), "series-2");
  assert.match(colorOf(100, { ...PLAIN, color: { mode: "continuous-GrYlRd", fixed: "", seriesBy: "last" } }, scale), /^color-mix/);
  assert.equal(named("semi-dark-red"), "color-mix(in oklab, var(--hue-red), var(--text) 15%)");
  assert.equal(named("red;background:url(x)"), "series-0");
});

test("calculations", () => {
  const values = [null, 4, 1, 3, null];
  const cases: [string, unknown][] = [["lastNotNull", 3], ["last", null], ["firstNotNull", 4], ["min", 1], ["max", 4], ["mean", 8 / 3], ["sum", 8], ["count", 5], ["range", 3], ["diff", -1], ["median", 3], ["current", 3], ["total", 8], ["p50", 3], ["delta", 3]];
  for (const [id, expected] of cases) assert.equal(reduce(values, id), expected, id);
  assert.equal(reduce([], "mean"), null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Variable } from "./types";
import { chosenOf, filtered, fromAddress, ordered, valueOf } from "./variables";

const plain: Variable = {
  name: "x", kind: "query", label: "", description: "", hide: "", multi: false, includeAll: false, allValue: null, allowCustom: true, current: [], options: [], engines: [],
  query: null, datasource: null, regex: "", sortBy: "none", descending: false, refresh: "load", auto: false, autoCount: 30, autoMin: "10s", filters: [], skipUrlSync: false, reason: "",
};
const query = (name: string, selector: string): Variable => ({ ...plain, name, query: { kind: "labelValues", label: "l", selector, expr: "" } });
const choices = ["a", "b"].map((value) => ({ text: value.toUpperCase(), value }));

test("chained variables come after what they use, circles end", () => {
  assert.deepEqual(ordered([query("c", "m{b=\"$b\"}"), query("b", "m{a=\"${a:regex}\"}"), query("a", "m")]).map(({ name }) => name), ["a", "b", "c"]);
  assert.deepEqual(ordered([query("a", "$b"), query("b", "$a")]).map(({ name }) => name), ["b", "a"]);
});

test("the address, then the file, then the first", () => {
  assert.deepEqual(fromAddress(new URLSearchParams("var-x=a&var-x=b"), "x"), ["a", "b"]);
  assert.deepEqual(fromAddress(new URLSearchParams("var-x=All"), "x"), ["$__all"]);
  assert.equal(fromAddress(new URLSearchParams(""), "x"), null);
  assert.deepEqual(chosenOf(plain, choices, null), ["a"]);
  assert.deepEqual(chosenOf({ ...plain, current: [{ text: "gone", value: "gone" }] }, choices, null), ["a"]);
  assert.deepEqual(chosenOf({ ...plain, multi: true }, choices, ["b", "a"]), ["b", "a"]);
  assert.deepEqual(chosenOf({ ...plain, includeAll: true, multi: true }, choices, null), ["$__all"]);
});

test("all is every value, or the text that stands for it", () => {
  const window = { start: 0, end: 3_600_000 };
  const all = { variable: { ...plain, multi: true, includeAll: true }, options: choices, chosen: ["$__all"], error: "" };
  assert.deepEqual(valueOf(all, window).values, ["a", "b"]);
  assert.equal(valueOf({ ...all, variable: { ...all.variable, allValue: ".*" } }, window).literal, ".*");
  assert.deepEqual(valueOf({ ...all, variable: { ...plain, autoCount: 30 }, chosen: ["$__auto"] }, window).values, ["2m"]);
});

test("a regular expression takes values out of results", () => {
  assert.deepEqual(filtered(['up{job="a",zone="z"}', "other"], '/.*job="([^"]*)".*/'), [{ text: "a", value: "a" }]);
  assert.deepEqual(filtered(["a|A", "b|B"], "/(?<value>.)\\|(?<text>.)/"), [{ text: "A", value: "a" }, { text: "B", value: "b" }]);
  assert.deepEqual(filtered(["prod-1", "dev-1"], "^prod"), [{ text: "prod", value: "prod" }]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, sorted, tableCsv, tableMarkdown, tableOf } from "./metric_table";
import type { QueryData } from "./prometheus_api";

const DATA: QueryData = {
  resultType: "vector",
  result: [
    { metric: { __name__: "x", pod: "p10" }, value: [1, "2"] },
    { metric: { __name__: "x", pod: 'p"2' }, value: [1, "10"] },
    { metric: { __name__: "x" }, value: [1, "NaN"] },
    { metric: { __name__: "h" }, histogram: [1, { count: "4", sum: "2" }] },
  ],
};

test("columns begin with the metric; histograms are words", () => {
  const { columns, rows } = tableOf(DATA);
  assert.deepEqual(columns, ["__name__", "pod"]);
  assert.equal(rows[3]?.text, "count 4, sum 2, mean 0.5");
});

test("numbers are sorted as numbers, NaN last", () => {
  const { rows } = tableOf(DATA);
  const values = (isDescending: boolean): number[] => sorted(rows, { column: "value", isDescending }).map(({ value }) => value);
  assert.deepEqual(values(false), [2, 4, 10, Number.NaN]);
  assert.deepEqual(values(true), [10, 4, 2, Number.NaN]);
  assert.deepEqual(sorted(rows, { column: "pod", isDescending: true }).map(({ labels }) => labels.pod), ["p10", 'p"2', undefined, undefined]);
});

test("as text", () => {
  const table = tableOf(DATA);
  assert.equal(tableCsv(table).split("\r\n")[2], 'x,"p""2",10');
  assert.equal(tableMarkdown(table, 1), "| metric | pod | value |\n| --- | --- | ---: |\n| x | p10 | 2 |\n\nand 3 more");
  assert.equal(tableCsv(tableOf({ resultType: "scalar", result: [1, "3"] })), "value\r\n3");
});

test("texts are no formulas, numbers stay numbers", () => {
  assert.equal(csv([["=cmd()", "+1", "-2.5e-7", "@x", "-a", "-Inf", -3, null]]), "'=cmd(),+1,-2.5e-7,'@x,'-a,-Inf,-3,");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketFrame, legendName, seriesFrames, tableFrame } from "./frames";
import { parseInterval, roundInterval, stepOf } from "./interval";

const matrix = {
  resultType: "matrix" as const,
  result: [
    { metric: { __name__: "x", job: "a", le: "0.1" }, values: [[10, "1"], [20, "NaN"]] as [number, string][] },
    { metric: { __name__: "x", job: "a", le: "+Inf" }, values: [[10, "4"], [20, "+Inf"]] as [number, string][] },
  ],
};

test("a frame per series, named by its legend", () => {
  const [first, second] = seriesFrames(matrix, { refId: "A", legend: "{{ job }} <= {{le}}" });
  assert.equal(first?.name, "a <= 0.1");
  assert.deepEqual(first?.fields[0]?.values, [10_000, 20_000]);
  assert.deepEqual(second?.fields[1]?.values, [4, Number.POSITIVE_INFINITY]);
});

test("names without a legend", () => {
  assert.equal(legendName({ __name__: "up", job: "a" }, ""), 'up{job="a"}');
  assert.equal(legendName({ job: "a", path: "/" }, "__auto", ["path"]), "/");
  assert.equal(legendName({}, ""), "Value");
  assert.equal(legendName({ a: "b" }, "{{missing}}"), '{a="b"}');
});

test("a table has a column per label, heatmaps their buckets one by one", () => {
  const table = tableFrame({ resultType: "vector", result: [{ metric: { job: "a" }, value: [1, "2"] }, { metric: { zone: "z" }, value: [1, "3"] }] }, "B");
  assert.deepEqual(table.fields.map(({ name, values }) => [name, values]), [["Time", [1000, 1000]], ["job", ["a", null]], ["zone", [null, "z"]], ["Value #B", [2, 3]]]);
  const heat = bucketFrame(matrix, "A");
  assert.deepEqual(heat?.fields.map(({ name, values }) => [name, values[0]]), [["Time", 10_000], ["0.1", 1], ["+Inf", 3]]);
});

test("steps are round and not below the least", () => {
  assert.equal(roundInterval(12_000), 10_000);
  assert.equal(stepOf(3_600_000, 600, 15_000), 15_000);
  assert.equal(stepOf(86_400_000, 600, 15_000), 120_000);
  assert.equal(parseInterval(">1m30s"), 90_000);
  assert.equal(parseInterval("$x"), null);
});

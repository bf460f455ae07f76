import assert from "node:assert/strict";
import { test } from "node:test";
import { heatOf } from "./metric_heat";

const TIMES = [0, 10];
const bucket = (le: string, a: string, b: string) => ({ metric: { le }, values: [[0, a], [10, b]] as [number, string][] });

test("classic buckets lose what is below them, empty ends go", () => {
  const heat = heatOf([bucket("+Inf", "6", "9"), bucket("1", "4", "9"), bucket("0.1", "0", "0"), bucket("0.5", "3", "5")], TIMES);
  assert.deepEqual(heat?.bounds, [0.1, 0.5, 1, Infinity]);
  assert.deepEqual(heat?.counts.map((row) => [...row]), [[3, 5], [1, 4], [2, 0]]);
});

test("series of one edge are added", () => {
  const heat = heatOf([bucket("1", "1", "2"), bucket("1", "3", "4")], TIMES);
  assert.deepEqual(heat?.counts.map((row) => [...row]), [[4, 6]]);
});

test("native histograms", () => {
  const at = (time: number, buckets: [number, string, string, string][]) => [time, { count: "3", sum: "1", buckets }] as [number, { count: string; sum: string; buckets: [number, string, string, string][] }];
  const heat = heatOf([{ metric: {}, histograms: [at(0, [[0, "1", "2", "2"], [0, "2", "4", "1"]]), at(10, [[0, "2", "4", "7"]])] }], TIMES);
  assert.deepEqual(heat?.bounds, [1, 2, 4]);
  assert.deepEqual(heat?.counts.map((row) => [...row]), [[2, 0], [1, 7]]);
});

test("nothing without buckets", () => {
  assert.equal(heatOf([{ metric: { a: "b" }, values: [[0, "1"]] }], TIMES), null);
});

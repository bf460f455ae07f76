import assert from "node:assert/strict";
import { test } from "node:test";
import { roundStep, ticks } from "./ticks";

test("steps are round in the base of their unit", () => {
  assert.deepEqual([3, 0.011, 1000, 0].map((least) => roundStep(least, "none")), [5, 0.02, 1000, 1]);
  assert.deepEqual([1500, 600, 3 * 2 ** 20].map((least) => roundStep(least, "bytes")), [2048, 1024, 4 * 2 ** 20]);
  assert.deepEqual([7, 40, 700, 4000].map((least) => roundStep(least, "s")), [10, 60, 900, 7200]);
  assert.equal(roundStep(40_000, "ms"), 60_000);
  assert.equal(roundStep(0.02, "s"), 0.02);
});

test("ticks lie inside the range and are exact", () => {
  assert.deepEqual(ticks(0, 1, 5, "none"), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(0.1, 0.35, 3, "none"), [0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(0, 4096, 4, "bytes"), [0, 1024, 2048, 3072, 4096]);
  assert.deepEqual(ticks(-100, 100, 4, "none"), [-100, -50, 0, 50, 100]);
  assert.deepEqual(ticks(0, 300, 5, "s"), [0, 60, 120, 180, 240, 300]);
});

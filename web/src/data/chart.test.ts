import assert from "node:assert/strict";
import { test } from "node:test";
import { prepare, stepsOf } from "./chart";

const frame = (values: (number | null)[]) => ({
  times: values.map((_, i) => i * 10),
  columns: [{ name: "a", labels: {}, values }],
  keys: [],
  total: 1,
});

test("the grid of a live window does not move within a step", () => {
  assert.deepEqual(stepsOf(900, 1_700_000_003_000), { start: 1_699_999_100, end: 1_700_000_000, step: 5 });
  assert.deepEqual(stepsOf(900, 1_700_000_004_999), stepsOf(900, 1_700_000_000_000));
});

test("counters become rates by themselves, gauges do not", () => {
  assert.equal(prepare("x_total", frame([0, 10, 20, 30]), 1, "auto").isRate, true);
  assert.equal(prepare("x_bytes", frame([0, 10, 20, 30]), 1, "auto").isRate, false);
  assert.equal(prepare("x_bytes", frame([0, 10, 20, 30]), 1, "rate").isRate, true);
  assert.deepEqual(prepare("x_total", frame([0, 10, 20, 30]), 1, "auto").frame.columns[0]?.values, [1, 1, 1]);
  assert.deepEqual(prepare("x_total", frame([0, 10, 20, 30]), 1, "value").frame.columns[0]?.values, [10, 20, 30]);
});

test("a counter without a rate yet shows its value", () => {
  assert.equal(prepare("x_total", frame([null, null, 5, 5]), 6, "auto").isRate, false);
  assert.equal(prepare("x_total", frame([null, null, 5, 5]), 6, "rate").isRate, true);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { around, printZoom, readZoom, ticksOf } from "./trace_zoom";

test("zooms go through the address", () => {
  assert.deepEqual(readZoom("", 1000), { from: 0, to: 1000 });
  assert.deepEqual(readZoom("200-400", 1000), { from: 200, to: 400 });
  assert.deepEqual(readZoom("400-200", 1000), { from: 0, to: 1000 });
  assert.deepEqual(readZoom("x", 1000), { from: 0, to: 1000 });
  assert.equal(printZoom({ from: 400, to: 200 }, 1000), "200-400");
  assert.equal(printZoom({ from: -5, to: 2000 }, 1000), null);
  assert.equal(printZoom({ from: 300, to: 300 }, 1_000_000), "295-305");
});

test("a span is shown with room around it", () => {
  assert.deepEqual(around(100, 200, 1000), { from: 70, to: 330 });
  assert.deepEqual(around(0, 1000, 1000), { from: 0, to: 1000 });
});

test("ticks are round and lie within", () => {
  assert.deepEqual(ticksOf({ from: 0, to: 301e6 }, 5).map(({ text }) => text), ["0", "100 ms", "200 ms", "300 ms"]);
  assert.deepEqual(ticksOf({ from: 120e6, to: 121e6 }, 4).map(({ at }) => at), [120e6, 120.5e6, 121e6]);
});

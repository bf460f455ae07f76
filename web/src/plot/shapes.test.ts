import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketed } from "./buckets";
import { linePath, ringPath, thinned } from "./path";
import { gathered } from "./pie";
import { planeOf } from "./plane";
import { ramp } from "./ramp";
import { contrast, linear } from "./vision";

const BOX = { width: 100, height: 12, low: 0, high: 10 };

test("a line breaks at gaps, and a lonely value still shows", () => {
  assert.equal(linePath([0, 10, null, 5, null], BOX), "M0.0 11.0L25.0 1.0M75.0 6.0h0.01");
  assert.equal(linePath([null, NaN], BOX), "");
});

test("peaks survive thinning", () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i === 517 ? 99 : i === 600 ? -5 : 1));
  const kept = thinned(values, 100);
  assert.ok(kept.length <= 102);
  assert.deepEqual([Math.max(...kept.map(Number)), Math.min(...kept.map(Number))], [99, -5]);
  assert.deepEqual(thinned([1, null], 100), [1, null]);
});

test("a whole ring is drawn, not nothing", () => {
  assert.equal(ringPath(0, 1, 10, 5).split("M").length - 1, 2);
  assert.match(ringPath(0, 0.25, 10, 0), /^M0\.000 -10\.000A10 10 0 0 1 10\.000 -0\.000L/);
});

test("slices are sorted, slivers gathered, nonsense left out", () => {
  const many = gathered([...Array.from({ length: 20 }, (_, i) => ({ name: `${i}`, value: i })), { name: "nan", value: NaN }]);
  assert.equal(many.length, 15);
  assert.equal(many[0]?.value, 19);
  assert.deepEqual([many[14]?.name, many[14]?.value], ["5 others", 15]);
});

test("values fall into round buckets, the largest into the last", () => {
  const { bounds, series } = bucketed([{ name: "a", values: [0, 1, 1.5, null, 4] }], { size: 1 });
  assert.deepEqual(bounds, [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(series[0]?.counts, [1, 2, 0, 0, 1]);
  assert.deepEqual(bucketed([{ name: "a", values: [null] }]), { bounds: [], series: [] });
  const found = bucketed([{ name: "a", values: [3, 3, 3] }]);
  assert.equal(found.series[0]?.counts.reduce((sum, count) => sum + count, 0), 3);
});

test("a plane's places and values are each other's inverse", () => {
  for (const isLog of [false, true]) {
    const plane = planeOf({ width: 600, height: 300 }, { start: 0, end: 3_600_000 }, { low: 0.01, high: 100, isLog, unit: "s", decimals: undefined }, "utc");
    assert.ok(Math.abs(plane.valueAt(plane.y(2.5)) - 2.5) < 1e-9);
    assert.ok(Math.abs(plane.timeAt(plane.x(1_234_000)) - 1_234_000) < 1e-6);
    assert.equal(plane.y(0.01), plane.top + plane.height);
    assert.ok(plane.valueTicks.length >= 3);
  }
});

test("more is always darker on light ground and lighter on dark", () => {
  const hex = (rgb: number[]): string => `#${rgb.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  for (const [theme, ground] of [["light", "#ffffff"], ["dark", "#14181f"]] as const) {
    let last = 0;
    for (let i = 0; i <= 20; i += 1) {
      const far = contrast(linear(hex(ramp(i / 20, theme))), linear(ground));
      assert.ok(far > last, `${theme} ${i}`);
      last = far;
    }
    assert.ok(last > 9);
  }
});

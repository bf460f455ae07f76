import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, clock, count, duration, nsToMs, rate } from "./format";
import cases from "./format.cases.json";

const FUNCTIONS = { count, bytes, duration, ago };

for (const [name, format] of Object.entries(FUNCTIONS)) {
  test(`${name} formats as the table says`, () => {
    for (const [value, text] of cases[name as keyof typeof cases]) assert.equal(format(value as number), text);
  });
}

test("a rate too small to show is not shown as zero", () => {
  assert.equal(rate(0), "0");
  assert.equal(rate(0.001), "<0.01");
  assert.equal(rate(1500), "1,500");
});

test("clock shows milliseconds", () => {
  assert.match(clock(1_700_000_000_042), /^\d\d:\d\d:20\.042$/);
  assert.match(clock(1_700_000_000_042, false), /^\d\d:\d\d:20$/);
});

test("nanoseconds beyond a double's integers become exact milliseconds", () => {
  assert.equal(nsToMs("1700000000123456789"), 1_700_000_000_123);
  assert.equal(nsToMs("5"), 0);
});

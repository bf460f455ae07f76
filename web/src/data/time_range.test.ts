import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, isRelative, parseRangeText, parseTime, windowOf } from "./time_range";

const NOW = Date.UTC(2026, 0, 31, 12, 30, 15, 250);

test("relative times, rounding and epochs", () => {
  const at = (text: string, isEnd = false): number | null => parseTime(text, NOW, { zone: "utc", isEnd });
  assert.equal(at("now"), NOW);
  assert.equal(at("now-1h"), NOW - 3_600_000);
  assert.equal(at("now-1M"), Date.UTC(2025, 11, 31, 12, 30, 15, 250));
  assert.equal(at("now/d"), Date.UTC(2026, 0, 31));
  assert.equal(at("now/d", true), Date.UTC(2026, 1, 1) - 1);
  assert.equal(at("now-1d/d"), Date.UTC(2026, 0, 30));
  assert.equal(at("now/w"), Date.UTC(2026, 0, 26));
  assert.equal(at("1700000000000"), 1_700_000_000_000);
  assert.equal(at("1700000000"), 1_700_000_000_000);
  assert.equal(at("2026-01-31T12:00:00Z"), Date.UTC(2026, 0, 31, 12));
  assert.equal(at("2026-01-31 12:00"), Date.UTC(2026, 0, 31, 12));
  for (const wrong of ["", "nowish", "yesterday", "now-", "now-3x", "12"]) assert.equal(at(wrong), null, wrong);
});

test("what is typed becomes a range", () => {
  assert.deepEqual(parseRangeText("3h", NOW, "utc"), { from: "now-3h", to: "now" });
  assert.deepEqual(parseRangeText("now-7d to now-1d", NOW, "utc"), { from: "now-7d", to: "now-1d" });
  assert.deepEqual(parseRangeText("2026-01-31 10:00 to 11:00", NOW, "utc"), { from: String(Date.UTC(2026, 0, 31, 10)), to: String(Date.UTC(2026, 0, 31, 11)) });
  assert.equal(parseRangeText("now to now-1h", NOW, "utc"), null);
  assert.equal(parseRangeText("soon", NOW, "utc"), null);
});

test("a range in words", () => {
  assert.equal(describe({ from: "now-24h", to: "now" }, NOW, "utc"), "Last 24 hours");
  assert.equal(describe({ from: "now-3h", to: "now" }, NOW, "utc"), "Last 3 hours");
  assert.equal(describe({ from: "1769853600000", to: "1769857200000" }, NOW, "utc"), "2026-01-31 10:00 to 11:00");
  assert.ok(isRelative({ from: "now-1h", to: "now" }));
  assert.equal(windowOf({ from: "now", to: "now-1h" }, NOW), null);
});

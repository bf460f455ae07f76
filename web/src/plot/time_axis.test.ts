import assert from "node:assert/strict";
import { test } from "node:test";
import { timeLabels, timeText, timeTicks } from "./time_axis";

const at = (text: string): number => Date.parse(`${text}Z`);
const shown = (from: string, to: string, most = 7): string[] => timeLabels(timeTicks(at(from), at(to), most, "utc"), "utc");

test("ticks are round and labels as short as the window allows", () => {
  assert.deepEqual(shown("2026-03-01T12:00:03", "2026-03-01T12:00:30"), ["12:00:05", "12:00:10", "12:00:15", "12:00:20", "12:00:25", "12:00:30"]);
  assert.deepEqual(shown("2026-03-01T11:01:00", "2026-03-01T12:00:00"), ["11:10", "11:20", "11:30", "11:40", "11:50", "12:00"]);
  assert.deepEqual(shown("2026-02-28T20:00:00", "2026-03-01T08:00:00"), ["20:00", "22:00", "Mar 1", "02:00", "04:00", "06:00", "08:00"]);
  assert.deepEqual(shown("2026-02-26T10:00:00", "2026-03-03T10:00:00", 5), ["Feb 27", "Feb 28", "Mar 1", "Mar 2", "Mar 3"]);
  assert.deepEqual(shown("2025-11-10T00:00:00", "2026-04-10T00:00:00"), ["Dec", "2026", "Feb", "Mar", "Apr"]);
  assert.deepEqual(shown("2020-06-01T00:00:00", "2026-06-01T00:00:00"), ["2021", "2022", "2023", "2024", "2025", "2026"]);
  assert.deepEqual(shown("2026-03-01T12:00:00.010", "2026-03-01T12:00:00.060", 5), ["00.010", "00.020", "00.030", "00.040", "00.050", "00.060"]);
});

test("ticks ascend, lie in the window and keep their place while it moves", () => {
  const lengths = [1000, 90_000, 3_600_000, 86_400_000, 7 * 86_400_000, 90 * 86_400_000, 1000 * 86_400_000];
  for (const zone of ["utc", "local"] as const) {
    for (const length of lengths) {
      const start = at("2026-03-27T22:13:17");
      const found = timeTicks(start, start + length, 8, zone);
      assert.ok(found.length >= 2 && found.length <= 17, `${length} ${zone}: ${found.length}`);
      assert.ok(found.every((tick, i) => tick >= start && tick <= start + length && (i === 0 || tick > (found[i - 1] ?? 0))), `${length} ${zone}`);
      const later = timeTicks(start + length / 50, start + length + length / 50, 8, zone);
      assert.ok(found.slice(1).every((tick) => later.includes(tick) || tick < start + length / 50), `${length} ${zone}`);
    }
  }
  assert.deepEqual(timeTicks(5, 5, 8, "utc"), []);
});

test("a time is as precise as its data", () => {
  assert.equal(timeText(at("2026-03-01T12:00:00.042"), 10, "utc"), "2026-03-01 12:00:00.042 UTC");
  assert.equal(timeText(at("2026-03-01T12:00:00"), 60_000, "utc"), "2026-03-01 12:00:00 UTC");
  assert.equal(timeText(at("2026-03-01T00:00:00"), 86_400_000, "utc"), "Sun 2026-03-01 UTC");
});

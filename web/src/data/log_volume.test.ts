import assert from "node:assert/strict";
import { test } from "node:test";
import { alertExpr, alertRule, asExplore, asLogcli } from "./log_copy";
import { TailBuffer } from "./log_tail";
import { type LogRow, rowsOf } from "./log_row";
import { volumeOf, volumeQuery, volumeStep } from "./log_volume";
import { RowHeights } from "./row_heights";

test("bars are few and their length is round", () => {
  const step = (seconds: number) => volumeStep({ start: 0, end: seconds * 1000 });
  assert.deepEqual([60, 3600, 86_400, 604_800].map(step), [1, 60, 1800, 7200]);
});

test("the volume's query counts by level whatever stages there are", () => {
  assert.equal(volumeQuery('{a="b"} |= "x"', 60, false), 'sum by (detected_level) (count_over_time({a="b"} |= "x"[60s]))');
  assert.equal(volumeQuery('{a="b"} | json | ms > 5', 60, false), 'sum by (detected_level) (count_over_time({a="b"} | json | ms > 5 | drop __error__, __error_details__[60s]))');
  assert.equal(volumeQuery('{a="b"}', 5, true), 'sum by (detected_level, level) (count_over_time({a="b"} | json level="level" | drop __error__, __error_details__[5s]))');
});

test("points become bars that begin a step earlier; numbers are levels", () => {
  const result = [
    { metric: { detected_level: "error" }, values: [[120, "2"]] as [number, string][] },
    { metric: { detected_level: "unknown", level: "30" }, values: [[60, "5"], [120, "7"]] as [number, string][] },
  ];
  const { frame, totals, total, window } = volumeOf(result, { start: 0, end: 120_000 }, 60);
  assert.deepEqual(frame.times, [0, 60]);
  assert.deepEqual(frame.series.map(({ name, values }) => [name, values]), [["error", [null, 2]], ["info", [5, 7]]]);
  assert.deepEqual([totals.get("info"), total, window], [12, 14, { start: 0, end: 120_000 }]);
});

const rows = (...times: number[]): LogRow[] => rowsOf([{ stream: {}, values: times.map((time) => [`${1000 + time}000000`, `line ${time}`]) }], false);

test("a tail is ordered, bounded and without repeats", () => {
  const tail = new TailBuffer(4);
  tail.add(rows(1, 2), 0, false);
  tail.add(rows(2, 5), 10, false);
  tail.add(rows(3), 20, true);
  assert.deepEqual(tail.rows.map((row) => row.line), ["line 5", "line 3", "line 2", "line 1"]);
  tail.add(rows(9), 30, true);
  assert.deepEqual(tail.rows.map((row) => row.line), ["line 9", "line 5", "line 3", "line 2"]);
  assert.deepEqual([tail.received, tail.waiting, tail.rate(30), tail.rate(60_000)], [5, 2, 1, 0]);
});

test("heights say where rows lie", () => {
  const heights = new RowHeights(4, 10);
  assert.deepEqual([heights.offset(4), heights.at(25), heights.at(999), heights.at(-5)], [40, 2, 3, 0]);
  assert.equal(heights.set(1, 30), true);
  assert.equal(heights.set(1, 30.2), false);
  assert.deepEqual([heights.offset(2), heights.offset(4), heights.at(39), heights.at(40)], [40, 60, 1, 2]);
  assert.equal(new RowHeights(0, 10).at(5), 0);
});

test("copies and rules", () => {
  const copied = { query: `{a="b"} |= "it's"`, window: { start: 0, end: 60_000 }, limit: 10, newestFirst: false, loki: "http://x:3100" };
  assert.equal(asLogcli(copied), `logcli --addr=http://x:3100 query --from=1970-01-01T00:00:00.000Z --to=1970-01-01T00:01:00.000Z --limit=10 --forward '{a="b"} |= "it'\\''s"'`);
  const panes = JSON.parse(new URLSearchParams(asExplore(copied).split("?")[1]).get("panes") ?? "") as { a: { queries: { expr: string }[] } };
  assert.equal(panes.a.queries[0]?.expr, copied.query);
  const asked = { name: "Many", above: 5, range: "5m", hold: "1m", severity: "warning" };
  assert.equal(alertExpr('{a="b"}', asked), 'sum(count_over_time({a="b"} [5m])) > 5');
  assert.equal(alertExpr('rate({a="b"}[1m])', asked), '(rate({a="b"}[1m])) > 5');
  assert.match(alertRule('{a="b"}', asked), /- alert: Many\n {8}expr: \|\n {10}sum\(/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TraceData } from "./trace_model";
import { ancestorsOf, deeperThan, operationsOf, rowsOf, selfTime, skews, treeOf, withAncestors } from "./trace_tree";

/** parent, service, start, duration, is error */
type Plain = [number, string, number, number, boolean?];

function trace(spans: Plain[]): TraceData {
  const texts = [...new Set(spans.map(([, service]) => service)), "op"];
  return {
    root_service: "", root_name: "", has_root: true, start_ns: "0", duration_ns: 0, span_count: spans.length, error_count: 0, service_counts: [],
    trace_id: "1", total: spans.length, texts,
    ids: spans.map((_, i) => String(i)),
    parents: spans.map(([parent]) => parent),
    services: spans.map(([, service]) => texts.indexOf(service)),
    names: spans.map(() => texts.length - 1),
    kinds: spans.map(() => 1),
    starts: spans.map(([, , start]) => start),
    durations: spans.map(([, , , duration]) => duration),
    errors: spans.flatMap(([, , , , isError], i) => (isError ? [i] : [])),
    orphans: [], extras: {}, versions: {},
  };
}

const SPANS: Plain[] = [
  [-1, "a", 0, 100],
  [0, "a", 10, 30],
  [1, "b", 15, 10, true],
  [0, "a", 30, 40],
  [-1, "c", 50, 5],
];

test("rows follow the tree, and fold", () => {
  const tree = treeOf(trace(SPANS));
  assert.deepEqual(rowsOf(tree, new Set()), [0, 1, 2, 3, 4]);
  assert.deepEqual(rowsOf(tree, new Set([1])), [0, 1, 3, 4]);
  assert.deepEqual(rowsOf(tree, new Set([0])), [0, 4]);
  assert.deepEqual([...tree.depths], [0, 1, 2, 1, 0]);
  assert.deepEqual([...tree.below], [3, 1, 0, 0, 0]);
  assert.deepEqual([...tree.errorBelow], [1, 1, 0, 0, 0]);
  assert.deepEqual([...deeperThan(tree, 1)], [1]);
});

test("a filter keeps what leads to its spans", () => {
  const data = trace(SPANS);
  assert.deepEqual(rowsOf(treeOf(data), new Set(), withAncestors(data, [2])), [0, 1, 2]);
  assert.deepEqual(ancestorsOf(data, 2), [1, 0]);
});

test("own time is what no child covers, however they overlap", () => {
  const data = trace([[-1, "a", 0, 100], [0, "a", 10, 30], [0, "a", 20, 30], [0, "a", 90, 50], [0, "a", -20, 25]]);
  data.starts = [0, 10, 20, 90, -20];
  const sorted = trace([[-1, "a", 0, 100], [0, "a", -20, 25], [0, "a", 10, 30], [0, "a", 20, 30], [0, "a", 90, 50]]);
  assert.equal(selfTime(sorted, treeOf(sorted), 0), 100 - 5 - 40 - 10);
});

test("operations come by own time", () => {
  const data = trace(SPANS);
  const rows = operationsOf(data, treeOf(data));
  assert.deepEqual(rows.map(({ service, count, errors, self }) => [service, count, errors, self]), [["a", 3, 0, 40 + 20 + 40], ["b", 1, 1, 10], ["c", 1, 0, 5]]);
});

test("children of other services that start too early tell of clocks", () => {
  const data = trace([[-1, "a", 10, 100], [0, "b", 4, 30], [0, "b", 8, 30], [0, "a", 9, 1], [0, "c", 12, 1]]);
  assert.deepEqual(skews(data), [{ service: "b", parent: "a", spans: 2, most: 6 }]);
});

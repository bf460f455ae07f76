import assert from "node:assert/strict";
import { test } from "node:test";
import { asTraceId, durationText, type FoundTrace, frameOf, ordered } from "./trace_search";

const ROWS = [
  { trace_id: "a", duration_ns: 5, spans: 9, errors: 0 },
  { trace_id: "b", duration_ns: 50, spans: 2, errors: 1 },
  { trace_id: "c", duration_ns: 20, spans: 3, errors: 1 },
] as FoundTrace[];
const ids = (order: string): string => ordered(ROWS, order).map(({ trace_id }) => trace_id).join("");

test("rows come in the order that is asked for", () => {
  assert.deepEqual(["newest", "longest", "shortest", "spans", "errors", "other"].map(ids), ["abc", "bca", "acb", "acb", "bca", "abc"]);
});

test("pasted ids are told from queries", () => {
  assert.equal(asTraceId(" 4BF92F3577B34DA6A3CE929D0E0E4736 "), "4bf92f3577b34da6a3ce929d0e0e4736");
  assert.equal(asTraceId("4bf92f35-77b3-4da6-a3ce-929d0e0e4736"), "4bf92f3577b34da6a3ce929d0e0e4736");
  assert.equal(asTraceId("a3ce929d0e0e4736"), "a3ce929d0e0e4736");
  assert.equal(asTraceId("{ name = \"a\" }"), null);
  assert.equal(asTraceId("abc"), null);
});

test("durations of a drag are short", () => {
  assert.deepEqual([1_234_567_890, 12_345_678, 1_500, 7].map(durationText), ["1.23s", "12.3ms", "1.5us", "7ns"]);
});

test("series of different times share one frame", () => {
  const frame = frameOf(
    [
      { labels: [{ key: "service", value: { stringValue: "a" } }], samples: [{ timestampMs: "2000", value: 1 }] },
      { samples: [{ timestampMs: "1000", value: 3 }, { timestampMs: "2000" }] },
    ],
    "rate",
  );
  assert.deepEqual(frame, { times: [1, 2], series: [{ name: "a", values: [null, 1] }, { name: "rate", values: [3, 0] }] });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, matched } from "./match";

const options = ["rate", "process_start_time", "http_rate", "generated", "RATE_total", "up"].map((label) => ({ label, kind: "metric" as const }));

test("names that hold the word in any case, the best first", () => {
  const { options: found, from, to } = fitting(options, "sum(Rate", 4, 8);
  assert.deepEqual(found.map(({ label }) => label), ["rate", "RATE_total", "http_rate", "generated"]);
  assert.deepEqual([from, to], [4, 8]);
});

test("at most a hundred are shown, the rest is counted", () => {
  const many = Array.from({ length: 250 }, (_, i) => ({ label: `metric_${i}`, kind: "metric" as const }));
  const { options: found, more } = fitting(many, "", 0, 0);
  assert.deepEqual([found.length, more], [100, 150]);
});

test("the part that matched is known", () => {
  assert.deepEqual(matched("http_Rate", "rAte"), [5, 9]);
  assert.deepEqual(matched("up", ""), []);
});

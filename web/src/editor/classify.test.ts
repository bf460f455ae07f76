import assert from "node:assert/strict";
import { test } from "node:test";
import { classify } from "./classify";
import type { Language } from "./lex";

function roles(language: Language, text: string): string {
  return classify(language, text).map(({ from, to, role }) => `${text.slice(from, to)}/${role}`).join(" ");
}

test("PromQL: functions, keywords, labels; metrics stay plain", () => {
  assert.equal(roles("promql", 'sum by (by) (rate(sum{on="x"}[5m])) # c'), 'sum/function by/keyword by/label rate/function on/label =/operator "x"/string 5m/number # c/comment');
  assert.equal(roles("promql", "a and on (job) b > bool Inf"), "and/keyword on/keyword job/label >/operator bool/keyword Inf/number");
});

test("LogQL: stages and the labels behind them", () => {
  assert.equal(roles("logql", '{json="x"} | json | level = "e" | json > 5'), 'json/label =/operator "x"/string |/operator json/keyword |/operator level/label =/operator "e"/string |/operator json/keyword >/operator 5/number');
});

test("TraceQL: attributes, constants and functions", () => {
  assert.equal(roles("traceql", "{ span.a = ok && kind = server } | rate() by (name)"), "span.a/label =/operator ok/constant &&/operator kind/label =/operator server/constant |/operator rate/function by/keyword name/label");
});

test("very long texts stay plain", () => {
  assert.deepEqual(classify("promql", "a+".repeat(30_000)), []);
});

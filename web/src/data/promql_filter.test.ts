import assert from "node:assert/strict";
import { test } from "node:test";
import { withMatcher } from "./promql_filter";

const only = (expr: string): string => withMatcher(expr, "job", "api");

test("every selector gets the matcher", () => {
  assert.equal(only("up"), 'up{job="api"}');
  assert.equal(only('rate(x{a="b"}[5m]) / rate(y[5m] offset 1h)'), 'rate(x{a="b", job="api"}[5m]) / rate(y{job="api"}[5m] offset 1h)');
  assert.equal(only("x{}"), 'x{job="api"}');
  assert.equal(only('{"a.b",}'), '{"a.b", job="api"}');
  assert.equal(only("x @ start() > bool 3"), 'x{job="api"} @ start() > bool 3');
});

test("what is no selector stays", () => {
  assert.equal(only("sum by (job, le) (rate(x[5m]))"), 'sum by (job, le) (rate(x{job="api"}[5m]))');
  assert.equal(only("sum(x) by (le)"), 'sum(x{job="api"}) by (le)');
  assert.equal(only("a * on (job) group_left (b) c"), 'a{job="api"} * on (job) group_left (b) c{job="api"}');
  assert.equal(only("topk(5, x) or vector(1) # note x"), 'topk(5, x{job="api"}) or vector(1) # note x');
});

test("a label that is chosen already", () => {
  assert.equal(only('x{job="api"}'), 'x{job="api"}');
  assert.equal(only('x{job="web", a="b"}'), 'x{job="api", a="b"}');
  assert.equal(only('x{job=~"a.*"}'), 'x{job=~"a.*", job="api"}');
  assert.equal(withMatcher('x{job="web"}', "job", "api", true), 'x{job="web", job!="api"}');
});

test("names and values that need quotes", () => {
  assert.equal(withMatcher("x", "http.method", 'a"b\\'), 'x{"http.method"="a\\"b\\\\"}');
});

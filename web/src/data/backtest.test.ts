import assert from "node:assert/strict";
import { test } from "node:test";
import { span, withThreshold } from "./backtest";

test("a threshold is replaced where the expression compares with it", () => {
  assert.equal(withThreshold("sum(rate(x[5m])) > 0.05", 0.05, "0.1"), "sum(rate(x[5m])) > 0.1");
  assert.equal(withThreshold("(a > 10) and b > 3", 10, "20"), "(a > 20) and b > 3");
  assert.equal(withThreshold("rate(x[10m]) >= 10", 10, "20"), "rate(x[10m]) >= 20");
  assert.equal(withThreshold("a > 10", 10, "x"), "a > 10");
  assert.equal(withThreshold("a > 10", 10, ""), "a > 10");
});

test("spans have their two largest units", () => {
  assert.equal(span(0), "0 s");
  assert.equal(span(90), "1 m 30 s");
  assert.equal(span(93_784), "1 d 2 h");
});

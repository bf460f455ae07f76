import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK, readPanels, readWindow, writePanels } from "./panels";

const of = (text: string): URLSearchParams => new URLSearchParams(text);

test("links of Prometheus, old and new", () => {
  const [old, next] = readPanels(of("g0.expr=up&g0.tab=1&g0.stacked=0&g1.expr=rate(x[5m])&g1.tab=graph&g1.display_mode=stacked&g1.res_type=fixed&g1.res_step=30&g1.show_exemplars=1"));
  assert.deepEqual(old, { ...BLANK, expr: "up", tab: "table" });
  assert.deepEqual(next, { ...BLANK, expr: "rate(x[5m])", form: "stacked", step: 30, hasExemplars: true });
});

test("their window", () => {
  assert.deepEqual(readWindow(of("g0.range_input=1h")), { from: "now-1h", to: "now" });
  assert.deepEqual(readWindow(of("g0.range_input=1h&g0.end_input=2026-01-31 12:00:00")), { from: String(Date.UTC(2026, 0, 31, 11)), to: String(Date.UTC(2026, 0, 31, 12)) });
  assert.equal(readWindow(of("g0.range_input=1h&from=now-3h")), null);
  assert.equal(readWindow(of("")), null);
});

test("what is written is read again, and other parameters stay", () => {
  const panels = [{ ...BLANK, expr: "up" }, { ...BLANK, expr: 'sum(x{a="b"})', tab: "table" as const, step: 15, density: "high" as const, hasTree: true, isFromZero: true }];
  const search = writePanels("?from=now-3h&g0.expr=old&g5.expr=x", panels, { seconds: 10_800, end: null });
  assert.deepEqual(readPanels(of(search)), panels);
  assert.equal(of(search).get("from"), "now-3h");
  assert.equal(of(search).get("g5.expr"), null);
  assert.equal(writePanels("", [BLANK], { seconds: 60, end: null }), "");
});

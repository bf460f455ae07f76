import assert from "node:assert/strict";
import { test } from "node:test";
import { grafanaPanel, isCondition, ruleExpr, ruleYaml, titleOf, withPanel } from "./metric_copy";
import { BLANK } from "./panels";

const ASKED = { name: "High", operator: ">", threshold: "5", hold: "5m", severity: "warning" };

test("a condition stays as it is", () => {
  assert.ok(isCondition("up == 0"));
  assert.ok(isCondition("sum(rate(x[5m])) > 1e3"));
  assert.ok(isCondition("absent(up)"));
  assert.ok(!isCondition("rate(x[5m])"));
  assert.ok(!isCondition('x{code!="200"}'));
  assert.equal(ruleExpr("up == 0", ASKED), "up == 0");
});

test("a threshold is put behind", () => {
  assert.equal(ruleExpr("rate(x[5m])", ASKED), "rate(x[5m]) > 5");
  assert.equal(ruleExpr("a or b", ASKED), "(a or b) > 5");
  assert.equal(ruleExpr('x{a!="b"}', ASKED), 'x{a!="b"} > 5');
});

test("YAML quotes what it must", () => {
  const yaml = ruleYaml('x{a="it\'s"}', { ...ASKED, hold: "" });
  assert.match(yaml, /expr: 'x\{a="it''s"\} > 5'/);
  assert.doesNotMatch(yaml, /for:/);
  assert.match(ruleYaml("a\n+ b", ASKED), /expr: \|\n {10}a\n {10}\+ b > 5\n/);
});

test("a panel goes below the others", () => {
  const panel = grafanaPanel({ ...BLANK, expr: "up", form: "stacked" }, { title: "Up", unit: "s" });
  const board = withPanel({ title: "t", panels: [{ id: 7, gridPos: { x: 0, y: 3, w: 4, h: 5 } }] }, panel);
  const added = (board.panels as { id: number; gridPos: { y: number }; type: string }[])[1];
  assert.deepEqual([added?.id, added?.gridPos.y, added?.type], [8, 8, "timeseries"]);
  assert.match(JSON.stringify(panel), /"stacking":\{"mode":"normal"/);
});

test("names out of queries", () => {
  assert.equal(titleOf("sum by (job) (rate(http_requests_total[5m]))"), "HttpRequestsTotal");
  assert.equal(titleOf("up == 0"), "Up");
  assert.equal(titleOf("1 + 1"), "Query");
});

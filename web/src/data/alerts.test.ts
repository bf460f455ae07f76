import assert from "node:assert/strict";
import { test } from "node:test";
import { type AlertRow, figure, groupedBy, groupLabels, held, matcher, seriesOf, splitMatchers, withMatcher } from "./alerts";

const row = (name: string, severity: string, labels: [string, string][]): AlertRow => ({ name, severity, labels }) as unknown as AlertRow;

test("matchers are quoted and split outside of quotes", () => {
  assert.equal(matcher("a", 'x"y\\'), 'a="x\\"y\\\\"');
  assert.equal(matcher("service.name", "x", "!="), '"service.name"!="x"');
  assert.deepEqual(splitMatchers('{a="b,c",d=~"e\\",f"}'), ['a="b,c"', 'd=~"e\\",f"']);
  assert.deepEqual(splitMatchers(""), []);
});

test("a chip adds its matcher once and replaces its opposite", () => {
  assert.equal(withMatcher("", "a", "b", false), '{a="b"}');
  assert.equal(withMatcher('{a="b"}', "a", "b", false), '{a="b"}');
  assert.equal(withMatcher('{a="b",c="d"}', "a", "b", true), '{c="d",a!="b"}');
});

test("rows are grouped by a label in their order", () => {
  const rows = [row("A", "critical", [["job", "x"]]), row("B", "warning", []), row("C", "critical", [["job", "x"]])];
  assert.deepEqual(groupedBy(rows, "job").map(({ value, rows: members }) => [value, members.length]), [["x", 2], ["", 1]]);
  assert.deepEqual(groupedBy(rows, "severity").map(({ value }) => value), ["critical", "warning"]);
  assert.deepEqual(groupLabels(rows), ["alertname", "severity", "job"]);
});

test("an alert finds its series by the labels that both have", () => {
  const alert = row("A", "critical", [["job", "x"], ["pod", "1"]]);
  const series = [{ metric: { job: "x", pod: "2" } }, { metric: { __name__: "up", job: "x", pod: "1" } }, { metric: { job: "x" } }];
  assert.equal(seriesOf(series, alert), series[1]);
  assert.equal(seriesOf([{ metric: { other: "y" } }, { metric: { job: "z" } }], alert), null);
});

test("figures are short", () => {
  assert.equal(figure(42), "42");
  assert.equal(figure(0.123456), "0.1235");
  assert.equal(figure(123456789), "123M");
  assert.equal(figure(0.000012), "1.20e-5");
  assert.equal(figure(0), "0");
});

test("rows that are read stay where they are, with what is new of them", () => {
  const one = (fingerprint: string, state: string): AlertRow => ({ fingerprint, state }) as AlertRow;
  const found = held([one("a", "active"), one("b", "active")], [one("c", "active"), one("b", "suppressed")]);
  assert.deepEqual(found.rows.map(({ fingerprint, state }) => [fingerprint, state]), [["a", "active"], ["b", "suppressed"]]);
  assert.deepEqual([found.added, found.gone], [1, 1]);
});

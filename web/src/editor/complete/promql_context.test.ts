import assert from "node:assert/strict";
import { test } from "node:test";
import { promqlContext, selectors } from "./promql_context";
import { lex } from "../lex";

/** The context where `|` stands in a text. */
function at(marked: string) {
  const cursor = marked.indexOf("|");
  return promqlContext(marked.replace("|", ""), cursor);
}

function kind(marked: string): string {
  return at(marked)?.kind ?? "none";
}

test("kinds of places", () => {
  const table: Record<string, string> = {
    "|": "operand",
    "ra|": "operand",
    "rate(|": "operand",
    "sum by (job) (|": "operand",
    "a / o|": "operand",
    "a * on (job) |": "operand",
    "sum |": "behind",
    "sum(x) b|": "behind",
    "sum by (x) (y) o|": "behind",
    "sum(x) by (y) a|": "behind",
    "up{a=\"b\"} |": "behind",
    "x[5m] |": "behind",
    "up{|": "label",
    "up{a=\"b\", j|}": "label",
    "{|": "label",
    "up{job|": "label",
    "up{job |": "operator",
    "up{job=|": "value",
    "up{job=\"|": "value",
    "up{job=~\"a|b\"": "value",
    "{\"ht|": "quoted metric",
    "x[|": "duration",
    "x[5|]": "duration",
    "x[5m:|]": "duration",
    "x offset |": "duration",
    "x @ |": "time",
    "sum by (|": "grouping",
    "sum by (job, |) (x)": "grouping",
    "a + ignoring (|) b": "grouping",
    "# he|": "none",
    "label_replace(x, \"|": "none",
    "12|": "none",
  };
  for (const [marked, expected] of Object.entries(table)) assert.equal(kind(marked), expected, marked);
});

test("labels know the metric, the other matchers and what is taken", () => {
  const context = at('rate(http_requests_total{method="GET", co|, path!="/"}[5m])');
  assert.deepEqual(context, { kind: "label", from: 39, to: 41, selector: 'http_requests_total{method="GET", path!="/"}', taken: ["method", "path"], isFollowed: false });
  assert.equal((at('up{jo|="x"}') as { isFollowed: boolean }).isFollowed, true);
  assert.equal((at("{|") as { selector: string }).selector, "");
});

test("values know their label and the other matchers; what they replace ends with the quote", () => {
  const context = at('up{job="a", instance=~"lo|cal"}');
  assert.ok(context?.kind === "value");
  assert.equal(context.label, "instance");
  assert.deepEqual(context.matchers.map(({ name, value }) => name + value), ['__name__"up"', 'job"a"']);
  assert.deepEqual([context.from, context.to], [23, 29]);
  const open = at('up{job="lo|');
  assert.deepEqual([open?.from, open?.to], [8, 10]);
});

test("a metric's name in quotes belongs to the selector", () => {
  assert.equal((at('{"my.metric", a|}') as { selector: string }).selector, '{__name__="my.metric"}');
});

test("a grouping asks for labels of its own aggregation's metrics", () => {
  const table: Record<string, string[]> = {
    "sum by (|) (rate(a{x=\"y\"}[5m]))": ['a{x="y"}'],
    "sum(rate(a[5m])) by (|)": ["a"],
    "sum(a) / sum by (|) (b)": ["b"],
    "sum(a) by (|) / sum(b)": ["a"],
    "sum by (|": [],
    "a + on (|) b": ["a", "b"],
  };
  for (const [marked, expected] of Object.entries(table)) assert.deepEqual((at(marked) as { selectors: string[] }).selectors.sort(), expected, marked);
});

test("selectors leave out functions, operators and lists of labels", () => {
  const found = (text: string): string[] => selectors(lex("promql", text));
  assert.deepEqual(found('sum by (job) (rate(a[5m])) / on (x) group_left (y) b offset 5m and {c="d"} > bool 1'), ["a", "b", '{c="d"}']);
});

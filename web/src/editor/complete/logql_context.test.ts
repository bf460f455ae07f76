import assert from "node:assert/strict";
import { test } from "node:test";
import { logqlContext } from "./logql_context";

/** The context where `▮` stands in a text. */
function at(marked: string) {
  return logqlContext(marked.replace("▮", ""), marked.indexOf("▮"));
}

test("kinds of places", () => {
  const table: Record<string, string> = {
    "▮": "operand",
    "co▮": "operand",
    "rate(▮": "operand",
    "sum(rate({a=\"b\"}[5m])) / ▮": "operand",
    "sum by (x) (▮": "operand",
    "sum(x) ▮": "behind",
    "rate({a=\"b\"}[5m] ▮": "behind",
    "{▮": "label",
    "{a=\"b\", ▮}": "label",
    "{a ▮": "operator",
    "{a=\"▮": "value",
    "{a=▮}": "value",
    "{a=\"b\"} ▮": "pipe",
    "{a=\"b\"} |= \"x\" ▮": "pipe",
    "{a=\"b\"} | json ▮": "field",
    "{a=\"b\"} | json | ▮": "stage",
    "{a=\"b\"} | js▮": "stage",
    "rate({a=\"b\"} | lo▮ [5m])": "stage",
    "{a=\"b\"} | logfmt x, ▮": "field",
    "{a=\"b\"} | unwrap ▮": "field",
    "{a=\"b\"} | unwrap duration(▮": "field",
    "{a=\"b\"} | drop ▮": "field",
    "{a=\"b\"} | json | size ▮": "operator",
    "{a=\"b\"} | json | size > ▮": "field value",
    "{a=\"b\"} | json | level = \"▮": "field value",
    "{a=\"b\"} | json | level != \"x\" ▮": "joint",
    "{a=\"b\"} | json | level = \"x\" and ▮": "field",
    "{a=\"b\"} | json | (level = \"x\" or ▮": "field",
    "{a=\"b\"} | line_format \"{{.▮": "field",
    "{a=\"b\"} | line_format \"x ▮": "none",
    "{a=\"b\"} |= \"er▮": "none",
    "{a=\"b\"} != \"er▮": "none",
    "{a=\"b\"}[▮": "duration",
    "rate({a=\"b\"}[5m] offset ▮": "duration",
    "sum by (▮) (rate({a=\"b\"}[5m]))": "grouping",
    "sum(rate({a=\"b\"} | json [5m])) by (▮": "grouping",
    "{a=\"b\"} # no▮": "none",
  };
  for (const [marked, expected] of Object.entries(table)) assert.equal(at(marked)?.kind ?? "none", expected, marked);
});

test("fields are those of the query before the stage", () => {
  const context = at('sum(rate({a="b"} |= "x" | json | st▮ [5m]))');
  assert.ok(context?.kind === "stage");
  assert.equal(context.query, '{a="b"} |= "x" | json');
  assert.equal(context.selector, '{a="b"}');
});

test("groupings look at the whole query without its range", () => {
  const context = at('sum by (▮) (rate({a="b"} | json [5m]))');
  assert.ok(context?.kind === "grouping");
  assert.deepEqual([context.query, context.selector], ['{a="b"} | json', '{a="b"}']);
});

test("values of a field know the field", () => {
  const context = at('{a="b"} | json | level = "e▮"');
  assert.ok(context?.kind === "field value");
  assert.deepEqual([context.label, context.query, context.from, context.to], ["level", '{a="b"} | json', 26, 28]);
});

test("a template's field is replaced alone", () => {
  const context = at('{a="b"} | line_format "{{.met▮hod}} {{.path}}"');
  assert.deepEqual([context?.from, context?.to], [26, 32]);
});

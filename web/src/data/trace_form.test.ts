import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "./trace_form.cases.json";
import { EMPTY_FORM, formOfQuery, queryOfForm, type TraceForm, withCondition } from "./trace_form";

test("forms become the queries that the server makes of them", () => {
  for (const [form, query] of cases as [Partial<TraceForm>, string][]) assert.equal(queryOfForm(form), query);
});

/** The form has an order of its own. */
const conditions = (query: string): string[] => query.slice(1, -1).trim().split(" && ").sort();

test("queries go back into forms that make the same query", () => {
  for (const [, query] of cases as [Partial<TraceForm>, string][]) {
    const form = formOfQuery(query);
    assert.ok(form, query);
    assert.deepEqual(conditions(queryOfForm(form)), conditions(query));
  }
  assert.deepEqual(formOfQuery(""), EMPTY_FORM);
  assert.deepEqual(formOfQuery('{resource.service.name="a b"&&.k=`x`}'), { ...EMPTY_FORM, service: "a b", tags: "k=x" });
});

test("what the form cannot say is left to the text", () => {
  for (const query of [
    '{ .a = "b" || .c = "d" }',
    "{ duration > 1s }",
    '{ .a =~ "b.*" }',
    '{ name = "a" } | count() > 2',
    "{ } >> { status = error }",
    '{ name = "a" && name = "b" }',
    '{ .error = "x" }',
    '{ .a = "b" && }',
    "{ .a }",
    "{ (status = error) }",
    '{ event.name = "x" }',
  ])
    assert.equal(formOfQuery(query), null, query);
});

test("conditions are added where they belong", () => {
  assert.equal(withCondition("", "status = error"), "{ status = error }");
  assert.equal(withCondition("{ }", '.a = "b"'), '{ .a = "b" }');
  assert.equal(withCondition('{ .a = "b" }', "duration > 1s"), '{ .a = "b" && duration > 1s }');
  assert.equal(withCondition("{ .a = 1 || .b = 2 }", ".c = 3"), "{ .a = 1 || .b = 2 } && { .c = 3 }");
  assert.equal(withCondition("{ } >> { .a = 1 }", ".c = 3"), "{ } >> { .a = 1 } && { .c = 3 }");
});

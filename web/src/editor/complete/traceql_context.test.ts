import assert from "node:assert/strict";
import { test } from "node:test";
import { traceqlContext } from "./traceql_context";

/** The context where `▮` stands in a text. */
function at(marked: string) {
  return traceqlContext(marked.replace("▮", ""), marked.indexOf("▮"));
}

test("kinds of places", () => {
  const table: Record<string, string> = {
    "▮": "spans",
    "{▮": "field",
    "{ span.ht▮": "field",
    "{ .a = 1 && ▮ }": "field",
    "{ (▮": "field",
    "{ name ▮": "operator",
    "{ span.a ▮}": "operator",
    "{ name = ▮": "value",
    "{ name = \"▮": "value",
    "{ status = er▮": "value",
    "{ name = \"x\" ▮": "connective",
    "{ .a = .b ▮": "connective",
    "{ } ▮": "structural",
    "{ } >> ▮": "spans",
    "{ } | ▮": "function",
    "{ } | ra▮": "function",
    "{ } | rate() ▮": "behind",
    "{ } | rate() by (▮": "field",
    "{ } | select(name, ▮": "field",
    "{ } | quantile_over_time(▮": "field",
    "{ } | topk(▮": "none",
    "{ } | count() > 2▮": "none",
    "({ } && { }) ▮": "structural",
    "{ } | compare({▮": "field",
    "{ duration > 10▮": "value",
    "// ▮": "none",
  };
  for (const [marked, expected] of Object.entries(table)) assert.equal(at(marked)?.kind ?? "none", expected, marked);
});

test("values know their field and the conditions beside it", () => {
  const context = at('{ span.a = "x" && resource.service.name = "▮" && duration > 5ms }');
  assert.ok(context?.kind === "value");
  assert.equal(context.field, "resource.service.name");
  assert.equal(context.filter, '{ span.a = "x" && duration > 5ms }');
});

test("conditions that need not hold are no filter", () => {
  for (const marked of ['{ span.a = "x" || name = "▮" }', '{ !(.a = 1) && name = "▮" }']) assert.equal((at(marked) as { filter: string }).filter, "", marked);
});

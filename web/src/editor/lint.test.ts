import assert from "node:assert/strict";
import { test } from "node:test";
import { type Language, lex } from "./lex";
import { unfinished } from "./lint";

function place(language: Language, text: string): string | undefined {
  const error = unfinished(lex(language, text));
  return error ? `${error.offset}: ${error.message}` : undefined;
}

test("strings and brackets without end are told in words", () => {
  assert.equal(place("promql", 'up{a="b}'), '5: the string that starts with " has no end');
  assert.equal(place("logql", 'rate({a="b"}[5m]'), "4: ( is never closed");
  assert.equal(place("traceql", "{ } )"), "4: ) closes nothing");
});

test("nothing is said about what is closed", () => {
  assert.equal(place("promql", 'sum by (job) (rate(x{a=~"b"}[5m:1m])) # ('), undefined);
  assert.equal(place("logql", '{a="b"} |= `(` | line_format "{{.msg}}"'), undefined);
  assert.equal(place("traceql", '{ span.a = "}" } >> { }'), undefined);
});

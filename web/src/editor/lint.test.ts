import assert from "node:assert/strict";
import { test } from "node:test";
import type { Language } from "./lex";
import { lint } from "./lint";

async function place(language: Language, text: string): Promise<string | undefined> {
  const error = await lint(language, text);
  return error ? `${error.offset}: ${error.message}` : undefined;
}

const GOOD: Record<Language, string[]> = {
  promql: ["", "sum by (job) (rate(x{a=~\"b\"}[5m:1m] offset 1d)) > bool 2", "rate(x[$__rate_interval])", "min_of(1, 2)", "up # done"],
  logql: ['{a="b"} |= `x` | json | level != "x" | line_format "{{.msg}}"', 'sum by (x) (rate({a="b"} | unwrap duration(y) [5m]))'],
  traceql: ['{ span.a = "b" && duration > 1.5s } >> { }', "{ } | rate() > 1", "{} | quantile_over_time(duration, .5, .9) by (span:id)", "({}|rate()) / ({}|rate())", "{ nestedSetParent < 0 }", "{ } | rate() with (sample=true)"],
};

for (const [language, queries] of Object.entries(GOOD)) {
  test(`${language}: nothing is said about queries that the server takes`, async () => {
    for (const text of queries) assert.equal(await place(language as Language, text), undefined, text);
  });
}

test("what is unexpected is named, with its place", async () => {
  assert.equal(await place("promql", "sum(up) foo"), '8: unexpected "foo"');
  assert.equal(await place("promql", "up +"), "4: unexpected end of query");
  assert.equal(await place("logql", '{a="b"} | json | = "x"'), '17: unexpected "="');
  assert.equal(await place("traceql", "{ .a = }"), '7: unexpected "}"');
});

test("strings and brackets without end are told in words", async () => {
  assert.equal(await place("promql", 'up{a="b}'), '5: the string that starts with " has no end');
  assert.equal(await place("logql", 'rate({a="b"}[5m]'), "4: ( is never closed");
  assert.equal(await place("traceql", "{ } )"), "4: ) closes nothing");
});

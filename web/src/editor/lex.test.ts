import assert from "node:assert/strict";
import { test } from "node:test";
import { type Language, lex, partners } from "./lex";

function kinds(language: Language, text: string): string {
  return lex(language, text).map(({ kind, text: piece }) => (kind === piece ? piece : `${kind}:${piece}`)).join(" ");
}

test("PromQL's tokens", () => {
  assert.equal(kinds("promql", 'sum by (job) (rate(a:b{x=~"\\"y"}[5m:30s] offset 1h30m)) # c'), 'word:sum word:by ( word:job ) ( word:rate ( word:a:b { word:x operator:=~ string:"\\"y" } [ duration:5m operator:: duration:30s ] word:offset duration:1h30m ) ) comment:# c');
  assert.equal(kinds("promql", "1e3 0x1f .5 5m2"), "number:1e3 number:0x1f number:.5 number:5 word:m2");
  assert.equal(kinds("promql", "rate(x[$__rate_interval]) ${job:regex}"), "word:rate ( word:x [ variable:$__rate_interval ] ) variable:${job:regex}");
});

test("LogQL's tokens", () => {
  assert.equal(kinds("logql", '{app="x"} |= `a"b` | json | size > 1.5MiB | logfmt --strict'), '{ word:app operator:= string:"x" } operator:|= string:`a"b` operator:| word:json operator:| word:size operator:> duration:1.5MiB operator:| word:logfmt word:--strict');
});

test("TraceQL's attributes are one token each", () => {
  assert.equal(kinds("traceql", '{ span.http.method = "GET" && ."a b" != nil } &>> { span:duration > 1.5ms }'), '{ name:span.http.method operator:= string:"GET" operator:&& name:."a b" operator:!= word:nil } operator:&>> { name:span:duration operator:> duration:1.5ms }');
});

test("what is not finished is marked as open", () => {
  for (const text of ['{a="b', '{a="', '{a="b\\', '{a="b\\"', "`x", '{a="b\n}']) {
    const open = lex("promql", text).filter((token) => token.isOpen);
    assert.deepEqual(open.map(({ kind }) => kind), ["string"], text);
  }
  for (const text of ['"b"', '""', '"\\\\"', "`\\`"]) assert.equal(lex("promql", text)[0]?.isOpen, false, text);
});

test("every character that is no blank belongs to a token", () => {
  for (const language of ["promql", "logql", "traceql"] as const) {
    const text = 'a?b ;"x\ny\' 😀 \\ $ ${ [[ { ) 1.. .. -- | & !';
    assert.equal(lex(language, text).map((token) => token.text).join("").replace(/\s/g, ""), text.replace(/\s/g, ""));
  }
});

test("brackets know their partners, strings hold none", () => {
  const tokens = lex("promql", 'a(b{c=")"}');
  assert.deepEqual([...partners(tokens)], [[3, 7], [7, 3]]);
});

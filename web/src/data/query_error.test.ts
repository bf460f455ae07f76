import assert from "node:assert/strict";
import { test } from "node:test";
import { described, errorIn, lineColumn, type QueryError, queryError } from "./query_error";

function pointed(text: string, message: string): string | undefined {
  const { offset, length } = queryError(text, message);
  return offset === undefined ? undefined : text.slice(offset, offset + (length ?? 0));
}

function withoutText(text: string, message: string): QueryError {
  const { text: about, ...error } = queryError(text, message);
  assert.equal(about, text);
  return error;
}

test("Prometheus' place is found, with and without the parameter's name", () => {
  const text = "sum(up) by (job) foo";
  assert.deepEqual(withoutText(text, '1:18: parse error: unexpected identifier "foo"'), { message: 'unexpected identifier "foo"', offset: 17, length: 3 });
  assert.equal(pointed(text, 'invalid parameter "query": 1:18: parse error: unexpected identifier "foo"'), "foo");
});

test("Prometheus counts bytes, the text UTF-16 units", () => {
  assert.equal(pointed('{a="ä😀", b=} ', 'invalid parameter "query": 1:16: parse error: unexpected "}" in label matching'), "}");
});

test("a character that Prometheus' lexer has passed is the one that is marked", () => {
  assert.deepEqual(withoutText("(up +) ) 5", "1:9: parse error: unexpected right parenthesis ')'"), { message: "unexpected right parenthesis ')'", offset: 7, length: 1 });
});

test("places in later lines are found", () => {
  assert.equal(queryError("sum(\nup +) x", '2:5: parse error: unexpected ")" in aggregation').offset, 9);
  assert.equal(pointed('{app="x"}\n | foo bar', "parse error at line 2, col 8: syntax error: unexpected IDENTIFIER"), "bar");
});

test("Loki and Tempo count characters", () => {
  assert.equal(pointed('{app="ä😀"} | foo bar', "parse error at line 1, col 18: syntax error: unexpected IDENTIFIER"), "bar");
  assert.equal(pointed("{ .a = }", "invalid TraceQL query: parse error at line 1, col 8: syntax error: unexpected }"), "}");
});

test("a kind of token is told with its word", () => {
  assert.equal(queryError("{ } | foo()", "invalid TraceQL query: parse error at line 1, col 7: syntax error: unexpected IDENTIFIER").message, 'unexpected IDENTIFIER "foo"');
  assert.equal(queryError("1 2", "parse error at line 1, col 3: syntax error: unexpected NUMBER, expecting $end").message, 'unexpected NUMBER "2", expecting end of query');
});

test("Loki's tokens without a line are looked for in each", () => {
  assert.equal(queryError('rate(\n {a="b"}[5m] |= "x")', "parse error at line 0, col 14: syntax error: unexpected |=").offset, 19);
  assert.equal(queryError('{a="b"} | json [5m]', "parse error at line 0, col 16: syntax error: unexpected RANGE").offset, 15);
});

test("what is missing at the end points at the end", () => {
  const error = withoutText('{app="x"} |= ', "parse error at line 1, col 14: syntax error: unexpected $end, expecting STRING or ip");
  assert.deepEqual(error, { message: "unexpected end of query, expecting STRING or ip", offset: 13, length: 0 });
  assert.equal(queryError("up", "9:9: parse error: unexpected end of input").offset, 2);
});

test("a stage or an expression that the message repeats is found", () => {
  assert.equal(pointed('{a="b"} |~ "("', "parse error : stage '|~ \"(\"' : error parsing regexp: missing closing ): `(`"), '|~ "("');
  assert.equal(pointed("{ name + 1 }", "invalid TraceQL query: binary operations must operate on the same type: name + 1"), "name + 1");
});

test("messages without a place keep their words only", () => {
  assert.deepEqual(withoutText("", 'invalid parameter "query": unknown position: parse error: no expression found in input'), { message: "no expression found in input" });
  assert.deepEqual(withoutText("up", "the server cannot be reached"), { message: "the server cannot be reached" });
});

test("an error in one line says where", () => {
  assert.deepEqual(lineColumn("a\n😀b", 4), { line: 2, column: 2 });
  assert.equal(described("up )", { message: "unexpected", offset: 3 }), "Column 4: unexpected");
  assert.equal(described("up\n)", { message: "unexpected", offset: 3 }), "Line 2, column 1: unexpected");
  assert.equal(described("up", { message: "query timed out" }), "Query timed out");
});

test("an error moves with blanks before the query, and is not about another query", () => {
  const error = queryError("up )", "1:4: parse error: unexpected");
  assert.equal(errorIn("  up )\n", error)?.offset, 5);
  assert.equal(errorIn("up )", error)?.offset, 3);
  assert.equal(errorIn("up (", error), null);
});

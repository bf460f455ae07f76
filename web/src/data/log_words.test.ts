import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "./log_words.cases.json";
import { isWords, literal, toLogql } from "./log_words";

test("inputs become LogQL as on the server", () => {
  for (const { text, logql, words } of cases) {
    assert.equal(toLogql(text, '{a=~".+"}'), logql, text);
    assert.equal(isWords(text), words, text);
  }
});

test("literals hold any text", () => {
  assert.equal(literal("a\tb"), '"a\\tb"');
  assert.equal(literal('a"b`c'), '"a\\"b`c"');
  assert.equal(literal('a"b'), '`a"b`');
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Told } from "./told";

test("what comes back late is an echo, however much was written since", () => {
  const told = new Told();
  for (const value of ["s", "su", "sum"]) told.add(value);
  assert.equal(told.isNews("s", "sum"), false);
  assert.equal(told.isNews("su", "sum"), false);
  assert.equal(told.isNews("sum", "sum"), false);
});

test("another text is news, also one that was written before", () => {
  const told = new Told();
  for (const value of ["a", "ab", "a"]) told.add(value);
  assert.equal(told.isNews("up", "a"), true);
  assert.equal(told.isNews("a", "a"), false);
  assert.equal(told.isNews("ab", "a"), true);
});

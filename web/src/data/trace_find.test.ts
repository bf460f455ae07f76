import assert from "node:assert/strict";
import { test } from "node:test";
import { filtered, findByName, mergeHits } from "./trace_find";
import type { TraceData } from "./trace_model";

const TRACE = {
  texts: ["shop", "db", "GET /cart", "SELECT"],
  ids: ["a1", "b2", "c3"],
  services: [0, 1, 0],
  names: [2, 3, 3],
  errors: [1],
  extras: { 2: { saying: "503", message: "No answer" } },
} as unknown as TraceData;

test("names, services, codes, messages and ids are found, in any case", () => {
  assert.deepEqual(findByName(TRACE, "select"), [1, 2]);
  assert.deepEqual(findByName(TRACE, "SHOP"), [0, 2]);
  assert.deepEqual(findByName(TRACE, "503"), [2]);
  assert.deepEqual(findByName(TRACE, "no ans"), [2]);
  assert.deepEqual(findByName(TRACE, "b2"), [1]);
  assert.deepEqual(findByName(TRACE, "  "), []);
});

test("the server's hits join", () => {
  assert.deepEqual(mergeHits(TRACE, [2], ["a1", "c3"]), [0, 2]);
});

test("filters hold together", () => {
  assert.equal(filtered(TRACE, new Set(), false), null);
  assert.deepEqual(filtered(TRACE, new Set(["db"]), false), [1]);
  assert.deepEqual(filtered(TRACE, new Set(["shop"]), true), []);
});

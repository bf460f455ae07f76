import assert from "node:assert/strict";
import { test } from "node:test";
import { severity, takeApart } from "./line";

test("a JSON line shows its message first", () => {
  assert.deepEqual(takeApart('{"level":30,"time":1,"msg":"order placed","total":12.5,"user":"u1"}'), {
    message: "order placed",
    level: "30",
    fields: [["total", "12.5"], ["user", "u1"]],
  });
});

test("identifiers go last, those of traces are left to the opened row", () => {
  const { fields } = takeApart('{"msg":"m","reqId":"r","trace_id":"t","user_id":"u","paid":true}');
  assert.deepEqual(fields, [["paid", "true"], ["reqId", "r"], ["user_id", "u"]]);
});

test("other lines are shown as they are", () => {
  for (const text of ["GET / 200", "{not json}", '{"a":1}', "{}"]) assert.deepEqual(takeApart(text), { message: text, level: "", fields: [] });
});

test("levels are recognised however they are spelled", () => {
  const table = { error: ["ERROR", "err", "fatal", "50", "60", "Critical"], warn: ["WARN", "warning", "40"], info: ["info", "30", "notice"], debug: ["debug", "TRACE", "20"], none: ["", "unknown"] };
  for (const [kind, spellings] of Object.entries(table)) for (const text of spellings) assert.equal(severity(text), kind, text);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ansiParts, plainText } from "./ansi";
import { isTelling, patternOf } from "./log_pattern";
import { fieldsOfLine, joined, type LogStream, messageOf, parserOf, rowsOf, rowsOfTail, traceOf, valueOf } from "./log_row";

const stream = (values: LogStream["values"], labels = { service_name: "shop" }): LogStream => ({ stream: labels, values });

test("rows of all streams lie in the order of time, to the nanosecond", () => {
  const streams = [stream([["1700000000000000002", "b"], ["1700000000000000001", "a"]]), stream([["1700000000000000003", "c"]], { service_name: "cart" })];
  assert.deepEqual(rowsOf(streams, true).map((row) => row.line), ["c", "b", "a"]);
  assert.deepEqual(rowsOf(streams, false).map((row) => row.line), ["a", "b", "c"]);
});

test("equal rows are told apart, and pages join without repeats", () => {
  const same = rowsOf([stream([["5000000", "x"], ["5000000", "x"]])], true);
  assert.equal(new Set(same.map((row) => row.key)).size, 2);
  const first = rowsOf([stream([["9000000", "a"], ["8000000", "b"], ["8000000", "c"]])], true);
  const next = rowsOf([stream([["8000000", "c"], ["8000000", "b"], ["8000000", "d"], ["7000000", "e"]])], true);
  assert.deepEqual(joined(first, next).map((row) => row.line), ["a", "b", "c", "d", "e"]);
});

test("levels come from metadata, labels, or the line", () => {
  const level = (line: string, metadata = {}) => rowsOf([stream([["1000000", line, { structuredMetadata: metadata }]])], true)[0]?.level;
  assert.equal(level("x", { detected_level: "fatal" }), "critical");
  assert.equal(level('{"level":30,"msg":"x"}', { detected_level: "unknown" }), "info");
  assert.equal(level("x", { detected_level: "unknown" }), "unknown");
});

test("a tail's labels are parted", () => {
  const [row] = rowsOfTail([stream([["1000000", "x"]], { service_name: "shop", pod: "p" } as Record<string, string> as { service_name: string })], new Set(["service_name"]));
  assert.deepEqual([row?.stream, row?.metadata], [{ service_name: "shop" }, { pod: "p" }]);
});

test("the message comes first", () => {
  assert.deepEqual(messageOf('{"level":30,"msg":"paid","total":5}'), { text: "paid", fields: [["total", "5"]] });
  assert.deepEqual(messageOf('level=info msg="signed in" user=u1'), { text: "signed in", fields: [["user", "u1"]] });
  assert.deepEqual(messageOf("GET /x?a=b HTTP/1.1"), { text: "GET /x?a=b HTTP/1.1", fields: [] });
  assert.equal(messageOf("level=info user=u1").text, "level=info user=u1");
});

test("fields have the names of LogQL's parsers", () => {
  assert.deepEqual(fieldsOfLine('{"a":{"b-c":1},"d":[1],"e":null,"f":true}'), [["a_b_c", "1"], ["f", "true"]]);
  assert.deepEqual(fieldsOfLine('a.b=1 msg="x \\"y\\""'), [["a_b", "1"], ["msg", 'x "y"']]);
  assert.deepEqual([parserOf("{}"), parserOf("a=1 b=2"), parserOf("a = 1")], ["json", "logfmt", ""]);
});

test("values and traces are found wherever they are", () => {
  const row = (line: string, metadata = {}) => rowsOf([stream([["1000000", line, { structuredMetadata: metadata }]])], true)[0] ?? assert.fail();
  const id = "0af7651916cd43dd8448eb211c80319c";
  assert.equal(traceOf(row("x", { trace_id: id })), id);
  assert.equal(traceOf(row(`{"traceId":"${id}"}`)), id);
  assert.equal(traceOf(row(`trace_id=${id} done`)), id);
  assert.equal(traceOf(row("no trace")), "");
  assert.equal(valueOf(row('{"ms":5}', { pod: "p" }), "pod"), "p");
  assert.equal(valueOf(row('{"ms":5}'), "ms"), "5");
});

test("patterns replace what varies", () => {
  assert.equal(patternOf("query took 12 ms for user-17"), "query took <_> ms for <_>");
  assert.equal(patternOf('10.0.0.1 - "GET /a/7" 200'), '<_> - "GET /a/<_>" <_>');
  assert.equal(patternOf("at 2026-01-02T03:04:05.123Z id 0af76519-16cd-43dd-8448-eb211c80319c"), "at <_> id <_>");
  assert.equal(isTelling("<_> <_>"), false);
  assert.equal(isTelling("no wildcard"), false);
});

test("terminals' colours", () => {
  const text = "\u001b[31mERROR\u001b[0m all \u001b[38;5;12mblue\u001b[2Kgone";
  assert.equal(plainText(text), "ERROR all bluegone");
  assert.deepEqual(ansiParts(text), [
    { text: "ERROR", kind: "ansi-red" },
    { text: " all ", kind: "" },
    { text: "blue", kind: "" },
    { text: "gone", kind: "" },
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRange, parseState, preferred, printRange, printState, search, selector, stepFor } from "./url";

test("state survives the address", () => {
  const states = [
    { metric: "", range: 900, end: null, mode: "auto" as const },
    { metric: "http_requests_total", range: 3600, end: null, mode: "rate" as const },
    { metric: 'http.server "x"', range: 45, end: 1_700_000_000_000, mode: "value" as const },
  ];
  for (const state of states) assert.deepEqual(parseState(printState(state, "")), state);
});

test("defaults leave no trace and foreign parameters stay", () => {
  assert.equal(printState(parseState(""), ""), "");
  assert.equal(printState(parseState("?tenant=a"), "?tenant=a"), "?tenant=a");
});

test("nonsense in the address is ignored", () => {
  assert.deepEqual(parseState("?g0.range_input=soon&g0.end_input=never&view=pie"), parseState(""));
});

test("ranges print and parse", () => {
  for (const [text, seconds] of [["5m", 300], ["1h30m", 5400], ["1d", 86_400], ["45s", 45]] as const) {
    assert.equal(parseRange(text), seconds);
    assert.equal(printRange(seconds), text);
  }
  assert.equal(parseRange("90"), 90);
  assert.equal(parseRange(""), null);
  assert.equal(parseRange("0m"), null);
});

test("unusual names are quoted", () => {
  assert.equal(selector("up"), "up");
  assert.equal(selector("http.server"), '{"http.server"}');
});

test("steps give a few hundred points", () => {
  assert.deepEqual([300, 900, 3600, 21_600].map((range) => stepFor(range)), [2, 5, 15, 120]);
});

test("the first chart is a telling one", () => {
  assert.equal(preferred(["go_gc", "http_requests_total", "up"]), "http_requests_total");
  assert.equal(preferred(["b", "process_cpu_seconds_total"]), "process_cpu_seconds_total");
  assert.equal(preferred(["zebra"]), "zebra");
  assert.equal(preferred([]), "");
});

test("search needs every word and puts beginnings first", () => {
  const names = ["node_http", "http_requests", "http_errors"];
  assert.deepEqual(search(names, "HTTP"), ["http_errors", "http_requests", "node_http"]);
  assert.deepEqual(search(names, "req http"), ["http_requests"]);
  assert.equal(search(names, "").length, 3);
});

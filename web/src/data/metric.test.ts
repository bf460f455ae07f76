import assert from "node:assert/strict";
import { test } from "node:test";
import { isCounter, unitOf } from "./metric";

test("a unit follows from the name", () => {
  assert.equal(unitOf("node_memory_MemFree_bytes"), "bytes");
  assert.equal(unitOf("node_network_receive_bytes_total", true), "binBps");
  assert.equal(unitOf("process_cpu_seconds_total"), "s");
  assert.equal(unitOf("process_cpu_seconds_total", true), "suffix: s/s");
  assert.equal(unitOf("cache_hit_ratio"), "percentunit");
  assert.equal(unitOf("up"), "");
  assert.equal(unitOf("http_requests_total", true), "/s");
});

test("a gauge called _total is no counter", () => {
  assert.equal(isCounter("job_queue_pending_total", [[3, 1, 4, 1, 5, 2]]), false);
  assert.equal(isCounter("http_requests_total", [[1, 2, 2, null, 7]]), true);
  assert.equal(isCounter("http_requests_total", [[8, 9, 0, 3]]), true);
  assert.equal(isCounter("memory_bytes", [[1, 2, 3]]), false);
});

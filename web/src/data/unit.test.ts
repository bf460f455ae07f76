import assert from "node:assert/strict";
import { test } from "node:test";
import { inUnit, isCounter, roundStep, ticks, unitOf } from "./unit";

test("a unit follows from the name", () => {
  assert.equal(unitOf("node_memory_MemFree_bytes"), "bytes");
  assert.equal(unitOf("node_network_receive_bytes_total"), "bytes");
  assert.equal(unitOf("process_cpu_seconds_total"), "seconds");
  assert.equal(unitOf("cache_hit_ratio"), "ratio");
  assert.equal(unitOf("up"), "none");
});

test("values read well in their unit", () => {
  assert.equal(inUnit(1536, "bytes", true), "1.5 KiB/s");
  assert.equal(inUnit(0.25, "seconds"), "250 ms");
  assert.equal(inUnit(0.25, "seconds", true), "0.25 s/s");
  assert.equal(inUnit(0.5, "ratio"), "50 %");
  assert.equal(inUnit(-3, "none"), "−3");
  assert.equal(inUnit(0.00123, "none"), "0.0012");
  assert.equal(inUnit(0, "seconds"), "0 s");
});

test("a gauge called _total is no counter", () => {
  assert.equal(isCounter("job_queue_pending_total", [[3, 1, 4, 1, 5, 2]]), false);
  assert.equal(isCounter("http_requests_total", [[1, 2, 2, null, 7]]), true);
  assert.equal(isCounter("http_requests_total", [[8, 9, 0, 3]]), true);
  assert.equal(isCounter("memory_bytes", [[1, 2, 3]]), false);
});

test("steps are round, in powers of two for bytes", () => {
  assert.equal(roundStep(3, "none"), 5);
  assert.equal(roundStep(0.011, "none"), 0.02);
  assert.equal(roundStep(1000, "none"), 1000);
  assert.equal(roundStep(1500, "bytes"), 2048);
  assert.equal(roundStep(0, "none"), 1);
});

test("ticks lie inside the range and are exact", () => {
  assert.deepEqual(ticks(0, 1, 5, "none"), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(0.1, 0.35, 3, "none"), [0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(0, 4096, 4, "bytes"), [0, 1024, 2048, 3072, 4096]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { queryFor, unitOf } from "./metric_query";

test("a first look fits the type", () => {
  const of = (name: string, type: string, is_native = false): string => queryFor({ name, type, is_native });
  assert.equal(of("x_total", "counter"), "rate(x_total[5m])");
  assert.equal(of("up", "gauge"), "up");
  assert.equal(of("up", ""), "up");
  assert.equal(of("t_seconds", "histogram"), "histogram_quantile(0.95, sum by (le) (rate(t_seconds_bucket[5m])))");
  assert.equal(of("t_seconds", "histogram", true), "histogram_quantile(0.95, sum(rate(t_seconds[5m])))");
  assert.equal(of("http.requests", "counter"), 'rate({"http.requests"}[5m])');
});

test("units that names tell", () => {
  assert.equal(unitOf("process_resident_memory_bytes"), "bytes");
  assert.equal(unitOf("rate(sent_bytes_total[5m])"), "binBps");
  assert.equal(unitOf("histogram_quantile(0.9, sum by (le) (rate(t_seconds_bucket[5m])))"), "s");
  assert.equal(unitOf("rate(process_cpu_seconds_total[5m])"), "");
  assert.equal(unitOf("up"), "");
});

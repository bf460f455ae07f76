import assert from "node:assert/strict";
import { test } from "node:test";
import { type Family, grouped, overviewQuery, queryFor, unitOf } from "./metric_query";

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

test("one line for all series", () => {
  assert.equal(overviewQuery({ name: "x_total", type: "counter", is_native: false }), "sum(rate(x_total[5m]))");
  assert.equal(overviewQuery({ name: "t", type: "summary", is_native: false }), "sum(rate(t_sum[5m])) / sum(rate(t_count[5m]))");
});

test("names that begin alike stand together", () => {
  const families = ["http_a", "http_b", "http_c", "queue_depth", "up"].map((name): Family => ({ name, type: "", help: "", unit: "", series: 1, is_native: false }));
  assert.deepEqual(grouped(families).map(({ prefix, families: rows }) => [prefix, rows.length]), [["http_", 3], ["", 2]]);
});

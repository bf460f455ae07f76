import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleRequests } from "./sample";

test("test data is valid OTLP/JSON and line and span belong together", () => {
  const [traces, logs, metrics] = sampleRequests(1_700_000_000_000.4).map((request) => JSON.parse(JSON.stringify(request.body)));
  const span = traces.resourceSpans[0].scopeSpans[0].spans[0];
  const record = logs.resourceLogs[0].scopeLogs[0].logRecords[0];
  assert.match(span.traceId, /^[0-9a-f]{32}$/);
  assert.match(span.spanId, /^[0-9a-f]{16}$/);
  assert.equal(record.traceId, span.traceId);
  assert.equal(span.endTimeUnixNano, "1700000000000000000");
  assert.equal(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano), 42_000_000n);
  assert.equal(metrics.resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints[0].asDouble, 1);
});

test("each request names the page that shows what it sent", () => {
  const [traces, logs, metrics] = sampleRequests(0);
  const traceId = JSON.parse(JSON.stringify(traces?.body)).resourceSpans[0].scopeSpans[0].spans[0].traceId;
  assert.equal(traces?.href, `/traces/${traceId}`);
  assert.equal(new URLSearchParams(logs?.href.split("?")[1]).get("q"), `{service_name="browser-test"} | trace_id="${traceId}"`);
  assert.equal(metrics?.href, "/metrics?g0.expr=connect_test_clicks&g0.tab=1");
});

test("every click is a trace of its own", () => {
  const ids = [1, 2].map(() => JSON.stringify(sampleRequests(0)[0]?.body));
  assert.notEqual(ids[0], ids[1]);
});

"""The shop sends consistent signals."""

from __future__ import annotations

import orjson
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.demo.encode import Meter, encode_logs, encode_traces
from appliance.demo.shop import SERVICES, Shop

START = 1_700_000_000 * 10**9
REQUESTS = Shop().requests_between(START, START + 600 * 10**9, per_second=2)


def test_traces_span_three_services_with_errors_and_known_parents() -> None:
    message = ExportTraceServiceRequest.FromString(encode_traces(REQUESTS))
    spans = [s for rs in message.resource_spans for ss in rs.scope_spans for s in ss.spans]
    ids = {(span.trace_id, span.span_id) for span in spans}
    assert len(message.resource_spans) == len(SERVICES)
    assert any(span.status.code == 2 for span in spans)
    assert all((s.trace_id, s.parent_span_id) in ids for s in spans if s.parent_span_id)


def test_log_lines_are_pino_json_that_name_their_trace() -> None:
    pushed = orjson.loads(encode_logs(REQUESTS))
    traces = {request.trace_id.hex() for request in REQUESTS}
    lines = [orjson.loads(line) for s in pushed["streams"] for _, line in s["values"]]
    assert {line["trace_id"] for line in lines} <= traces
    assert {line["level"] for line in lines} == {30, 40, 50}


def test_all_metrics_of_the_shop_are_sent() -> None:
    meter = Meter(START)
    meter.observe(REQUESTS)
    message = ExportMetricsServiceRequest.FromString(meter.encode(START + 600 * 10**9, 2))
    names = {metric.name for metric in message.resource_metrics[0].scope_metrics[0].metrics}
    assert names == {
        "http_requests_total",
        "http_request_duration_seconds",
        "http_requests_in_flight",
        "billing_invoices_generated_total",
        "billing_run_duration_seconds",
        "billing_conflicts_total",
        "billing_lines_upserted_total",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "job_queue_pending_total",
        "nodejs_heap_used_bytes",
    }

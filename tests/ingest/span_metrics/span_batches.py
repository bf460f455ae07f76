"""Batches of spans for tests of the metrics made of them."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.model.trace import SpanBatch
from appliance.wire.otlp.traces import decode_traces

NOW_MS = 1_700_000_000_000
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5


def span(
    kind: int = SERVER,
    *,
    trace: int = 1,
    span_id: int = 1,
    parent: int = 0,
    seconds: float = 0.01,
    failed: bool = False,
    age_ms: int = 0,
    attributes: Mapping[str, str | int] | None = None,
) -> Span:
    """A span that ended `age_ms` before NOW_MS."""
    end_ns = (NOW_MS - age_ms) * 1_000_000
    made = Span(
        trace_id=trace.to_bytes(16),
        span_id=span_id.to_bytes(8),
        parent_span_id=parent.to_bytes(8) if parent else b"",
        name="op",
        kind=kind,  # type: ignore[arg-type]  # an enum's number
        start_time_unix_nano=end_ns - round(seconds * 1e9),
        end_time_unix_nano=end_ns,
    )
    if failed:
        made.status.code = 2  # type: ignore[assignment]  # an enum's number
    for key, value in (attributes or {}).items():
        item = made.attributes.add(key=key)
        if isinstance(value, int):
            item.value.int_value = value
        else:
            item.value.string_value = value
    return made


def batch(service: str, *spans: Span, resource: Mapping[str, str] | None = None) -> SpanBatch:
    """Spans of one service, as the decoder gives them."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    for key, value in ({"service.name": service} if service else {}).items():
        group.resource.attributes.add(key=key).value.string_value = value
    for key, value in (resource or {}).items():
        group.resource.attributes.add(key=key).value.string_value = value
    group.scope_spans.add(spans=spans)
    return decode_traces(request.SerializeToString())[0]

"""Spans of an OTLP request, trace by trace."""

from __future__ import annotations

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.model.trace import StoredSpan
from appliance.wire.otlp.message import parse


def spans_by_trace(body: bytes) -> dict[bytes, list[StoredSpan]]:
    """The spans of an ExportTraceServiceRequest by trace id, in the order of the request.

    Raises:
        BadInput: The body is not such a request.
    """
    found: dict[bytes, list[StoredSpan]] = {}
    for group in parse(ExportTraceServiceRequest, body).resource_spans:
        resource = group.resource.SerializeToString()
        for scoped in group.scope_spans:
            scope = scoped.scope.SerializeToString()
            for span in scoped.spans:
                stored = StoredSpan(resource, scope, span.SerializeToString())
                found.setdefault(span.trace_id, []).append(stored)
    return found

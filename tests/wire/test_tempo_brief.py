"""Traces in few words."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.model.trace import StoredSpan
from appliance.wire.tempo_brief import trace_brief


def test_a_trace(span: Span, store: Callable[..., StoredSpan]) -> None:
    span.attributes.add(key="raw").value.bytes_value = b"\x01\xff"
    span.status.code = Status.STATUS_CODE_ERROR
    span.status.message = "no"
    event = span.events.add(name="log", time_unix_nano=5)
    event.attributes.add(key="list").value.array_value.values.add().int_value = 3
    span.links.add(trace_id=b"\x02" * 16, span_id=b"\x03" * 8)
    answer = orjson.loads(trace_brief([store(span)]))["trace"]
    assert answer["traceId"] == "00112233445566778899aabbccddeeff"
    (service,) = answer["services"]
    assert (service["serviceName"], service["resource"]) == ("shop", {"pid": 7})
    (scope,) = service["scopes"]
    assert scope["spans"] == [
        {
            "spanId": "0000000000000001",
            "name": "GET /",
            "kind": "SPAN_KIND_SERVER",
            "startTimeUnixNano": "1000001999",
            "endTimeUnixNano": "1000250000",
            "durationMs": 0.248001,
            "attributes": {"raw": "01ff"},
            "events": [{"name": "log", "timeUnixNano": "5", "attributes": {"list": [3]}}],
            "links": [{"traceId": "02" * 16, "spanId": "03" * 8}],
            "status": {"code": "STATUS_CODE_ERROR", "message": "no"},
        }
    ]


def test_nothing() -> None:
    assert trace_brief([]) == b"{}"

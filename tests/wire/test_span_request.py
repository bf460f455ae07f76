"""Spans of other protocols: their messages are those that protobuf would write."""

from __future__ import annotations

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.base.errors import BadInput
from appliance.model.trace import AttributeValue
from appliance.wire.otlp.any_value import encode_value
from appliance.wire.span_request import Event, Link, PlainSpan, SpanRequest

ATTRIBUTES: dict[str, AttributeValue] = {
    "text": "é" * 200,
    "short": "x",
    "number": -1,
    "one": 1,
    "true": True,
    "half": 0.5,
    "none": None,
    "list": [1, ["x"], None],
    "map": {"a": {"b": b"\0"}},
    "large": 2**64,
    "": "",
}


def expected_span() -> Span:
    span = Span(
        trace_id=bytes(range(16)),
        span_id=bytes(range(8)),
        trace_state="a=b",
        parent_span_id=b"\1" * 8,
        name="operation" * 30,
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=5,
        end_time_unix_nano=2**64 - 1,
        dropped_attributes_count=300,
        dropped_links_count=1,
        flags=257,
        status=Status(code=Status.STATUS_CODE_ERROR, message="no"),
    )
    for key, value in ATTRIBUTES.items():
        span.attributes.add(key=key).value.MergeFromString(encode_value(value))
    event = span.events.add(time_unix_nano=9, name="e", dropped_attributes_count=2)
    event.attributes.add(key="k").value.string_value = "v"
    link = span.links.add(trace_id=b"\2" * 16, span_id=b"\3" * 8, trace_state="c=d")
    link.attributes.add(key="k").value.int_value = 7
    link.dropped_attributes_count = 130
    return span


def test_every_field_is_written() -> None:
    request = SpanRequest()
    dropped: dict[str, AttributeValue] = {
        "otel.dropped_attributes_count": "300",
        "otel.dropped_events_count": 0,
        "otel.dropped_links_count": 1,
    }
    request.add(
        PlainSpan(
            trace_id=bytes(range(16)),
            span_id=bytes(range(8)),
            parent_id=b"\1" * 8,
            name="operation" * 30,
            kind=3,
            start_ns=5,
            end_ns=2**64 - 1,
            attributes=ATTRIBUTES | dropped,
            resource={"service.name": "shop", "n": 1},
            scope=("lib", "2"),
            status=(2, "no"),
            trace_state="a=b",
            flags=257,
            events=[Event(9, "e", {"k": "v"}, 2), Event(-1, "before 1970")],
            links=[Link(b"\2" * 16, b"\3" * 8, {"k": 7}, "c=d", 130)],
        )
    )
    decoded = ExportTraceServiceRequest.FromString(request.encode())
    (group,) = decoded.resource_spans
    (scoped,) = group.scope_spans
    assert list(scoped.spans) == [expected_span()]
    assert scoped.spans[0].SerializeToString() in request.encode()
    assert (scoped.scope.name, scoped.scope.version) == ("lib", "2")
    assert [item.key for item in group.resource.attributes] == ["service.name", "n"]


def plain(start_ns: int = 1, **resource: AttributeValue) -> PlainSpan:
    return PlainSpan(bytes(16), bytes(8), b"", "", 0, start_ns, start_ns, {}, resource)


def test_numbers_and_booleans_that_are_equal_are_told_apart() -> None:
    request = SpanRequest()
    for value in (1, True, 1.0, 1):
        span = plain()
        span.attributes["k"] = value
        request.add(span)
    spans = ExportTraceServiceRequest.FromString(request.encode()).resource_spans[0].scope_spans[0]
    kinds = [span.attributes[0].value.WhichOneof("value") for span in spans.spans]
    assert kinds == ["int_value", "bool_value", "double_value", "int_value"]


def test_spans_of_a_resource_are_together() -> None:
    request = SpanRequest()
    for name in ("a", "b", "a"):
        request.add(plain(x=name))
    decoded = ExportTraceServiceRequest.FromString(request.encode())
    assert [len(group.scope_spans[0].spans) for group in decoded.resource_spans] == [2, 1]


@pytest.mark.parametrize("start_ns", [-1, 2**64])
def test_times_out_of_range_are_refused(start_ns: int) -> None:
    with pytest.raises(BadInput, match="out of range"):
        SpanRequest().add(plain(start_ns))


def test_requests_may_be_joined() -> None:
    one, two = SpanRequest(), SpanRequest()
    one.add(plain())
    two.add(plain())
    joined = ExportTraceServiceRequest.FromString(one.encode() + two.encode())
    assert len(joined.resource_spans) == 2

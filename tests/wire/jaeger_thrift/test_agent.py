"""Packets of Jaeger's clients."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput
from appliance.wire.jaeger_thrift.agent import packet_to_otlp
from tests.thrift_writing import (
    binary_call,
    compact_call,
    emitted,
    fields,
    i64,
    listed,
    span,
    text,
)


def names(packet: bytes) -> list[str]:
    request = ExportTraceServiceRequest.FromString(packet_to_otlp(packet, now_ns=7))
    scoped = [each for group in request.resource_spans for each in group.scope_spans]
    return [span.name for each in scoped for span in each.spans]


@pytest.mark.parametrize("call", [compact_call, binary_call])
def test_batches_come_in_either_protocol(call: object) -> None:
    assert callable(call)
    assert names(call("emitBatch", emitted(span(), span(f5=text("b"))))) == ["GET /", "b"]


def test_zipkin_batches_are_taken_as_well() -> None:
    zipkin = fields({1: i64(5), 3: text("old"), 4: i64(6)})
    packet = compact_call("emitZipkinBatch", fields({1: listed(zipkin)}))
    assert names(packet) == ["old"]
    request = ExportTraceServiceRequest.FromString(packet_to_otlp(packet, now_ns=7))
    assert request.resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano == 7


@pytest.mark.parametrize("name", ["emitBatch", "validateTrace"])
def test_other_calls_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match=name):
        packet_to_otlp(compact_call(name, fields({})), now_ns=0)


def test_a_packet_of_the_old_exporter_is_read() -> None:
    """One that opentelemetry-exporter-jaeger-thrift 1.21 sent to port 6831."""
    packet = (Path(__file__).parent / "exporter_1_21.packet").read_bytes()
    request = ExportTraceServiceRequest.FromString(packet_to_otlp(packet, now_ns=0))
    (group,) = request.resource_spans
    (scoped,) = group.scope_spans
    child, parent = scoped.spans
    assert (scoped.scope.name, scoped.scope.version) == ("lib", "1.2")
    assert (parent.kind, parent.name, parent.parent_span_id) == (2, "parent", b"")
    assert (child.parent_span_id, child.trace_id) == (parent.span_id, parent.trace_id)
    assert (child.status.code, child.status.message) == (2, "boom")
    assert child.links[0].span_id == parent.span_id
    assert {item.key for item in parent.attributes} >= {"http.route", "n", "f", "b", "region"}
    assert parent.events[0].attributes[0].key == "k"

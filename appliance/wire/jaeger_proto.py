"""Jaeger's spans in protobuf (jaeger-idl, model.proto and collector.proto) as OTLP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.wire.jaeger_model import JaegerSpan, Reference, resource_of, to_plain
from appliance.wire.messages import jaeger_collector_pb2
from appliance.wire.messages.jaeger_collector_pb2 import (
    PostSpansRequest,
    PostSpansResponse,
    SamplingStrategyParameters,
    SamplingStrategyResponse,
)
from appliance.wire.reflection import Method, described
from appliance.wire.span_request import SpanRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.trace import AttributeValue

#: Fields of a KeyValue by its v_type.
_VALUES = ("v_str", "v_bool", "v_int64", "v_float64", "v_binary")


def post_spans_to_otlp(body: bytes) -> bytes:
    """An ExportTraceServiceRequest of a PostSpansRequest; a span's own process goes before all's.

    Raises:
        BadInput: The body is no such message, or has ids of a wrong length.
    """
    try:
        batch = PostSpansRequest.FromString(body).batch
    except DecodeError as error:
        raise BadInput(f"body is not a protobuf PostSpansRequest: {error}") from error
    request = SpanRequest()
    shared = _resource(batch.process)
    for index, span in enumerate(batch.spans):
        resource = _resource(span.process) if span.HasField("process") else shared
        request.add(to_plain(_span(span, f"spans[{index}]"), resource))
    return request.encode()


def encode_post_spans() -> bytes:
    """The answer to PostSpans."""
    encoded: bytes = PostSpansResponse().SerializeToString()
    return encoded


def encode_sampling(body: bytes) -> bytes:
    """The strategy for whichever service asks: every trace is wanted.

    Raises:
        BadInput: The body is no SamplingStrategyParameters.
    """
    try:
        SamplingStrategyParameters.FromString(body)
    except DecodeError as error:
        raise BadInput(f"body is not SamplingStrategyParameters: {error}") from error
    response = SamplingStrategyResponse()
    response.probabilisticSampling.samplingRate = 1.0
    encoded: bytes = response.SerializeToString()
    return encoded


def describe() -> list[bytes]:
    """The files of both services, for reflection."""
    post = Method("PostSpansRequest", "PostSpansResponse")
    sampling = Method("SamplingStrategyParameters", "SamplingStrategyResponse")
    services = {
        "CollectorService": {"PostSpans": post},
        "SamplingManager": {"GetSamplingStrategy": sampling},
    }
    own = jaeger_collector_pb2.DESCRIPTOR
    return described(own, "collector.proto", "jaeger.api_v2", services)


def _resource(process: Any) -> dict[str, AttributeValue]:
    return resource_of(process.service_name, _tags(process.tags))


def _span(span: Any, place: str) -> JaegerSpan:
    start_ns = _nanoseconds(span.start_time)
    return JaegerSpan(
        trace_id=_id(span.trace_id, 16, f"{place}.trace_id"),
        span_id=_id(span.span_id, 8, f"{place}.span_id"),
        parent_id=b"",
        name=span.operation_name,
        start_ns=start_ns,
        end_ns=start_ns + max(_nanoseconds(span.duration), 0),
        flags=span.flags,
        tags=_tags(span.tags),
        logs=[(_nanoseconds(log.timestamp), _tags(log.fields)) for log in span.logs],
        references=[
            Reference(
                ref.ref_type == 0,
                _id(ref.trace_id, 16, f"{place}.references"),
                _id(ref.span_id, 8, f"{place}.references"),
            )
            for ref in span.references
        ],
    )


def _nanoseconds(time: Any) -> int:
    """Of a Timestamp or a Duration."""
    seconds: int = time.seconds
    nanos: int = time.nanos
    return seconds * 10**9 + nanos


def _id(value: bytes, size: int, place: str) -> bytes:
    """An id; trace ids may have 8 bytes."""
    if len(value) not in {8, size}:
        raise BadInput(f"{place}: expected {size} bytes, got {len(value)}")
    return value.rjust(size, b"\0")


def _tags(tags: Iterable[Any]) -> dict[str, AttributeValue]:
    """Tags by key, the last one of a key."""
    found: dict[str, AttributeValue] = {}
    for tag in tags:
        kind = tag.v_type
        if 0 <= kind < len(_VALUES):
            found[tag.key] = getattr(tag, _VALUES[kind])
        else:
            found[tag.key] = f"<Unknown Jaeger TagType {kind}>"
    return found

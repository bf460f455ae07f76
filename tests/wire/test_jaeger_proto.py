"""Jaeger's spans in protobuf as OTLP."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput
from appliance.wire.jaeger_proto import encode_post_spans, encode_sampling, post_spans_to_otlp
from appliance.wire.messages.jaeger_collector_pb2 import (
    PostSpansRequest,
    SamplingStrategyResponse,
)
from appliance.wire.otlp.values import to_value

TRACE, SPAN = bytes(range(16)), bytes(range(8))


def sent(*spans: dict[str, Any], **process: Any) -> Any:
    request = PostSpansRequest()
    for span in spans:
        request.batch.spans.add(**({"trace_id": TRACE, "span_id": SPAN} | span))
    if process:
        request.batch.process.service_name = process["service_name"]
    return ExportTraceServiceRequest.FromString(post_spans_to_otlp(request.SerializeToString()))


def values(attributes: Any) -> dict[str, Any]:
    return {item.key: to_value(item.value) for item in attributes}


def test_spans_are_taken_over() -> None:
    tags = [
        {"key": "s", "v_str": "text"},
        {"key": "b", "v_type": 1, "v_bool": True},
        {"key": "i", "v_type": 2, "v_int64": -1},
        {"key": "f", "v_type": 3, "v_float64": 0.5},
        {"key": "y", "v_type": 4, "v_binary": b"\0"},
        {"key": "o", "v_type": 5},
        {"key": "span.kind", "v_str": "client"},
        {"key": "otel.scope.name", "v_str": "lib"},
    ]
    made = sent(
        {
            "operation_name": "op",
            "flags": 3,
            "start_time": {"seconds": 5, "nanos": 7},
            "duration": {"nanos": 9},
            "tags": tags,
            "references": [{"trace_id": TRACE, "span_id": b"\7" * 8}],
            "logs": [{"timestamp": {"seconds": 6}, "fields": [{"key": "event", "v_str": "e"}]}],
        },
        service_name="shop",
    )
    (group,) = made.resource_spans
    (scoped,) = group.scope_spans
    (span,) = scoped.spans
    assert values(group.resource.attributes) == {"service.name": "shop"}
    assert (scoped.scope.name, span.name, span.kind, span.flags) == ("lib", "op", 3, 1)
    assert (span.trace_id, span.span_id, span.parent_span_id) == (TRACE, SPAN, b"\7" * 8)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (5_000_000_007, 5_000_000_016)
    assert values(span.attributes) == {
        "s": "text",
        "b": True,
        "i": -1,
        "f": 0.5,
        "y": b"\0",
        "o": "<Unknown Jaeger TagType 5>",
    }
    assert [(event.time_unix_nano, event.name) for event in span.events] == [(6_000_000_000, "e")]
    assert len(span.links) == 0


def test_a_spans_own_process_goes_before_that_of_all() -> None:
    made = sent({}, {"process": {"service_name": "own"}}, service_name="all")
    assert [values(group.resource.attributes) for group in made.resource_spans] == [
        {"service.name": "all"},
        {"service.name": "own"},
    ]


@pytest.mark.parametrize(
    "span",
    [
        {"trace_id": b"1"},
        {"span_id": b""},
        {"references": [{"trace_id": b"", "span_id": SPAN}]},
        {"start_time": {"seconds": -1}},
        {"start_time": {"seconds": 2**60}},
    ],
)
def test_ids_and_times_are_checked(span: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        sent(span)


def test_short_trace_ids_are_padded() -> None:
    made = sent({"trace_id": b"\1" * 8})
    assert made.resource_spans[0].scope_spans[0].spans[0].trace_id == bytes(8) + b"\1" * 8


def test_other_bodies_are_refused() -> None:
    for decode in (post_spans_to_otlp, encode_sampling):
        with pytest.raises(BadInput, match="body is"):
            decode(b"\x0a\xff")


def test_answers() -> None:
    assert encode_post_spans() == b""
    strategy = SamplingStrategyResponse.FromString(encode_sampling(b"\x0a\1x"))
    assert (strategy.strategyType, strategy.probabilisticSampling.samplingRate) == (0, 1.0)

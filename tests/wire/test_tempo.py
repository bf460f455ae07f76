from __future__ import annotations

import base64
from collections.abc import Callable

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

from appliance.model.trace import StoredSpan
from appliance.wire import tempo
from appliance.wire.messages.tempo_pb2 import TraceByIDResponse


def test_json_has_batches_with_base64_ids_and_names(
    span: Span, store: Callable[..., StoredSpan]
) -> None:
    answer = orjson.loads(tempo.trace_json([store(span)]))

    (batch,) = answer["batches"]
    (found,) = batch["scopeSpans"][0]["spans"]
    assert batch["resource"]["attributes"][1] == {"key": "pid", "value": {"intValue": "7"}}
    assert base64.b64decode(found["traceId"]) == span.trace_id
    assert found["kind"] == "SPAN_KIND_SERVER"
    assert found["startTimeUnixNano"] == "1000001999"
    assert "flags" not in found


def test_the_second_version_nests_the_trace(span: Span, store: Callable[..., StoredSpan]) -> None:
    first = orjson.loads(tempo.trace_json([store(span)]))
    second = orjson.loads(tempo.trace_v2_json([store(span)], size_bytes=5))

    assert second == {
        "trace": {"resourceSpans": first["batches"]},
        "metrics": {"inspectedBytes": "5"},
    }


def test_the_second_version_says_that_there_is_more(
    span: Span, store: Callable[..., StoredSpan]
) -> None:
    answer = orjson.loads(tempo.trace_v2_json([store(span)], partial_bytes=9))
    message = TraceByIDResponse.FromString(tempo.trace_v2_protobuf([store(span)], partial_bytes=9))

    assert answer["status"] == "PARTIAL"
    assert message.status == 1
    expected = "Trace exceeds maximum size of 9 bytes, a partial trace is returned"
    assert (answer["message"], message.message) == (expected, expected)


def test_protobuf_is_a_list_of_resource_spans(span: Span, store: Callable[..., StoredSpan]) -> None:
    span.links.add(trace_id=b"x" * 16, flags=1)
    span.name = "x" * 300
    trace = TracesData.FromString(tempo.trace_protobuf([store(span), store(span, service="b")]))

    assert [len(group.scope_spans[0].spans) for group in trace.resource_spans] == [1, 1]
    found = trace.resource_spans[0].scope_spans[0].spans[0]
    assert (found.flags, found.links[0].flags) == (0, 0)
    assert found.name == span.name


def test_protobuf_of_the_second_version_is_one_level_deeper(
    span: Span, store: Callable[..., StoredSpan]
) -> None:
    answer = TraceByIDResponse.FromString(tempo.trace_v2_protobuf([store(span)], size_bytes=5))

    assert answer.trace.SerializeToString() == tempo.trace_protobuf([store(span)])
    assert answer.metrics.inspectedBytes == 5
    assert TraceByIDResponse.FromString(tempo.trace_v2_protobuf([])).HasField("trace")


def test_no_spans() -> None:
    assert tempo.trace_json([]) == b'{"batches":[]}'
    assert tempo.trace_protobuf([]) == b""
    assert tempo.trace_v2_json([]) == b'{"trace":{},"metrics":{}}'

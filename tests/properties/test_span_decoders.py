"""Decoders of spans: what was written is read, and any bytes are spans or bad input."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput
from appliance.wire.jaeger_proto import post_spans_to_otlp
from appliance.wire.jaeger_thrift.agent import packet_to_otlp
from appliance.wire.jaeger_thrift.batch import batch_to_otlp
from appliance.wire.messages.jaeger_collector_pb2 import PostSpansRequest
from appliance.wire.messages.zipkin_pb2 import ListOfSpans
from appliance.wire.otlp.traces import decode_traces
from appliance.wire.otlp.values import to_value
from appliance.wire.reflection import Catalogue
from appliance.wire.thrift import read_message, read_struct
from appliance.wire.zipkin.otlp import READERS, zipkin_to_otlp
from tests.random_examples import examples
from tests.thrift_writing import (
    Typed,
    batch,
    binary,
    binary_call,
    compact,
    compact_call,
    emitted,
    fields,
    i64,
    listed,
    span,
    tags,
    text,
)

INT64 = st.integers(-(2**63), 2**63 - 1)


def typed(values: Any) -> Any:
    """Values of Thrift: numbers, texts, booleans, lists and structs of them."""
    return st.one_of(
        values,
        st.dictionaries(st.integers(1, 200), values, max_size=4).map(fields),
        st.lists(
            st.dictionaries(st.integers(1, 30), values, max_size=3).map(fields), max_size=20
        ).map(lambda items: listed(*items)),
    )


LEAVES = st.one_of(
    INT64.map(i64),
    st.binary(max_size=200).map(text),
    st.booleans().map(lambda value: Typed("bool", value)),
    st.floats(allow_nan=False).map(lambda value: Typed("double", value)),
    st.integers(-128, 127).map(lambda value: Typed("byte", value)),
)
STRUCTS = st.dictionaries(st.integers(1, 2**15 - 1), typed(typed(LEAVES)), max_size=6).map(fields)


def plain(item: Typed) -> Any:
    """What a reader gives for a value."""
    if item.kind == "struct":
        return {number: plain(each) for number, each in item.value.items()}
    if item.kind == "list":
        return [plain(each) for each in item.value]
    return item.value


@given(STRUCTS)
def test_thrift_is_read_as_it_was_written(item: Typed) -> None:
    expected = plain(item)
    assert read_struct(compact(item), compact=True) == expected
    assert read_struct(binary(item)) == expected
    for packet in (
        compact_call("name", item),
        binary_call("name", item),
        binary_call("name", item, strict=False),
    ):
        assert read_message(packet).arguments == expected


ATTRIBUTES = st.dictionaries(
    st.text(min_size=1, max_size=5).filter(lambda key: "__" not in key),
    st.one_of(
        st.text(max_size=100),
        INT64,
        st.booleans(),
        st.floats(allow_nan=False),
        st.binary(max_size=20),
    ),
    max_size=6,
)


@given(st.integers(1, 2**63 - 1), st.text(max_size=200), ATTRIBUTES, st.integers(0, 2**40))
def test_jaeger_spans_come_back(
    span_id: int, name: str, attributes: dict[str, Any], start_us: int
) -> None:
    sent = span(f3=i64(span_id), f5=text(name), f8=i64(start_us), f10=tags(**attributes))
    found, rejects = decode_traces(batch_to_otlp(compact(batch(sent)), compact=True))
    assert (rejects, found.services, found.names) == ([], ["shop"], [name])
    assert (found.span_ids.tolist(), found.start_ns.tolist()) == ([span_id], [start_us * 1000])
    request = ExportTraceServiceRequest.FromString(batch_to_otlp(binary(batch(sent))))
    stored = request.resource_spans[0].scope_spans[0].spans[0].attributes
    assert {item.key: to_value(item.value) for item in stored} == attributes


def decoders() -> dict[str, Callable[[bytes], bytes]]:
    def zipkin(protocol: str) -> Callable[[bytes], bytes]:
        return lambda body: zipkin_to_otlp(body, protocol=protocol, now_ns=5)

    return {
        "packet": lambda body: packet_to_otlp(body, now_ns=5),
        "binary": batch_to_otlp,
        "compact": lambda body: batch_to_otlp(body, compact=True),
        "jaeger_proto": post_spans_to_otlp,
        **{protocol: zipkin(protocol) for protocol in READERS},
    }


def bodies() -> dict[str, bytes]:
    """A body per decoder, to be damaged."""
    sent = span(
        f6=listed(fields({1: i64(0), 4: i64(9)})),
        f10=tags(a="x", b=1.5, c=True, error=True),
        f11=listed(fields({1: i64(5), 2: tags(event="e")})),
    )
    old = fields({1: i64(5), 3: text("old"), 4: i64(6), 6: listed(fields({2: text("cs")}))})
    v2 = [{"traceId": "1", "id": "2", "name": "x", "tags": {"error": "y"}, "kind": "CLIENT"}]
    v1 = [{"traceId": "1", "id": "2", "annotations": [{"value": "cs", "timestamp": 5}]}]
    message, jaeger = ListOfSpans(), PostSpansRequest()
    message.spans.add(trace_id=bytes(15) + b"\1", id=b"\1" * 8, tags={"a": "b"}, name="n")
    jaeger.batch.spans.add(trace_id=b"\1" * 16, span_id=b"\1" * 8, flags=1).tags.add(key="k")
    return {
        "packet": compact_call("emitBatch", emitted(sent)),
        "binary": binary(batch(sent)),
        "compact": compact(batch(sent)),
        "jaeger_proto": jaeger.SerializeToString(),
        "zipkin_v2_json": orjson.dumps(v2),
        "zipkin_v2_protobuf": message.SerializeToString(),
        "zipkin_v1_json": orjson.dumps(v1),
        "zipkin_v1_thrift": binary(listed(old)),
    }


def decode(name: str, body: bytes) -> None:
    """A request that can be stored, or bad input."""
    with contextlib.suppress(BadInput):
        decode_traces(decoders()[name](body))


@pytest.mark.parametrize("name", list(decoders()))
def test_the_examples_are_spans(name: str) -> None:
    found, rejects = decode_traces(decoders()[name](bodies()[name]))
    assert (len(found), rejects) == (1, [])


@pytest.mark.parametrize("name", list(decoders()))
@given(data=st.data())
@examples(60)
def test_damage_is_bad_input_at_most(name: str, data: st.DataObject) -> None:
    body = bytearray(bodies()[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not body:
            break
    decode(name, bytes(body))


@pytest.mark.parametrize("name", list(decoders()))
@given(body=st.binary(max_size=300))
@examples(60)
def test_any_bytes_are_bad_input_at_most(name: str, body: bytes) -> None:
    decode(name, body)


_NAMES = (
    *("traceId", "id", "parentId", "name", "kind", "timestamp", "duration", "shared", "debug"),
    *("localEndpoint", "remoteEndpoint", "annotations", "binaryAnnotations", "tags"),
    *("serviceName", "ipv4", "port", "value", "key", "endpoint"),
)
_KEYS = st.sampled_from(_NAMES)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, JSON, max_size=8))
@examples(200)
def test_zipkin_json_of_any_shape_is_bad_input_at_most(changes: dict[str, Any]) -> None:
    span_ = {"traceId": "1", "id": "2"} | changes
    body = orjson.dumps([span_])
    decode("zipkin_v2_json", body)
    decode("zipkin_v1_json", body)


@given(st.binary(max_size=100))
def test_reflection_answers_or_refuses_any_bytes(body: bytes) -> None:
    with contextlib.suppress(BadInput):
        Catalogue(["x"], []).answer(body)


def test_time_and_memory_are_bounded() -> None:
    """A body of lists of empty structs, each a byte, is refused before they are made."""
    size = 3_000_000
    head = b"\x19\xfc" + bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80])
    head += bytes([size >> 14 & 0x7F | 0x80, size >> 21])
    with pytest.raises(BadInput, match="values"):
        read_struct(head + bytes(size + 1), compact=True)
    binary_head = b"\x0f\0\1\x0c" + struct.pack(">i", size)
    with pytest.raises(BadInput, match="values"):
        read_struct(binary_head + bytes(size + 1))

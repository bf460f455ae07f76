"""Any bytes as a trace request: refused as bad input, or spans that can be stored and searched."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.base.errors import BadInput
from appliance.model.trace import SpanBatch
from appliance.store.traces.head import Part
from appliance.store.traces.inbox import decode_row, encode_row
from appliance.store.traces.sealed.block import BlockLimits, encode_block
from appliance.store.traces.table import pack
from appliance.store.traces.views.head_columns import HeadColumns
from appliance.wire.otlp.json import traces_from_json
from appliance.wire.otlp.traces import decode_traces
from tests.properties.test_traces_whole import described, spans
from tests.random_examples import examples
from tests.spans import otlp_request

bounded = examples(150)


def check_stored(batch: SpanBatch) -> None:
    """Whatever was accepted survives the way into a block and all columns can be read."""
    if not len(batch):
        return
    table = decode_row(encode_row(pack(batch)))
    assert table.spans() == list(batch.spans)
    part = Part(table, 1, 0)
    assert encode_block([part], BlockLimits()).spans <= len(batch)
    view = HeadColumns([part])
    assert len(described(view)) == view.count
    for stored in view.spans(np.arange(view.count)):
        Span.FromString(stored.span)
        Resource.FromString(stored.resource)


@bounded
@given(st.lists(spans, min_size=1, max_size=3), st.data())
def test_damaged_requests(made: list[Any], data: st.DataObject) -> None:
    body = bytearray(otlp_request(made))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert", "repeat"])):
            case "change":
                body[at] = data.draw(st.integers(0, 255))
            case "cut":
                del body[at : at + data.draw(st.integers(1, 9))]
            case "insert":
                body[at:at] = data.draw(st.binary(min_size=1, max_size=9))
            case _:
                body[at:at] = body[at : at + data.draw(st.integers(1, 30))]
        if not body:
            return
    with suppress(BadInput):
        check_stored(decode_traces(bytes(body))[0])


def test_many_random_mutations_of_one_request() -> None:
    chosen = random.Random(1)
    span = Span(
        trace_id=bytes(range(16)), span_id=bytes(range(1, 9)), name="op", flags=256,
        start_time_unix_nano=5, end_time_unix_nano=9, events=[Span.Event(name="e")],
        links=[Span.Link(trace_id=b"1" * 16, span_id=b"2" * 8)],
        kind=Span.SPAN_KIND_SERVER, status=Status(code=Status.STATUS_CODE_ERROR, message="m"),
    )  # fmt: skip
    span.attributes.add(key="k").value.string_value = "v"
    span.events[0].attributes.add(key="k").value.int_value = 1
    raw = span.SerializeToString()
    accepted = 0
    for _ in range(600):
        damaged = bytearray(raw)
        damaged[chosen.randrange(len(raw))] = chosen.randrange(256)
        with suppress(BadInput):
            batch, _ = decode_traces(request_of(bytes(damaged)))
            check_stored(batch)
            accepted += len(batch)
    assert 200 < accepted < 600


def request_of(span: bytes) -> bytes:
    """An ExportTraceServiceRequest around one serialized span."""
    for field in (2, 2, 1):
        span = bytes([field << 3 | 2]) + length_of(span) + span
    return span


def length_of(data: bytes) -> bytes:
    size, told = len(data), b""
    while size > 0x7F:
        told += bytes([size & 0x7F | 0x80])
        size >>= 7
    return told + bytes([size])


@pytest.mark.parametrize("levels", [20, 95, 500, 5_000])
def test_deep_nesting(levels: int) -> None:
    """Values in values: as deep as protobuf itself reads, or refused."""
    value = b"\x0a\x01x"
    for _ in range(levels):
        inner = b"\x0a" + length_of(value) + value
        value = b"\x2a" + length_of(inner) + inner
    pair = b"\x0a\x01k\x12" + length_of(value) + value
    span = Span(trace_id=b"1" * 16, span_id=b"2" * 8).SerializeToString()
    body = request_of(span + b"\x4a" + length_of(pair) + pair)
    if levels == 20:
        check_stored(decode_traces(body)[0])
    else:
        with pytest.raises(BadInput):
            decode_traces(body)


@pytest.mark.parametrize("levels", [30, 200, 100_000])
def test_deeply_nested_json(levels: int) -> None:
    value = '{"arrayValue":{"values":[' * levels + "{}" + "]}}" * levels
    body = (
        '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"'
        + "11" * 16 + '","spanId":"' + "22" * 8
        + '","attributes":[{"key":"k","value":' + value + "}]}]}]}]}"
    )  # fmt: skip
    if levels == 30:
        check_stored(decode_traces(traces_from_json(body.encode()))[0])
    else:
        with pytest.raises(BadInput):
            traces_from_json(body.encode())


@pytest.mark.parametrize(
    "length", [b"\xff\xff\xff\xff\x07", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x80" * 11]
)
def test_huge_lengths(length: bytes) -> None:
    span = Span(trace_id=b"1" * 16, span_id=b"2" * 8).SerializeToString()
    for place in (b"", b"\x4a", b"\x5a", b"\x6a", b"\x7a", b"\x2a"):
        body = request_of(span + place + length + b"x")
        with pytest.raises(BadInput):
            decode_traces(body)
    with pytest.raises(BadInput):
        decode_traces(b"\x0a" + length + span)


json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False),
        st.text(max_size=5), st.just("11" * 16), st.just("22" * 8), st.just("99999999999999999999"),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["key", "value", "stringValue", "intValue", "arrayValue", "values",
                             "kvlistValue", "bytesValue", "doubleValue", "boolValue", "name"]),
            inner, max_size=3,
        ),
    ),
    max_leaves=6,
)  # fmt: skip
json_spans = st.fixed_dictionaries(
    {"traceId": st.just("11" * 16), "spanId": st.just("22" * 8)},
    optional=dict.fromkeys(
        ("parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes",
         "events", "links", "status", "flags", "traceState", "unknown"),
        json_values,
    ),
)  # fmt: skip


@bounded
@given(json_spans)
def test_json_of_any_shape(span: dict[str, object]) -> None:
    body = orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    with suppress(BadInput):
        check_stored(decode_traces(traces_from_json(body))[0])


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    for decode in (decode_traces, lambda data: decode_traces(traces_from_json(data))):
        with suppress(BadInput):
            check_stored(decode(body)[0])

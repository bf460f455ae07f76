"""Fixed fields of many spans at once are those that protobuf reads one by one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.wire.otlp import traces
from appliance.wire.otlp.span_run import LEAST, SpanHeads, read_heads
from appliance.wire.otlp.traces import decode_traces
from tests.random_examples import examples
from tests.spans import PlainEvent, PlainLink, PlainSpan, otlp_request


def span(**fields: Any) -> Span:
    given_fields: dict[str, Any] = {
        "trace_id": bytes(range(16)),
        "span_id": bytes(range(8)),
        "name": "op",
        "start_time_unix_nano": 5,
        "end_time_unix_nano": 9,
    }
    return Span(**(given_fields | fields))


USUAL = [
    span(),
    span(parent_span_id=b"\xff" * 8, kind=5, flags=256),
    span(name="n" * 127, kind=1, status=Status(code=Status.STATUS_CODE_ERROR, message="m")),
    span(name="n" * 128, trace_state="a=b", events=[Span.Event(name="e")]),
    span(name="é" * 5000, parent_span_id=b"\1" * 8, links=[Span.Link(trace_id=b"1" * 16)]),
    span(start_time_unix_nano=2**64 - 1, end_time_unix_nano=2**63),
]


def check(raw: list[bytes], found: SpanHeads) -> None:
    parsed = [Span.FromString(one) for one in raw]
    assert [one.tobytes() for one in found.trace_ids] == [one.trace_id for one in parsed]
    assert found.span_ids.tolist() == [int.from_bytes(one.span_id) for one in parsed]
    assert found.parent_ids.tolist() == [int.from_bytes(one.parent_span_id) for one in parsed]
    assert found.starts.tolist() == [one.start_time_unix_nano for one in parsed]
    assert found.ends.tolist() == [one.end_time_unix_nano for one in parsed]
    assert found.kinds.tolist() == [one.kind for one in parsed]
    assert found.statuses.tolist() == [one.status.code for one in parsed]
    assert list(found.names) == [one.name for one in parsed]


def test_usual_spans() -> None:
    raw = [one.SerializeToString() for one in USUAL * 20]
    found = read_heads(raw)
    assert found is not None
    check(raw, found)


def test_empty_parents_and_statuses_of_collectors_in_go() -> None:
    raw = span().SerializeToString()
    written = [raw[:28] + b"\x22\x00" + raw[28:] + b"\x7a\x00", raw]
    found = read_heads(written)
    assert found is not None
    check(written, found)


RAW = span(kind=1).SerializeToString()


@pytest.mark.parametrize(
    "odd",
    [
        RAW[18:28] + RAW[:18] + RAW[28:],  # another order
        RAW + RAW[:18],  # the trace id again
        RAW + b"\x30\x02",  # the kind again
        RAW + b"\x41" + bytes(8),
        RAW + b"\x2a\x01x",
        RAW + b"\x7a\x02\x18\x01" + b"\x7a\x02\x18\x02",
        RAW + b"\x7a\x01\xff",  # a status that does not decode
        RAW + b"\x4a\x01\xff",  # an attribute that does not
        RAW + b"\x2a\x01\xff",
        RAW[:20],
        RAW[:-9],
        b"",
        span(kind=1, name="").SerializeToString(),
        span(trace_id=bytes(16)).SerializeToString(),
        span(span_id=bytes(8)).SerializeToString(),
        span(parent_span_id=b"short").SerializeToString(),
        span(trace_id=b"short").SerializeToString(),
        span(start_time_unix_nano=0).SerializeToString(),
        span(name="n" * (1 << 14)).SerializeToString(),
        span(kind=300).SerializeToString(),
    ],
)
def test_unusual_spans_are_left_to_the_slow_way(odd: bytes) -> None:
    assert read_heads([RAW, RAW]) is not None
    for raw in ([odd, RAW], [RAW, odd], [RAW, odd, RAW]):
        assert read_heads(raw) is None


@examples(200)
@given(st.lists(st.sampled_from(USUAL), min_size=1, max_size=3), st.data())
def test_what_is_read_is_right_whatever_the_bytes(made: list[Span], data: st.DataObject) -> None:
    raw = [bytearray(one.SerializeToString()) for one in made]
    for _ in range(data.draw(st.integers(1, 3))):
        chosen = data.draw(st.sampled_from(raw))
        at = data.draw(st.integers(0, min(80, max(0, len(chosen) - 1))))
        chosen[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    frozen = [bytes(one) for one in raw]
    found = read_heads(frozen)
    if found is not None:
        check(frozen, found)


def test_both_ways_give_the_same_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [
        PlainSpan(
            trace=n % 7 + 1, span=n + 1, name=f"op {n % 3}", service=f"s{n % 4}", parent=n % 5,
            start_ns=1000 + n, kind=n % 6, status=n % 3, scope_name=f"lib {n % 2}",
            attributes={"n": n}, events=[PlainEvent()] * (n % 2), links=[PlainLink(1, 2)] * (n % 3),
        )
        for n in range(2 * LEAST)
    ]  # fmt: skip
    body = otlp_request(made)
    monkeypatch.setattr(traces, "_decode_any", None)
    quick, _ = decode_traces(body)
    monkeypatch.undo()
    monkeypatch.setattr(traces, "_decode_usual", lambda *_: None)
    slow, rejected = decode_traces(body)
    assert not rejected
    for field in dataclasses.fields(quick):
        left, right = getattr(quick, field.name), getattr(slow, field.name)
        assert type(left) is type(right)
        assert getattr(left, "dtype", None) == getattr(right, "dtype", None)
        assert np.array_equal(left, right) if isinstance(left, np.ndarray) else left == right


def test_a_refused_span_among_many_is_told() -> None:
    made = [PlainSpan(trace=1, span=n, start_ns=5) for n in range(LEAST)]  # the first has no id
    batch, rejected = decode_traces(otlp_request(made))
    assert (len(batch), [one.index for one in rejected]) == (LEAST - 1, [0])

"""Attributes, status messages, events and links out of the spans' bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.store.traces.attributes import group_by_key, moved_rows
from appliance.store.traces.span_parts import SpanParts, merge_parts, parse_spans, status_messages


def raw(build: Any, name: str, message: str = "", events: int = 0) -> bytes:
    span = build.span(
        1,
        1,
        attributes={"name": name},
        status=Status(code=Status.STATUS_CODE_ERROR, message=message),
        events=[Span.Event(name=f"{name}{number}") for number in range(events)],
    )
    encoded: bytes = span.SerializeToString()
    return encoded


def told(parts: SpanParts, count: int) -> list[tuple[object, object, list[str]]]:
    """Of each span the attribute, the status message and the events' names."""
    names = group_by_key(parts.attributes)["name"].dictionary(count)
    messages = status_messages(parts.statuses, count)
    events: list[list[str]] = [[] for _ in range(count)]
    own = parts.items["event"]
    for row, message in zip(own.rows.tolist(), own.messages, strict=True):
        events[row].append(Span.Event.FromString(message).name)
    return [
        (
            names.values[names.ids[row]],
            messages.values[messages.ids[row]] if messages.ids[row] >= 0 else None,
            events[row],
        )
        for row in range(count)
    ]


def test_parse_merge_and_reorder(build: Any) -> None:
    first = [raw(build, "a", "boom", events=2), raw(build, "b")]
    second = [raw(build, "c", "bang", events=1), raw(build, "d", "boom")]
    merged = merge_parts([(parse_spans(first), 2), (parse_spans(second), 2)])
    expected = [
        ("a", "boom", ["a0", "a1"]),
        ("b", None, []),
        ("c", "bang", ["c0"]),
        ("d", "boom", []),
    ]
    assert told(merged, 4) == expected
    assert told(parse_spans(first + second), 4) == expected
    order = np.array([3, 2, 0])
    assert told(merged.reordered(moved_rows(order, 4)), 3) == [expected[row] for row in order]


def test_last_status_holds_and_broken_ones_say_nothing() -> None:
    statuses = [b"\x7a\x04\x12\x02no" + b"\x7a\x05\x12\x03yes", b"\x7a\x03\x12\x01\xff", b""]
    messages = status_messages(parse_spans(statuses).statuses, 3)
    assert messages.values[messages.ids[0]] == "yes"
    assert messages.ids[1:].tolist() == [-1, -1]

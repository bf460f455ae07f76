"""Repeated fields of many messages at once."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.store.traces import pieces
from appliance.store.traces.attributes import PieceTable
from appliance.store.traces.pieces import MARK, PieceList, parse_pieces

ATTRIBUTES, EVENTS = 9, 11


def found(messages: list[bytes]) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """Attributes and events with their rows."""
    attributes, events = PieceTable(), PieceList()
    parse_pieces(messages, {ATTRIBUTES: attributes, EVENTS: events})
    table = attributes.table()
    pairs = [table.distinct[number] for number in table.pairs.tolist()]
    rows, items = events.found()
    return (
        list(zip(table.rows.tolist(), pairs, strict=True)),
        list(zip(rows.tolist(), items, strict=True)),
    )


def message(attributes: list[bytes], events: list[bytes]) -> bytes:
    joined = b"".join(b"\x4a" + bytes([len(one)]) + one for one in attributes)
    return joined + b"".join(b"\x5a" + bytes([len(one)]) + one for one in events)


A, B = b"\x0a\x01a", b"\x0a\x01b"
EVENT = b"\x12\x01e"


def test_rows_tell_whose_each_is() -> None:
    messages = [b"", message([A, B], []), message([A], [EVENT, EVENT]), b"", message([], [EVENT])]
    attributes, events = found(messages)
    assert attributes == [(1, A), (1, B), (2, A)]
    assert events == [(2, EVENT), (2, EVENT), (4, EVENT)]
    assert found([]) == ([], [])


def test_many_messages_are_parsed_in_stretches() -> None:
    messages = [message([A] * (n % 3), [EVENT] * (n % 2)) for n in range(10_000)]
    attributes, events = found(messages)
    assert attributes == [(n, A) for n in range(10_000) for _ in range(n % 3)]
    assert [row for row, _ in events] == [n for n in range(10_000) if n % 2]


def test_empty_occurrences_of_collectors_in_go_are_no_obstacle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "_parse_singly", None)  # it would be slow
    attributes, events = found([message([b"", A], [b""]), message([b""], [EVENT, b""])])
    assert attributes == [(0, A)]  # an attribute without key and value says nothing
    assert events == [(0, b""), (1, EVENT), (1, b"")]  # an event without a name is one


@pytest.mark.parametrize("broken", [b"\xff", b"\x4a\x05", message([MARK], []), b"\x5a\x03" + MARK])
def test_broken_messages_do_not_shift_the_others(broken: bytes) -> None:
    sound = message([A], [EVENT])
    attributes, events = found([sound, broken, sound])
    assert [pair for pair in attributes if pair[0] != 1] == [(0, A), (2, A)]
    assert [one for one in events if one[0] != 1] == [(0, EVENT), (2, EVENT)]


def test_other_fields_are_passed_over(build: Any) -> None:
    span: Span = build.span(1, 1, attributes={"k": "v"}, flags=256, trace_state="a=b")
    ((row, pair),), events = found([span.SerializeToString()])
    assert (row, events) == (0, [])
    assert pair == span.attributes[0].SerializeToString()

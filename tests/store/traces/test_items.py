"""Events and links as columns."""

from __future__ import annotations

import numpy as np
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.store.traces.attributes import group_by_key
from appliance.store.traces.items import ItemTable, decode_items, no_items
from appliance.store.traces.span_parts import RawItems

Event, Link = Span.Event, Span.Link


def decoded(kind: str, messages: list[bytes]) -> ItemTable:
    return decode_items(kind, RawItems(np.arange(len(messages), dtype=np.int32), messages))


def names_of(table: ItemTable) -> list[object]:
    names = table.heads.names
    return [names.values[number] if number >= 0 else None for number in names.ids.tolist()]


def event(**fields: object) -> bytes:
    made = Event(**{name: value for name, value in fields.items() if name != "key"})  # type: ignore[arg-type]
    if "key" in fields:
        made.attributes.add(key=str(fields["key"])).value.int_value = 1
    raw: bytes = made.SerializeToString()
    return raw


def test_usual_events() -> None:
    table = decoded(
        "event",
        [
            event(time_unix_nano=5, name="a", key="k"),
            event(time_unix_nano=2**63 - 1, name="b" * 200),
        ],
    )
    assert table.heads.numbers.tolist() == [5, 2**63 - 1]
    assert names_of(table) == ["a", "b" * 200]
    (column,) = group_by_key(table.attributes).values()
    assert column.rows.tolist() == [0]


def test_unusual_events() -> None:
    swapped = b"\x12\x01z" + b"\x09" + (7).to_bytes(8, "little")  # the name before the time
    table = decoded(
        "event", [b"", event(name="later"), swapped, event(time_unix_nano=2**64 - 1), b"\xff"]
    )
    assert table.heads.numbers.tolist() == [0, 0, 7, 2**63 - 1, 0]
    assert names_of(table) == ["", "later", "z", "", ""]


def test_usual_links() -> None:
    messages = [
        Link(trace_id=bytes(15) + bytes([n]), span_id=bytes([n]) * 8, flags=1).SerializeToString()
        for n in (1, 255)
    ]
    table = decoded("link", messages)
    assert [one.tobytes() for one in table.heads.trace_ids] == [
        bytes(15) + b"\x01",
        bytes(15) + b"\xff",
    ]
    assert table.heads.numbers.tolist() == [0x0101010101010101, 2**64 - 1]
    assert names_of(table) == [None, None]


def test_unusual_links() -> None:
    table = decoded("link", [b"", Link(trace_id=b"\x01", span_id=b"\x02" * 9).SerializeToString()])
    assert table.heads.trace_ids.tolist() == [[0] * 16, [0] * 15 + [1]]
    assert table.heads.numbers.tolist() == [0, 0x0202020202020202]


def test_none_at_all() -> None:
    for kind in ("event", "link"):
        for heads in (decoded(kind, []).heads, no_items(kind)):
            assert len(heads.rows) == len(heads.numbers) == len(heads.names.ids) == 0
            assert heads.trace_ids.shape == (0, 16)

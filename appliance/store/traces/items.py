"""Events and links of spans as columns (opentelemetry/proto/trace/v1, Span.Event and Span.Link).

Senders write fields in the order of their numbers, so nearly every event begins with its time and
nearly every link with its two ids in one canonical form; these are read as arrays, others one by
one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store.traces.attributes import AttributeTable, PieceTable
from appliance.store.traces.pieces import parse_pieces
from appliance.store.traces.table import offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.store.traces.span_parts import RawItems

#: Numeric column of each kind.
NUMBER = {"event": "time_ns", "link": "span_id"}
_MAX_NS = 2**63 - 1
_EVENT_NAME, _EVENT_ATTRIBUTES = 2, 3
_LINK_ATTRIBUTES = 4
_TIME_BYTES, _LINK_BYTES = 9, 28


@dataclass(frozen=True, slots=True)
class ItemHeads:
    """The fixed columns of events or links.

    Attributes:
        rows: int32[item], ascending: whose it is.
        numbers: [item]: int64 times of events, uint64 span ids of links.
        names: Names of events; of links no row has one.
        trace_ids: uint8[item, 16]: where links lead to; zero for events.
    """

    rows: NDArray[np.int32]
    numbers: NDArray[Any]
    names: Dictionary
    trace_ids: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ItemTable:
    """Events or links with their attributes, which are undecoded."""

    heads: ItemHeads
    attributes: AttributeTable


def decode_items(kind: str, raw: RawItems) -> ItemTable:
    """The columns of serialized events or links."""
    return _events(raw) if kind == "event" else _links(raw)


def no_items(kind: str) -> ItemHeads:
    """None at all."""
    empty = np.empty(0, np.int32)
    numbers = np.empty(0, np.int64 if kind == "event" else np.uint64)
    return ItemHeads(empty, numbers, Dictionary(empty, []), np.empty((0, 16), np.uint8))


def _events(raw: RawItems) -> ItemTable:
    count = len(raw.messages)
    names, attributes = PieceTable(), PieceTable()
    parse_pieces(raw.messages, {_EVENT_NAME: names, _EVENT_ATTRIBUTES: attributes})
    named = names.table()
    # An event without a name has the empty one, as protobuf says.
    ids = np.full(count, len(named.distinct), np.int32)
    ids[named.rows] = named.pairs
    texts = [name.decode(errors="replace") for name in named.distinct]
    heads = ItemHeads(
        raw.rows,
        _times(raw.messages),
        Dictionary(ids, [*texts, ""]),
        np.zeros((count, 16), np.uint8),
    )
    return ItemTable(heads, attributes.table())


def _links(raw: RawItems) -> ItemTable:
    attributes = PieceTable()
    parse_pieces(raw.messages, {_LINK_ATTRIBUTES: attributes})
    count = len(raw.messages)
    trace_ids, span_ids = _link_ids(raw.messages)
    names = Dictionary(np.full(count, -1, np.int32), [])
    return ItemTable(ItemHeads(raw.rows, span_ids, names, trace_ids), attributes.table())


def _beginnings(messages: Sequence[bytes], width: int) -> NDArray[np.uint8] | None:
    """The first bytes of each message: uint8[message, width]; None when one is shorter."""
    lengths = np.fromiter(map(len, messages), np.int64, len(messages))
    if lengths.min(initial=width) < width:
        return None
    starts = offsets_of(lengths)[:-1]
    joined = np.frombuffer(b"".join(messages), np.uint8)
    found: NDArray[np.uint8] = joined[starts[:, None] + np.arange(width)]
    return found


def _times(messages: Sequence[bytes]) -> NDArray[np.int64]:
    """time_unix_nano of events; what an int64 does not hold becomes its largest."""
    first = _beginnings(messages, _TIME_BYTES)
    if first is not None and (first[:, 0] == 1 << 3 | 1).all():
        times = np.ascontiguousarray(first[:, 1:]).view("<u8").reshape(-1)
    else:
        from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - lazy

        parsed = [_parsed(Span.Event, message).time_unix_nano for message in messages]
        times = np.array(parsed, np.uint64)
    bounded: NDArray[np.int64] = np.minimum(times, np.uint64(_MAX_NS)).astype(np.int64)
    return bounded


def _link_ids(messages: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Trace ids and span ids of links; shorter ones are filled up with zeros on the left."""
    first = _beginnings(messages, _LINK_BYTES)
    if first is not None:
        marks = first[:, [0, 1, 18, 19]]
        if (marks == np.array([0x0A, 16, 0x12, 8])).all():
            return np.ascontiguousarray(first[:, 2:18]), _big_endian(first[:, 20:])
    from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - lazy

    links = [_parsed(Span.Link, message) for message in messages]
    trace_ids = b"".join(link.trace_id[-16:].rjust(16, b"\0") for link in links)
    span_ids = b"".join(link.span_id[-8:].rjust(8, b"\0") for link in links)
    found = np.frombuffer(span_ids, np.uint8).reshape(-1, 8)
    return np.frombuffer(trace_ids, np.uint8).reshape(-1, 16), _big_endian(found)


def _big_endian(ids: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(ids).view(">u8").reshape(-1).astype(np.uint64)


def _parsed(message_type: Any, message: bytes) -> Any:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    try:
        return message_type.FromString(message)
    except DecodeError:
        return message_type()

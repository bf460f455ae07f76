"""What spans' own bytes hold beside the fixed columns (opentelemetry/proto/trace/v1, Span).

Found in one pass over the bytes, when a span is sealed or an unsealed one is first searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store.traces.attributes import (
    SPAN_FIELD,
    AttributeTable,
    PieceTable,
    merge_attributes,
    reordered_rows,
)
from appliance.store.traces.pieces import Collector, PieceList, parse_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Kinds of items, as `SpanColumns.items` names them.
KINDS = ("event", "link")
_EVENTS_FIELD, _LINKS_FIELD, _STATUS_FIELD = 11, 13, 15


@dataclass(frozen=True, slots=True)
class RawItems:
    """Serialized events or links of some spans.

    Attributes:
        rows: int32[item], ascending: whose it is.
        messages: [item].
    """

    rows: NDArray[np.int32]
    messages: Sequence[bytes]

    def reordered(self, moved: NDArray[np.int32]) -> RawItems:
        """The same for other rows; see `attributes.moved_rows`."""
        rows, order = reordered_rows(self.rows, moved)
        return RawItems(rows, [self.messages[at] for at in order.tolist()])


@dataclass(frozen=True, slots=True)
class SpanParts:
    """The parts of some spans, undecoded.

    Attributes:
        statuses: Serialized Status messages, in the manner of attributes.
        items: By the names of `KINDS`.
    """

    attributes: AttributeTable
    statuses: AttributeTable
    items: dict[str, RawItems]

    def reordered(self, moved: NDArray[np.int32]) -> SpanParts:
        """The same for other rows; see `attributes.moved_rows`."""
        return SpanParts(
            self.attributes.reordered(moved),
            self.statuses.reordered(moved),
            {kind: items.reordered(moved) for kind, items in self.items.items()},
        )


def parse_spans(spans: Sequence[bytes]) -> SpanParts:
    """The parts of serialized spans."""
    attributes, statuses = PieceTable(), PieceTable()
    events, links = PieceList(), PieceList()
    fields: dict[int, Collector[Any]] = {
        SPAN_FIELD: attributes,
        _EVENTS_FIELD: events,
        _LINKS_FIELD: links,
        _STATUS_FIELD: statuses,
    }
    parse_pieces(spans, fields)
    items = {"event": RawItems(*events.found()), "link": RawItems(*links.found())}
    return SpanParts(attributes.table(), statuses.table(), items)


def merge_parts(parts: Sequence[tuple[SpanParts, int]]) -> SpanParts:
    """The parts of consecutive tables, each with its number of rows."""
    if len(parts) == 1:
        return parts[0][0]
    items = {
        kind: merge_items([(part.items[kind], count) for part, count in parts]) for kind in KINDS
    }
    return SpanParts(
        merge_attributes([(part.attributes, count) for part, count in parts]),
        merge_attributes([(part.statuses, count) for part, count in parts]),
        items,
    )


def merge_items(parts: Sequence[tuple[RawItems, int]]) -> RawItems:
    """The items of consecutive tables, each with its number of spans."""
    starts = np.cumsum([0, *(count for _, count in parts)], dtype=np.int32)
    rows = [own.rows + start for (own, _), start in zip(parts, starts[:-1], strict=True)]
    return RawItems(np.concatenate(rows), [text for own, _ in parts for text in own.messages])


def status_messages(statuses: AttributeTable, count: int) -> Dictionary:
    """Messages of the status of `count` spans; -1 where there is none.

    Args:
        statuses: Of the same spans; of several in one span the last holds.
    """
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy
    from opentelemetry.proto.trace.v1.trace_pb2 import Status  # noqa: PLC0415 - lazy

    numbers: dict[str, int] = {"": -1}
    codes = np.empty(len(statuses.distinct), np.int32)
    for at, message in enumerate(statuses.distinct):
        try:
            text = Status.FromString(message).message
        except DecodeError:
            text = ""
        codes[at] = numbers.setdefault(text, len(numbers) - 1)
    ids = np.full(count, -1, np.int32)
    ids[statuses.rows] = codes[statuses.pairs]
    return Dictionary(ids, list(numbers)[1:])

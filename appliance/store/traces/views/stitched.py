"""Traces that lie in several pieces (blocks and the head), put together as one more block."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from appliance.store.traces.attributes import moved_rows
from appliance.store.traces.sealed.layout import traces_of
from appliance.store.traces.views.gather import Gather
from appliance.store.traces.views.memory_size import memory_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.model.trace import Dictionary, SpanColumns, SpanItems, StoredSpan, Traces
    from appliance.store.cache import ByteCache

T = TypeVar("T")


class StitchedColumns:
    """Rows gathered from several columns; implements `model.trace.SpanColumns`.

    Args:
        number: Distinguishes this choice of rows in the cache; negative, as blocks have the others.
        pieces: Where the rows come from.
        gather: Which, and in which order: by trace, then start.
    """

    live: NDArray[np.bool_] | None = None

    def __init__(
        self,
        number: int,
        pieces: Sequence[SpanColumns],
        gather: Gather,
        *,
        cache: ByteCache[tuple[int, str], Any],
        guard: Guard,
    ) -> None:
        self.count = len(gather)
        self._number = number
        self._pieces = pieces
        self._gather = gather
        self._cache = cache
        self._guard = guard

    def traces(self) -> Traces:
        """The traces and their rows."""
        return self.derived("traces", lambda: traces_of(self.trace_ids()))

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[span, 16]."""
        return self._array("trace ids", lambda piece: piece.trace_ids())

    def numbers(self, name: str) -> NDArray[np.int64]:
        """int64[span]; ids are uint64."""
        return self._array(name, lambda piece: piece.numbers(name))

    def names(self) -> Dictionary:
        """Span names."""
        return self._dictionary("names", lambda piece: piece.names())

    def services(self) -> Dictionary:
        """Service names."""
        return self._dictionary("services", lambda piece: piece.services())

    def status_messages(self) -> Dictionary:
        """Messages of the spans' status."""
        return self._dictionary("status messages", lambda piece: piece.status_messages())

    def scopes(self) -> tuple[Dictionary, Dictionary]:
        """Names and versions of the instrumentation scopes."""
        return (
            self._dictionary("scope names", lambda piece: piece.scopes()[0]),
            self._dictionary("scope versions", lambda piece: piece.scopes()[1]),
        )

    def items(self, kind: str) -> SpanItems:
        """The spans' events or links."""
        items = [piece.items(kind) for piece in self._pieces]
        rows, gather = self.derived(f"rows of {kind}", lambda: self._gather_items(items))
        return StitchedItems(rows, items, gather)

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        """A column, or None when no span has the key."""
        columns = [piece.attribute(scope, key) for piece in self._pieces]
        if all(column is None for column in columns):
            return None
        name = f"attribute {scope} {key}"
        found = self.derived(name, lambda: self._gather.dictionary(columns))
        return found if (found.ids >= 0).any() else None

    def attribute_keys(self, scope: str) -> Sequence[str]:
        """Keys in use, sorted; also such as only other spans of the blocks have."""
        return sorted({key for piece in self._pieces for key in piece.attribute_keys(scope)})

    def derived(self, name: str, build: Callable[[], T]) -> T:
        """What is computed of the columns alone, kept like a column."""
        key = (self._number, name)
        cached: T | None = self._cache.get(key)
        if cached is not None:
            return cached
        value = build()
        size = memory_size(value)
        self._guard.add_bytes(size)
        self._cache.put(key, value, size)
        return value

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        """Full spans of rows; those that are damaged are left out."""
        found = gathered_spans(self._pieces, self._gather, rows)
        return [span for span in found if span is not None]

    def _gather_items(self, items: Sequence[SpanItems]) -> tuple[NDArray[np.int32], Gather]:
        """Rows of the items of the chosen spans, and how to gather their columns."""
        places = moved_rows(self._gather.order, sum(map(len, self._gather.taken)))
        taken, rows = [], []
        start = 0
        for piece, own, chosen in zip(self._pieces, items, self._gather.taken, strict=True):
            moved = np.full(piece.count, -1, np.int32)
            moved[chosen] = places[start : start + len(chosen)]
            start += len(chosen)
            kept = np.flatnonzero(moved[own.rows] >= 0)
            taken.append(kept)
            rows.append(moved[own.rows[kept]])
        joined = np.concatenate(rows)
        order = np.argsort(joined, kind="stable")
        return joined[order], Gather(taken, order)

    def _array(self, name: str, read: Callable[[SpanColumns], NDArray[Any]]) -> NDArray[Any]:
        return self.derived(name, lambda: self._gather.array([read(one) for one in self._pieces]))

    def _dictionary(self, name: str, read: Callable[[SpanColumns], Dictionary]) -> Dictionary:
        return self.derived(
            name, lambda: self._gather.dictionary([read(one) for one in self._pieces])
        )


def gathered_spans(
    pieces: Sequence[SpanColumns], gather: Gather, rows: NDArray[np.int64]
) -> list[StoredSpan | None]:
    """Full spans of gathered rows; None for those of a piece that is damaged there."""
    owners, places = gather.sources(rows)
    found: list[StoredSpan | None] = [None] * len(rows)
    for number in np.unique(owners).tolist():
        own = np.flatnonzero(owners == number)
        spans = pieces[number].spans(places[own])
        if len(spans) == len(own):
            for at, span in zip(own.tolist(), spans, strict=True):
                found[at] = span
    return found


class StitchedItems:
    """Their events or links; implements `model.trace.SpanItems`."""

    def __init__(self, rows: NDArray[np.int32], items: Sequence[SpanItems], gather: Gather) -> None:
        self._rows = rows
        self._items = items
        self._gather = gather

    @property
    def rows(self) -> NDArray[np.int32]:
        """int32[item], ascending: the row of the span that has it."""
        return self._rows

    def numbers(self, name: str) -> NDArray[np.int64]:
        """int64[item]: `time_ns` of events; uint64[item]: `span_id` of links."""
        return self._gather.array([one.numbers(name) for one in self._items])

    def names(self) -> Dictionary:
        """Names of events; of links no row has one."""
        return self._gather.dictionary([one.names() for one in self._items])

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[item, 16]: what links lead to."""
        return self._gather.array([one.trace_ids() for one in self._items])

    def attribute(self, key: str) -> Dictionary | None:
        """A column; None when no item has the key."""
        columns = [one.attribute(key) for one in self._items]
        if all(column is None for column in columns):
            return None
        found = self._gather.dictionary(columns)
        return found if (found.ids >= 0).any() else None

    def attribute_keys(self) -> Sequence[str]:
        """Keys in use, sorted; also such as only items of other spans of the blocks have."""
        return sorted({key for one in self._items for key in one.attribute_keys()})

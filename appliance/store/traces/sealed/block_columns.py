"""A sealed block as a query sees it.

What is damaged reads as if the spans had no value there (numbers 0, no attribute, no spans), so
that a query over many blocks goes on; the reader has told it by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from appliance.model.trace import Dictionary, StoredSpan, Traces
from appliance.store.codec import Damaged
from appliance.store.traces.items import no_items
from appliance.store.traces.sealed.span_bytes import canonical_beginnings
from appliance.store.traces.table import NUMBERS, shared_value
from appliance.store.traces.views.item_columns import ItemColumns
from appliance.store.traces.views.scopes import SHARED_COLUMNS, SHARED_FIELDS, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import SpanItems
    from appliance.store.traces.attributes import AttributeColumn
    from appliance.store.traces.sealed.block_reader import BlockReader
    from appliance.store.traces.sealed.item_reader import ItemReader

T = TypeVar("T")
#: About what the columns know of a span's bytes, which are not stored again.
BEGINNING_BYTES = 70


class BlockColumns:
    """One block; implements `model.trace.SpanColumns`."""

    def __init__(self, reader: BlockReader) -> None:
        self.count = reader.count
        self._reader = reader
        self._dead: NDArray[np.bool_] | None = None

    @property
    def live(self) -> NDArray[np.bool_] | None:
        """bool[span]: False for spans of traces that another block of the same scan shows."""
        return None if self._dead is None else ~self.traces().spread(self._dead)

    def hiding(self, traces: NDArray[np.bool_]) -> BlockColumns:
        """This view, with some traces left to another block: bool[trace]."""
        other = BlockColumns(self._reader)
        other._dead = traces
        return other

    @property
    def number(self) -> int:
        """The block's number in the database."""
        return self._reader.block

    def traces(self) -> Traces:
        """The traces and their rows; of a damaged block one trace has all rows."""
        unknown = Traces(np.zeros((1, 16), np.uint8), np.array([0, self.count]))
        return _or(unknown, self._reader.traces)

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[span, 16]."""
        traces = self.traces()
        ids: NDArray[np.uint8] = traces.spread(traces.ids)
        return ids

    def numbers(self, name: str) -> NDArray[np.int64]:
        """int64[span]; ids are uint64."""
        kind = np.int64 if NUMBERS[name] == np.uint8 else NUMBERS[name]
        return _or(np.zeros(self.count, kind), lambda: self._reader.numbers(name))

    def names(self) -> Dictionary:
        """Span names."""
        return _or(self._nothing(), lambda: self._reader.coded("name"))

    def services(self) -> Dictionary:
        """Service names."""
        return _or(self._nothing(), lambda: self._reader.coded("service"))

    def status_messages(self) -> Dictionary:
        """Messages of the spans' status."""
        return _or(self._nothing(), self._reader.status_messages)

    def scopes(self) -> tuple[Dictionary, Dictionary]:
        """Names and versions of the instrumentation scopes."""
        nothing = Dictionary(np.zeros(self.count, np.int32), [""])
        return _or((nothing, nothing), self._reader.scopes)

    def items(self, kind: str) -> SpanItems:
        """The spans' events or links."""
        reader = self._reader.items(kind)
        return ItemColumns(_or(no_items(kind), reader.heads), _BlockAttributes(reader))

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        """A column, or None when no span has the key."""

        def read() -> Dictionary | None:
            if scope in SHARED_FIELDS:
                column = self._reader.shared_attributes(scope).get(key)
                shared = self._reader.coded(SHARED_COLUMNS[scope])
                return None if column is None else spread(column, shared)
            column = self._reader.span_attribute(key) if scope == "span" else None
            return None if column is None else column.dictionary(self.count)

        return _or(None, read)

    def attribute_keys(self, scope: str) -> Sequence[str]:
        """Keys in use, sorted."""

        def read() -> Sequence[str]:
            if scope in SHARED_FIELDS:
                return sorted(self._reader.shared_attributes(scope))
            return self._reader.keys(scope)

        return _or([], read)

    def derived(self, name: str, build: Callable[[], T]) -> T:
        """What is computed of the columns alone, kept like a column."""
        return self._reader.remember(f"derived {name}", build)

    def rows_of(self, trace_id: bytes) -> NDArray[np.int64]:
        """Rows of one trace, ascending: int64[found]."""

        def read() -> NDArray[np.int64]:
            traces = self._reader.traces()
            wanted = np.frombuffer(trace_id, np.uint64)
            ids = np.ascontiguousarray(traces.ids).view(np.uint64)
            hits = np.flatnonzero((ids[:, 0] == wanted[0]) & (ids[:, 1] == wanted[1]))
            if not len(hits):
                return hits
            return np.arange(traces.offsets[hits[0]], traces.offsets[hits[0] + 1])

        return _or(np.empty(0, np.int64), read)

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        """Full spans of rows; those that are damaged are left out."""
        return [span for _, span in self.timed_spans(rows)]

    def within(self, rows: NDArray[np.int64], max_bytes: int) -> NDArray[np.int64]:
        """The first of some rows, at least one, whose spans have about so many bytes together."""

        def read() -> NDArray[np.int64]:
            offsets = self._reader.lengths().offsets
            sums = np.cumsum(offsets[rows + 1] - offsets[rows] + BEGINNING_BYTES)
            return rows[: max(1, int(np.searchsorted(sums, max_bytes, side="right")))]

        return _or(rows, read)

    def timed_spans(self, rows: NDArray[np.int64]) -> list[tuple[int, StoredSpan]]:
        """Start times and full spans of rows; those that are damaged are left out."""
        return _or([], lambda: self._spans(rows))

    def _spans(self, rows: NDArray[np.int64]) -> list[tuple[int, StoredSpan]]:
        columns = self._reader.fixed(rows)
        lengths = self._reader.lengths()
        resources, scopes = columns.coded["resource"], columns.coded["scope"]
        frames = lengths.frames[rows]
        firsts = lengths.offsets[np.searchsorted(lengths.frames, frames)]
        places = zip(
            columns.numbers["start_ns"].tolist(),
            frames.tolist(),
            (lengths.offsets[rows] - firsts).tolist(),
            (lengths.offsets[rows + 1] - firsts).tolist(),
            lengths.is_rest[rows].tolist(),
            canonical_beginnings(columns),
            strict=True,
        )
        found = []
        for at, (start_ns, number, start, end, is_rest, beginning) in enumerate(places):
            frame = self._frame(number)
            if frame is not None:
                span = beginning + frame[start:end] if is_rest else frame[start:end]
                shared = shared_value(resources, at), shared_value(scopes, at)
                found.append((start_ns, StoredSpan(*shared, span)))
        return found

    def _frame(self, number: int) -> bytes | None:
        return _or(None, lambda: self._reader.frame(number))

    def _nothing(self) -> Dictionary:
        return Dictionary(np.full(self.count, -1, np.int32), [])


def _or(default: T, read: Callable[[], T]) -> T:
    """What `read` gives, the default where it is damaged."""
    try:
        return read()
    except Damaged:
        return default


class _BlockAttributes:
    """Attribute columns of a block's events or links; implements `item_columns.ItemAttributes`."""

    def __init__(self, items: ItemReader) -> None:
        self._items = items

    def get(self, key: str) -> AttributeColumn | None:
        return _or(None, lambda: self._items.attribute(key))

    def keys(self) -> Sequence[str]:
        return _or([], self._items.keys)

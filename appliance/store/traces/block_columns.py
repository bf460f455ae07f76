"""A sealed block as a query sees it.

What is damaged reads as if the spans had no value there (numbers 0, no attribute, no spans), so
that a query over many blocks goes on; the reader has told it by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from appliance.model.trace import Dictionary, StoredSpan
from appliance.store.codec import Damaged
from appliance.store.traces.head_columns import of_resources
from appliance.store.traces.span_bytes import canonical_beginnings
from appliance.store.traces.table import NUMBERS, shared_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.store.traces.block_reader import BlockReader

T = TypeVar("T")


class BlockColumns:
    """One block; implements `model.trace.SpanColumns`."""

    def __init__(self, reader: BlockReader) -> None:
        self.count = reader.count
        self._reader = reader

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[span, 16]."""

        def read() -> NDArray[np.uint8]:
            traces = self._reader.traces()
            ids: NDArray[np.uint8] = traces.spread(traces.ids)
            return ids

        return _or(np.zeros((self.count, 16), np.uint8), read)

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

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        """A column, or None when no span has the key."""

        def read() -> Dictionary | None:
            if scope == "resource":
                column = self._reader.resource_attributes().get(key)
                resources = self._reader.coded("resource")
                return None if column is None else of_resources(column, resources)
            column = self._reader.span_attribute(key) if scope == "span" else None
            return None if column is None else column.dictionary(self.count)

        return _or(None, read)

    def attribute_keys(self, scope: str) -> Sequence[str]:
        """Keys in use, sorted."""

        def read() -> Sequence[str]:
            if scope == "resource":
                return sorted(self._reader.resource_attributes())
            ordinals = self._reader.directory().ordinals
            return sorted([*ordinals, *self._reader.other_keys()]) if scope == "span" else []

        return _or([], read)

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

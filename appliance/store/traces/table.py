"""Spans as they lie in memory: columns, and the spans' own bytes joined.

Invariant: tables are immutable and shared freely between threads.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import SpanBatch

#: Fixed numeric columns and how they are kept.
NUMBERS: dict[str, np.dtype[Any]] = {
    "span_id": np.dtype(np.uint64),
    "parent_id": np.dtype(np.uint64),
    "start_ns": np.dtype(np.int64),
    "duration_ns": np.dtype(np.int64),
    "kind": np.dtype(np.uint8),
    "status": np.dtype(np.uint8),
}
#: Fixed dictionary-coded columns: the first two hold text, the others serialized messages.
CODED = ("name", "service", "resource", "scope")


@dataclass(frozen=True, slots=True)
class Columns:
    """The fixed columns of some spans.

    Attributes:
        trace_ids: uint8[span, 16].
        numbers: By the names of `NUMBERS`, [span].
        coded: By the names of `CODED`; values are str or bytes.
    """

    trace_ids: NDArray[np.uint8]
    numbers: dict[str, NDArray[Any]]
    coded: dict[str, Dictionary]

    def __len__(self) -> int:
        return len(self.trace_ids)

    def take(self, order: NDArray[np.int64]) -> Columns:
        """The rows `order` names, in that order."""
        return Columns(
            self.trace_ids[order],
            {name: column[order] for name, column in self.numbers.items()},
            {name: Dictionary(one.ids[order], one.values) for name, one in self.coded.items()},
        )

    def ends_ns(self) -> NDArray[np.int64]:
        """When the spans ended: int64[span]."""
        ends: NDArray[np.int64] = self.numbers["start_ns"] + self.numbers["duration_ns"]
        return ends

    def sorted_order(self) -> NDArray[np.int64]:
        """Rows by trace id, then start; equal ones keep their order: int64[span]."""
        halves = trace_halves(self.trace_ids)
        return np.lexsort((self.numbers["start_ns"], halves[:, 1], halves[:, 0]))

    def rows_of(self, trace_id: bytes) -> NDArray[np.int64]:
        """Rows of one trace, ascending: int64[found]."""
        wanted = np.frombuffer(trace_id, np.uint64)
        halves = np.ascontiguousarray(self.trace_ids).view(np.uint64)
        return np.flatnonzero((halves[:, 0] == wanted[0]) & (halves[:, 1] == wanted[1]))


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Columns and bytes of some spans.

    Attributes:
        data: All spans' bytes; span i is `data[offsets[i] : offsets[i + 1]]`.
        offsets: int64[span + 1].
    """

    columns: Columns
    data: bytes
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory."""
        shared = sum(len(text) for name in CODED for text in self.values(name))
        return len(self.data) + 96 * len(self) + shared + 2000

    def values(self, name: str) -> Sequence[Any]:
        """The dictionary of a coded column."""
        return self.columns.coded[name].values

    def span(self, row: int) -> bytes:
        """The bytes of one span."""
        return self.data[self.offsets[row] : self.offsets[row + 1]]

    def spans(self) -> list[bytes]:
        """The bytes of all spans."""
        ends = self.offsets.tolist()
        return [self.data[start:end] for start, end in itertools.pairwise(ends)]


def shared_value(column: Dictionary, row: int) -> bytes:
    """The serialized message that a row of a coded column names; empty where it names none."""
    number = int(column.ids[row])
    value = column.values[number] if number >= 0 else b""
    return value if isinstance(value, bytes) else b""


def trace_halves(trace_ids: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Trace ids as two big-endian numbers each: uint64[span, 2]; their order is the ids' order."""
    halves = np.ascontiguousarray(trace_ids).view(">u8").astype(np.uint64)
    return halves.reshape(-1, 2)


def pack(batch: SpanBatch) -> SpanTable:
    """A request's spans as a table; shares the batch's arrays."""
    numbers: dict[str, NDArray[Any]] = {
        "span_id": batch.span_ids,
        "parent_id": batch.parent_ids,
        "start_ns": batch.start_ns,
        "duration_ns": batch.duration_ns,
        "kind": batch.kinds,
        "status": batch.statuses,
    }
    coded = {
        "name": Dictionary(batch.name_ids, tuple(batch.names)),
        "service": Dictionary(batch.service_ids, tuple(batch.services)),
        "resource": Dictionary(batch.resource_ids, tuple(batch.resources)),
        "scope": Dictionary(batch.scope_ids, tuple(batch.scopes)),
    }
    lengths = np.fromiter(map(len, batch.spans), np.int64, len(batch))
    columns = Columns(batch.trace_ids, numbers, coded)
    return SpanTable(columns, b"".join(batch.spans), offsets_of(lengths))


def offsets_of(lengths: NDArray[Any]) -> NDArray[np.int64]:
    """Where pieces of these lengths begin, and the end: int64[piece + 1]."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def concat_columns(parts: Sequence[Columns]) -> Columns:
    """Columns one after the other, with common dictionaries."""
    if len(parts) == 1:
        return parts[0]
    return Columns(
        np.concatenate([part.trace_ids for part in parts]),
        {name: np.concatenate([part.numbers[name] for part in parts]) for name in NUMBERS},
        {name: _concat_coded([part.coded[name] for part in parts]) for name in CODED},
    )


def concat(tables: Sequence[SpanTable]) -> SpanTable:
    """Tables one after the other."""
    lengths = np.concatenate([np.diff(table.offsets) for table in tables])
    data = b"".join(table.data for table in tables)
    return SpanTable(concat_columns([one.columns for one in tables]), data, offsets_of(lengths))


def _concat_coded(parts: Sequence[Dictionary]) -> Dictionary:
    known: dict[Any, int] = {}
    ids: list[NDArray[np.int32]] = []
    for part in parts:
        moved = [known.setdefault(value, len(known)) for value in part.values]
        # One more at the end, so that the id -1 (none) stays -1.
        ids.append(np.array([*moved, -1], np.int32)[part.ids])
    return Dictionary(np.concatenate(ids), tuple(known))

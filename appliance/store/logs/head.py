"""Head: entries that are in the inbox and not in a chunk yet, per stream.

Invariants:
- Inserted and dropped in the writer thread only, in commit order; readers and the compactor take
  references under one lock. A request's entries appear all at once.
- A stream's entries are `frozen` (being sealed) and then `open`; both in the order of arrival.
- Small parts are merged by sixteens, so their number stays low and a byte is copied a few times.
- `rows` counts, for every inbox row, the streams that still need it.
"""

from __future__ import annotations

import threading
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.logs.entries import Entries, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

#: Parts of equal weight that are merged into one.
_FAN = 16
#: Larger parts are not merged any more when entries arrive.
_MERGED_BYTES = 64 << 10


@dataclass(slots=True)
class _Stream:
    """One stream's unsealed entries.

    Attributes:
        since: Monotonic seconds at which the first open entry came.
        weights: How many original parts each of `open` holds.
        rows, frozen_rows: Inbox rows of the open and of the frozen entries, ascending.
    """

    tenant: int
    since: float
    open: list[Entries] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    rows: array[int] = field(default_factory=lambda: array("q"))
    frozen: list[Entries] = field(default_factory=list)
    frozen_rows: array[int] = field(default_factory=lambda: array("q"))
    text_bytes: int = 0
    size_bytes: int = 0
    frozen_bytes: int = 0

    def add(self, entries: Entries, row: int) -> int:
        """Returns how many duplicates were dropped."""
        repeats = 0
        self.open.append(entries)
        self.weights.append(1)
        if not self.rows or self.rows[-1] != row:
            self.rows.append(row)
        self.text_bytes += len(entries.text)
        while self._is_ripe():
            merged = merge(self.open[-_FAN:])
            repeats += sum(map(len, self.open[-_FAN:])) - len(merged)
            self.open[-_FAN:] = [merged]
            self.weights[-_FAN:] = [sum(self.weights[-_FAN:])]
        return repeats

    def _is_ripe(self) -> bool:
        """Whether the last parts are as many and as small as is worth a merge."""
        if len(self.open) < _FAN or self.weights[-_FAN] > self.weights[-1]:
            return False
        return len(self.open[-_FAN].text) < _MERGED_BYTES


@dataclass(frozen=True, slots=True)
class Frozen:
    """Entries of a stream on their way into chunks.

    Attributes:
        rows: int64[row], the inbox rows they are in.
    """

    stream: int
    tenant: int
    parts: tuple[Entries, ...]
    rows: NDArray[np.int64]


class Head:
    """See the module's docstring.

    Args:
        chunk_bytes: Text from which on a stream is full.
        dropped: Told how many duplicates were dropped; called often, with 0 too.
    """

    def __init__(self, chunk_bytes: int, dropped: Callable[[int], None] = lambda _: None) -> None:
        self._chunk_bytes = chunk_bytes
        self._dropped = dropped
        self._lock = threading.Lock()
        # By the time of the first entry: a stream goes to the end when it is sealed.
        self._streams: dict[int, _Stream] = {}
        self._rows: dict[int, list[int]] = {}
        self.full: set[int] = set()
        self.entries = 0
        self.size_bytes = 0
        self.row_bytes = 0

    def __contains__(self, stream: int) -> bool:
        return stream in self._streams

    # -- writer thread

    def insert(
        self, row: int, items: Iterable[tuple[int, int, Entries]], *, row_bytes: int, now: float
    ) -> None:
        """Show the entries of a committed inbox row.

        Args:
            row: The inbox row, higher than all before.
            items: Stream, tenant and entries.
            row_bytes: The row's size on disk.
            now: Monotonic seconds.
        """
        with self._lock:
            touched = set()
            for number, tenant, entries in items:
                stream = self._streams.get(number)
                if stream is None:
                    stream = self._streams[number] = _Stream(tenant, now)
                elif not stream.open:
                    stream.since = now
                repeats = stream.add(entries, row)
                size = entries.size_bytes
                stream.size_bytes += size
                self.size_bytes += size
                self.entries += len(entries) - repeats
                self._dropped(repeats)
                touched.add(number)
                if stream.text_bytes >= self._chunk_bytes:
                    self.full.add(number)
            if touched:
                self._rows[row] = [len(touched), row_bytes]
                self.row_bytes += row_bytes

    def unneeded_rows(self, sealed: Sequence[Frozen]) -> NDArray[np.int64]:
        """Inbox rows that nothing needs once these are sealed: int64[row], ascending."""
        rows, counts = np.unique(np.concatenate([one.rows for one in sealed]), return_counts=True)
        pairs = zip(rows.tolist(), counts.tolist(), strict=True)
        free = [row for row, count in pairs if self._rows[row][0] == count]
        return np.array(free, dtype=np.int64)

    def drop(self, sealed: Sequence[Frozen]) -> int:
        """Take out what is in chunks now; returns how many entries that were."""
        with self._lock:
            before = self.entries
            for one in sealed:
                stream = self._streams.pop(one.stream)
                self.entries -= sum(map(len, stream.frozen))
                self.size_bytes -= stream.frozen_bytes
                self._release(stream.frozen_rows)
                stream.frozen, stream.frozen_rows, stream.frozen_bytes = [], array("q"), 0
                if stream.open:
                    self._streams[one.stream] = stream
            return before - self.entries

    def _release(self, rows: Iterable[int]) -> None:
        for row in rows:
            needed = self._rows[row]
            needed[0] -= 1
            if not needed[0]:
                self.row_bytes -= needed[1]
                del self._rows[row]

    # -- compactor

    def freeze(self, number: int) -> Frozen | None:
        """Set a stream's open entries aside for sealing; None when it has none."""
        with self._lock:
            stream = self._streams.get(number)
            if stream is None or not stream.open or stream.frozen:
                return None
            stream.frozen, stream.frozen_rows = stream.open, stream.rows
            stream.frozen_bytes = stream.size_bytes
            stream.open, stream.weights, stream.rows = [], [], array("q")
            stream.text_bytes = stream.size_bytes = 0
            self.full.discard(number)
            rows = np.array(stream.frozen_rows, dtype=np.int64)
            return Frozen(number, stream.tenant, tuple(stream.frozen), rows)

    def thaw(self, frozen: Iterable[Frozen]) -> None:
        """Put entries back that could not be sealed."""
        with self._lock:
            for one in frozen:
                stream = self._streams[one.stream]
                stream.weights = [_FAN**4] * len(stream.frozen) + stream.weights
                stream.open = stream.frozen + stream.open
                stream.rows = stream.frozen_rows + stream.rows
                stream.size_bytes += stream.frozen_bytes
                stream.text_bytes = sum(len(part.text) for part in stream.open)
                stream.frozen, stream.frozen_rows, stream.frozen_bytes = [], array("q"), 0
                if stream.text_bytes >= self._chunk_bytes:
                    self.full.add(one.stream)

    def streams(self) -> list[tuple[int, float, int, int]]:
        """Stream, since, bytes and oldest inbox row of each with open entries, oldest first."""
        with self._lock:
            return [
                (number, stream.since, stream.size_bytes, stream.rows[0])
                for number, stream in self._streams.items()
                if stream.open
            ]

    def oldest_since(self) -> float | None:
        """Since when the oldest open entries wait, about; None when there are none."""
        with self._lock:
            for stream in self._streams.values():
                if stream.open:
                    return stream.since
            return None

    # -- readers

    def snapshot(self, streams: NDArray[np.int64]) -> list[tuple[int, list[tuple[Entries, ...]]]]:
        """Entries of some streams: (stream, [parts, which belong together])."""
        with self._lock:
            return [
                (number, [tuple(parts) for parts in (stream.frozen, stream.open) if parts])
                for number, stream in self._among(streams)
            ]

    def replace(self, number: int, parts: tuple[Entries, ...], merged: Entries) -> None:
        """Keep parts that a reader merged in their merged form, if they are still there."""
        with self._lock:
            stream = self._streams.get(number)
            if stream is None:
                return
            count = len(parts)
            if (at := _place_of(parts, stream.frozen)) is not None:
                stream.frozen[at : at + count] = [merged]
            elif (at := _place_of(parts, stream.open)) is not None:
                stream.weights[at : at + count] = [sum(stream.weights[at : at + count])]
                stream.open[at : at + count] = [merged]
            else:
                return
            repeats = sum(map(len, parts)) - len(merged)
            self.entries -= repeats
            self._dropped(repeats)

    def spans(self, streams: NDArray[np.int64], start_ns: int, last_ns: int) -> list[int]:
        """Those of some streams that have entries in [start_ns, last_ns], going by part."""
        with self._lock:
            return [
                number
                for number, stream in self._among(streams)
                if any(
                    part.max_ns >= start_ns and part.min_ns <= last_ns
                    for parts in (stream.frozen, stream.open)
                    for part in parts
                )
            ]

    def _among(self, streams: NDArray[np.int64]) -> Iterator[tuple[int, _Stream]]:
        if len(streams) < len(self._streams):
            for number in streams.tolist():
                if number in self._streams:
                    yield number, self._streams[number]
        else:
            wanted = set(streams.tolist())
            for number, stream in self._streams.items():
                if number in wanted:
                    yield number, stream


def _place_of(parts: tuple[Entries, ...], held: list[Entries]) -> int | None:
    """Where some parts stand one after the other; None when they do not any more."""
    for at in range(len(held) - len(parts) + 1):
        if held[at] is parts[0]:
            there = held[at : at + len(parts)]
            return at if all(a is b for a, b in zip(there, parts, strict=True)) else None
    return None

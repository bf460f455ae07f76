"""Blocks as queries read them: opened, decoded row by row or whole, kept for the next query.

Invariant: a block whose number is used again for other contents (`rewrite.py`) is never found in
the cache as it was before: who saw the file at an older epoch puts nothing there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import ABSENT
from appliance.store.cache import ByteCache
from appliance.store.codec import Damaged
from appliance.store.failure import raising_damaged
from appliance.store.metrics.assemble import MatrixSlab
from appliance.store.metrics.block import Block

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from prometheus_client import Counter

    from appliance.model.histogram import Histogram
    from appliance.store.metrics.assemble import Slab
    from appliance.store.metrics.series_sets import SetPart

_log = logging.getLogger(__name__)
#: Sets whose blocks a query keeps open: series of one set may come in several groups.
_OPEN_SETS = 16
#: Memory of a histogram, roughly.
_HISTOGRAM_BYTES = 1000
#: Rewritten blocks that are remembered.
_REMEMBERED = 10_000


class BlockReader:
    """Opens blocks for queries; what is damaged is skipped, told once and counted.

    Args:
        cache_bytes: Memory for decoded blocks.
        damaged: Counts damaged blocks, each once.
    """

    def __init__(self, cache_bytes: int, damaged: Counter) -> None:
        self.cache_bytes = cache_bytes
        self.cache: ByteCache[int, CachedBlock] = ByteCache(cache_bytes)
        self.epoch = 0
        self._damaged = damaged
        self._known_damaged: set[int] = set()
        self._rewritten: dict[int, int] = {}
        self._oldest_epoch = 0

    def open(self, connection: sqlite3.Connection, number: int) -> Block | None:
        """A block; None when it is damaged or gone."""
        sql = "SELECT data FROM block WHERE id=?"
        try:
            with raising_damaged():
                row = connection.execute(sql, (number,)).fetchone()
            return None if row is None else Block(row[0])
        except Damaged as error:
            self.tell(number, error)
            return None

    def rewritten(self, numbers: Iterable[int]) -> None:
        """These blocks are gone or have other contents now; call under the swap lock."""
        self.epoch += 1
        for number in numbers:
            self._rewritten[number] = self.epoch
            self.cache.discard(number)
        if len(self._rewritten) > _REMEMBERED:
            self._oldest_epoch = self.epoch
            self._rewritten.clear()

    def keep(self, number: int, block: CachedBlock, epoch: int) -> None:
        """Put a block that was read at some epoch into the cache."""
        if epoch < max(self._oldest_epoch, self._rewritten.get(number, 0)):
            return
        self.cache.put(number, block, block.size_bytes)
        if epoch < self._rewritten.get(number, 0):  # rewritten just now
            self.cache.discard(number)

    def tell(self, number: int, error: Damaged) -> None:
        """Log and count a damaged block, once."""
        if number not in self._known_damaged:
            self._known_damaged.add(number)
            self._damaged.inc()
            _log.error("metrics: table block, id %d is damaged and skipped: %s", number, error)


@dataclass(frozen=True, slots=True, eq=False)
class CachedBlock:
    """A decoded block: int64[column] times, float64[row, column] values, and histograms."""

    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram]

    @property
    def size_bytes(self) -> int:
        """Memory it takes, roughly."""
        size = self.times.nbytes + self.values.nbytes
        return size + _HISTOGRAM_BYTES * len(self.histograms)


@dataclass(frozen=True, slots=True, eq=False)
class _BlockSlab:
    """Columns first to last (excluded) of a block, decoded when asked; `rows` int64[series]."""

    block: Block
    number: int
    rows: NDArray[np.int64]
    first: int
    last: int
    reader: BlockReader

    @property
    def times(self) -> NDArray[np.int64]:
        return self.block.times[self.first : self.last]

    @property
    def histograms(self) -> Sequence[Histogram]:
        return self.block.histograms

    def fill(self, members: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        rows = self.rows[members]
        try:
            if self.last - self.first == len(self.block.times):
                self.block.decode_into(rows, out)
            else:
                whole = np.empty((len(rows), len(self.block.times)), dtype=np.float64)
                self.block.decode_into(rows, whole)
                out[:] = whole[:, self.first : self.last]
        except Damaged as error:
            self.reader.tell(self.number, error)
            out[:] = ABSENT


class QueryBlocks:
    """Slabs of the blocks that one query reads.

    Args:
        window: Least and greatest time, both included.
        epoch: The reader's when the connection's view of the file was taken.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        reader: BlockReader,
        window: tuple[int, int],
        *,
        epoch: int,
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._range = window
        self._epoch = epoch
        self._opened: dict[int, list[tuple[int, Slab]]] = {}
        self._cached_bytes = 0

    def slabs(self, part: SetPart) -> list[tuple[int, Slab]]:
        """Slabs of a set's blocks in the range, ascending by number."""
        found = self._opened.get(part.number)
        if found is None:
            sql = "SELECT id FROM block WHERE series_set=? AND max_ms>=? AND min_ms<=? ORDER BY id"
            numbers = self._connection.execute(sql, (part.number, *self._range)).fetchall()
            slabs = [(row[0], self._slab(row[0], part.rows)) for row in numbers]
            found = [(number, slab) for number, slab in slabs if slab is not None]
            if len(self._opened) >= _OPEN_SETS:
                del self._opened[next(iter(self._opened))]
            self._opened[part.number] = found
        return found

    def _slab(self, number: int, rows: NDArray[np.int64]) -> Slab | None:
        start_ms, end_ms = self._range
        cached = self._reader.cache.get(number)
        if cached is None:
            block = self._reader.open(self._connection, number)
            if block is None:
                return None
            first, last = bounds(block.times, start_ms, end_ms)
            size = 8 * len(block.times) * (block.row_count + 1)
            size += _HISTOGRAM_BYTES * len(block.histograms)
            if 2 * len(rows) < block.row_count or not self._may_cache(size):
                return _BlockSlab(block, number, rows, first, last, self._reader)
            try:
                cached = CachedBlock(block.times, block.decode(), block.histograms)
            except Damaged as error:
                self._reader.tell(number, error)
                return None
            self._reader.keep(number, cached, self._epoch)
        first, last = bounds(cached.times, start_ms, end_ms)
        values = cached.values[:, first:last]
        return MatrixSlab(cached.times[first:last], values, rows, cached.histograms)

    def _may_cache(self, size: int) -> bool:
        """Whether one more block may go to the cache: a large query must not sweep it."""
        self._cached_bytes += size
        return 2 * self._cached_bytes <= self._reader.cache_bytes


def bounds(times: NDArray[np.int64], start_ms: int, end_ms: int) -> tuple[int, int]:
    """First and last (excluded) column of a range with both ends included."""
    first = int(np.searchsorted(times, start_ms, side="left"))
    return first, int(np.searchsorted(times, end_ms, side="right"))

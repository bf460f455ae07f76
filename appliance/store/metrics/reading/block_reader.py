"""Blocks as queries read them: opened, decoded row by row or whole, kept for the next query."""

from __future__ import annotations

import logging
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import ABSENT
from appliance.store.codec import Damaged
from appliance.store.failure import raising_damaged
from appliance.store.metrics.blocks.block import Block
from appliance.store.metrics.reading.assemble import MatrixSlab
from appliance.store.metrics.reading.block_cache import BlockCache, CachedBlock, OpenBlock

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from prometheus_client import Counter

    from appliance.model.histogram import Histogram
    from appliance.store.metrics.blocks.series_sets import SetPart
    from appliance.store.metrics.reading.assemble import Slab

_log = logging.getLogger(__name__)
#: Sets whose blocks a query keeps open: series of one set may come in several groups.
_OPEN_SETS = 16
#: Sets whose blocks are looked up together: a statement costs as much as a dozen of its rows.
_LOOKED_UP = 16
_FIND = (
    "SELECT id, series_set FROM block WHERE max_ms>=? AND min_ms<=?"
    " AND series_set IN (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)


class BlockReader:
    """Opens blocks for queries; what is damaged is skipped, told once and counted.

    Args:
        cache_bytes: Memory for blocks that are kept.
        damaged: Counts damaged blocks, each once.
    """

    def __init__(self, cache_bytes: int, damaged: Counter) -> None:
        self.cache = BlockCache(cache_bytes)
        self._damaged = damaged
        self._known_damaged: set[int] = set()

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

    def tell(self, number: int, error: Damaged) -> None:
        """Log and count a damaged block, once."""
        if number not in self._known_damaged:
            self._known_damaged.add(number)
            self._damaged.inc()
            _log.error("metrics: table block, id %d is damaged and skipped: %s", number, error)


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
        parts: The sets that it may ask for, ascending by number.
        window: Least and greatest time, both included.
        epoch: The cache's when the connection's view of the file was taken.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        reader: BlockReader,
        parts: Sequence[SetPart],
        *,
        window: tuple[int, int],
        epoch: int,
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._cache = reader.cache
        self._range = window
        self._epoch = epoch
        self._sets = [part.number for part in parts]
        self._blocks: dict[int, list[int]] = {}
        self._opened: dict[int, list[tuple[int, Slab]]] = {}
        self._cached_bytes = 0

    def slabs(self, part: SetPart) -> list[tuple[int, Slab]]:
        """Slabs of a set's blocks in the range, ascending by number."""
        found = self._opened.get(part.number)
        if found is None:
            slabs = [(n, self._slab(n, part.rows)) for n in self._numbers(part.number)]
            found = [(number, slab) for number, slab in slabs if slab is not None]
            if len(self._opened) >= _OPEN_SETS:
                del self._opened[next(iter(self._opened))]
            self._opened[part.number] = found
        return found

    def _numbers(self, series_set: int) -> list[int]:
        """Blocks of a set in the range, ascending."""
        if series_set not in self._blocks:
            at = bisect_left(self._sets, series_set)
            asked = self._sets[at : at + _LOOKED_UP]
            found: dict[int, list[int]] = {number: [] for number in asked}
            unused = [0] * (_LOOKED_UP - len(asked))
            start_ms, end_ms = self._range
            rows = self._connection.execute(_FIND, (start_ms, end_ms, *asked, *unused))
            for number, owner in rows:
                found[owner].append(number)
            for numbers in found.values():
                numbers.sort()
            self._blocks.update(found)
        return self._blocks[series_set]

    def _slab(self, number: int, rows: NDArray[np.int64]) -> Slab | None:
        start_ms, end_ms = self._range
        cached = self._cache.decoded.get(number)
        if cached is None:
            opened = self._open(number)
            if opened is None:
                return None
            opened.rows_read += len(rows)
            cached = self._decoded(number, opened)
            if cached is None:
                first, last = bounds(opened.block.times, start_ms, end_ms)
                return _BlockSlab(opened.block, number, rows, first, last, self._reader)
        first, last = bounds(cached.times, start_ms, end_ms)
        values = cached.values[:, first:last]
        return MatrixSlab(cached.times[first:last], values, rows, cached.histograms)

    def _open(self, number: int) -> OpenBlock | None:
        """A block, kept when this is not the first time; None when it is damaged or gone."""
        found = self._cache.opened.get(number)
        if found is None:
            block = self._reader.open(self._connection, number)
            if block is None:
                return None
            found = OpenBlock(block)
            if self._cache.note_opening(number) and self._may_cache(found.size_bytes):
                self._cache.keep(number, found, self._epoch)
        return found

    def _decoded(self, number: int, opened: OpenBlock) -> CachedBlock | None:
        """All of a block of which much was read; None when it is better read row by row."""
        block = opened.block
        if 2 * opened.rows_read < block.row_count or not self._may_cache(opened.decoded_bytes):
            return None
        opened.rows_read = 0
        try:
            cached = CachedBlock(block.times, block.decode(), block.histograms)
        except Damaged as error:
            self._reader.tell(number, error)
            return None
        self._cache.keep(number, cached, self._epoch)
        return cached

    def _may_cache(self, size: int) -> bool:
        """Whether a query may put so much more into the cache: a large one must not sweep it."""
        self._cached_bytes += size
        return 2 * self._cached_bytes <= self._cache.max_bytes


def bounds(times: NDArray[np.int64], start_ms: int, end_ms: int) -> tuple[int, int]:
    """First and last (excluded) column of a range with both ends included."""
    return int(times.searchsorted(start_ms)), int(times.searchsorted(end_ms, side="right"))

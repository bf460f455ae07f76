"""Reading: the samples and labels of one tenant."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import ABSENT
from appliance.store.cache import ByteCache
from appliance.store.codec import Damaged
from appliance.store.failure import raising_damaged
from appliance.store.metrics.assemble import MatrixSlab, Place, Slab, assemble
from appliance.store.metrics.block import Block
from appliance.store.metrics.loose import by_timestamps, sort_samples

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from prometheus_client import Counter

    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sample import SeriesGroup
    from appliance.model.sources import Guard
    from appliance.store.database import Database
    from appliance.store.label_index import LabelIndex
    from appliance.store.metrics.head import Head, HeadSnapshot
    from appliance.store.metrics.series_sets import SeriesSets, SetIndex, SetPart

_log = logging.getLogger(__name__)
#: Order of slabs: blocks by their number, then the head's groups, then loose samples.
_HEAD, _LOOSE = 1 << 61, 1 << 62
#: Sets whose blocks a query keeps open: series of one set may come in several groups.
_OPEN_SETS = 16


class BlockReader:
    """Opens blocks for queries; what is damaged is skipped, told once and counted.

    Args:
        cache_bytes: Memory for decoded blocks.
        damaged: Counts damaged blocks, each once.
    """

    def __init__(self, cache_bytes: int, damaged: Counter) -> None:
        self.cache_bytes = cache_bytes
        self.cache: ByteCache[int, CachedBlock] = ByteCache(cache_bytes)
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
class CachedBlock:
    """A decoded block: int64[column] times, float64[row, column] values."""

    times: NDArray[np.int64]
    values: NDArray[np.float64]


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


class _Blocks:
    """Slabs of the blocks that one query reads."""

    def __init__(
        self, connection: sqlite3.Connection, reader: BlockReader, start_ms: int, end_ms: int
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._range = start_ms, end_ms
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
            first, last = _bounds(block.times, start_ms, end_ms)
            size = 8 * len(block.times) * (block.row_count + 1)
            if 2 * len(rows) < block.row_count or not self._may_cache(size):
                return _BlockSlab(block, number, rows, first, last, self._reader)
            try:
                cached = CachedBlock(block.times, block.decode())
            except Damaged as error:
                self._reader.tell(number, error)
                return None
            self._reader.cache.put(number, cached, size)
        first, last = _bounds(cached.times, start_ms, end_ms)
        return MatrixSlab(cached.times[first:last], cached.values[:, first:last], rows)

    def _may_cache(self, size: int) -> bool:
        """Whether one more block may go to the cache: a large query must not sweep it."""
        self._cached_bytes += size
        return 2 * self._cached_bytes <= self._reader.cache_bytes


class MetricSource:
    """`model.sources.SeriesSource` of one tenant.

    Args:
        tenant: The tenant's number.
        index: Its label sets.
    """

    def __init__(
        self,
        database: Database,
        tenant: int,
        index: LabelIndex,
        head: Head,
        sets: SeriesSets,
        reader: BlockReader,
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._index = index
        self._head = head
        self._sets = sets
        self._reader = reader

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> list[SeriesGroup]:
        """See `SeriesSource.select`."""
        ids = self._index.select(matchers)
        if not len(ids) or start_ms > end_ms:
            return []
        guard.add_series(len(ids))

        def take() -> tuple[HeadSnapshot, SetIndex]:
            return self._head.snapshot(self._tenant, ids), self._sets.index(self._tenant)

        with self._database.snapshot(take) as (connection, (head, sets)):
            blocks = _Blocks(connection, self._reader, start_ms, end_ms)
            places = [_set_place(part, blocks) for part in sets.parts(ids, start_ms, end_ms)]
            places += _head_places(head, start_ms, end_ms)
            return assemble(places, len(ids), lambda at: self._labels(ids[at]), guard)

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_names`."""
        return self._index.names(self._alive(matchers, start, end))

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_values`."""
        return self._index.values(name, self._alive(matchers, start, end))

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        """See `LabelSource.series`."""
        found = self._labels(self._alive(matchers, start, end))
        return sorted(
            (labels for labels in found if labels is not None), key=lambda labels: labels.sort_key
        )

    def _labels(self, ids: NDArray[np.int64]) -> list[Labels | None]:
        """Label sets; None for a series that was forgotten just now."""
        numbers = ids.tolist()
        try:
            return [self._index.labels(number) for number in numbers]
        except KeyError:
            return [self._labels_or_none(number) for number in numbers]

    def _labels_or_none(self, number: int) -> Labels | None:
        try:
            return self._index.labels(number)
        except KeyError:
            return None

    def _alive(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> NDArray[np.int64]:
        """Ids that match one of the alternatives and may have data in the range, ascending."""
        selected = [self._index.select(each) for each in (matchers or [()])]
        ids = selected[0] if len(selected) == 1 else np.unique(np.concatenate(selected))
        if not len(ids):
            return ids
        with self._database.snapshot(
            lambda: (self._head.snapshot(self._tenant, ids), self._sets.index(self._tenant))
        ) as (_, (head, sets)):
            alive = np.zeros(int(ids[-1]) + 1, dtype=np.bool_)
            for covered in [*sets.covered(start, end), *head.covered(start, end)]:
                alive[covered[covered < len(alive)]] = True
        return ids[alive[ids]]


def _bounds(times: NDArray[np.int64], start_ms: int, end_ms: int) -> tuple[int, int]:
    """First and last (excluded) column of a range with both ends included."""
    first = int(np.searchsorted(times, start_ms, side="left"))
    return first, int(np.searchsorted(times, end_ms, side="right"))


def _set_place(part: SetPart, blocks: _Blocks) -> Place:
    return Place(part.positions, lambda: blocks.slabs(part))


def _head_places(head: HeadSnapshot, start_ms: int, end_ms: int) -> list[Place]:
    places: list[Place] = []
    for part in head.parts():
        first, last = _bounds(part.view.times, start_ms, end_ms)
        if first < last:
            times, values = part.view.times[first:last], part.view.values[:, first:last]
            slab = MatrixSlab(times, values, part.rows)
            places.append(_one_slab(part.positions, _HEAD + len(places), slab))
    if head.loose is not None:
        places += _loose_places(head, start_ms, end_ms)
    return places


def _loose_places(head: HeadSnapshot, start_ms: int, end_ms: int) -> list[Place]:
    if head.loose is None:
        return []
    log, ids = head.loose, head.ids
    position_of = np.full(int(ids[-1]) + 2, -1, dtype=np.int64)
    position_of[ids] = np.arange(len(ids))
    positions = position_of[np.minimum(log.ids, len(position_of) - 1)]
    wanted = (positions >= 0) & (log.times >= start_ms) & (log.times <= end_ms)
    samples = sort_samples(positions[wanted], log.times[wanted], log.values[wanted])
    return [
        _one_slab(keys, _LOOSE, MatrixSlab(times, values, np.arange(len(keys))))
        for keys, times, values in by_timestamps(samples)
    ]


def _one_slab(positions: NDArray[np.int64], order: int, slab: Slab) -> Place:
    return Place(positions, lambda: [(order, slab)])

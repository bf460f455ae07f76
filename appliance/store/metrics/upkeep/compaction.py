"""Joining small blocks: what was sealed in little pieces becomes blocks of usual size.

The newest blocks of a set are joined when there are some of at most a quarter of the usual size,
one after the other in time. So a sample is written a few times at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.codec import Damaged
from appliance.store.metrics.blocks.table import make_block
from appliance.store.metrics.histogram_pool import adopt
from appliance.store.metrics.upkeep.rewriter import Replacement, Rewriter

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from appliance.model.histogram import Histogram
    from appliance.store.metrics.blocks.block import Block
    from appliance.store.metrics.blocks.series_sets import SeriesSet
    from appliance.store.metrics.blocks.table import NewBlock
    from appliance.store.metrics.parts import Parts

#: Blocks that are joined at least and at most.
_LEAST, _MOST = 4, 32
#: Sets that are worked on in one transaction.
_STEP = 16


@dataclass(frozen=True, slots=True)
class _Small:
    """A small block; `columns` is a guess from its samples."""

    number: int
    min_ms: int
    max_ms: int
    columns: int


class Compactor:
    """Call with the sealer's lock held."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._sets = parts.sets
        self._blocks = parts.blocks
        self._columns = parts.options.block_columns
        self._rewriter = Rewriter(parts)

    def compact(self, sealed: Iterable[NewBlock]) -> int:
        """Join blocks of the sets that just got small ones; returns how many blocks are less."""
        small = {
            block.item.number: block.item
            for block in sealed
            if block.samples <= len(block.item.refs) * (self._columns // _LEAST)
            and block.item.blocks >= _LEAST
        }
        items, gone = list(small.values()), 0
        for start in range(0, len(items), _STEP):
            work = Replacement()
            with self._database.reader() as connection:
                for item in items[start : start + _STEP]:
                    self._join(connection, item, work)
            if work.old:
                self._rewriter.replace(work)
                gone += len(work.old) - len(work.new)
        return gone

    def _join(self, connection: sqlite3.Connection, item: SeriesSet, work: Replacement) -> None:
        run = self._newest_run(connection, item)
        if len(run) < _LEAST or self._is_between(connection, item, run):
            return
        blocks = [self._blocks.open(connection, small.number) for small in run]
        opened = [block for block in blocks if block is not None]
        if len(opened) < len(run) or sum(len(block.times) for block in opened) > self._columns:
            return
        try:
            joined = _joined(run[0].number, item, opened)
        except Damaged as error:
            self._blocks.tell(run[0].number, error)
            return
        if joined is not None:
            work.old |= {small.number: item for small in run}
            work.new.append(joined)

    def _newest_run(self, connection: sqlite3.Connection, item: SeriesSet) -> list[_Small]:
        """The newest blocks that are small and follow one another, ascending."""
        sql = (
            "SELECT id, min_ms, max_ms, sample_count FROM block WHERE series_set=?"
            " ORDER BY max_ms DESC LIMIT ?"
        )
        run: list[_Small] = []
        total = 0
        for number, min_ms, max_ms, samples in connection.execute(sql, (item.number, _MOST)):
            small = _Small(number, min_ms, max_ms, -(-samples // len(item.refs)))
            if run and not (small.max_ms < run[-1].min_ms and small.number < run[-1].number):
                break
            # Much larger than those behind it: it has been joined before, and is left until they
            # are as much together.
            if run and small.columns > max(2 * run[0].columns, total):
                break
            total += small.columns
            if _LEAST * small.columns > self._columns or total > self._columns:
                break
            run.append(small)
        return run[::-1]

    def _is_between(
        self, connection: sqlite3.Connection, item: SeriesSet, run: Sequence[_Small]
    ) -> bool:
        """Whether blocks of other sets were written between that may have the same samples."""
        first, last = run[0], run[-1]
        window = first.min_ms, last.max_ms
        sql = (
            "SELECT 1 FROM block WHERE series_set=? AND max_ms>=? AND min_ms<=?"
            " AND id BETWEEN ? AND ? LIMIT 1"
        )
        parts = self._sets.index(item.tenant).parts(np.sort(item.refs), *window)
        others = [part.number for part in parts if part.number != item.number]
        return any(
            connection.execute(sql, (other, *window, first.number, last.number)).fetchone()
            for other in others
        )


def _joined(number: int, item: SeriesSet, blocks: Sequence[Block]) -> NewBlock | None:
    """One block of several of the same set, which follow one another.

    Raises:
        Damaged: One does not decode.
    """
    histograms: list[Histogram] = []
    matrices = []
    for block in blocks:
        values = block.decode()
        if block.histograms:
            adopt(values, block.histograms, histograms)
        matrices.append(values)
    times = np.concatenate([block.times for block in blocks])
    values = np.concatenate(matrices, axis=1)
    return make_block(number, item, times, values=values, histograms=histograms)

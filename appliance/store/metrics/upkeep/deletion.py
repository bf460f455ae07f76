"""Deleting samples: blocks that have them are written anew without them.

Series that lose all their samples of a block leave its set, so that they are not listed for that
time any more. Each transaction is durable by itself; after a crash the same call does the rest.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import ABSENT, is_absent
from appliance.store.codec import Damaged
from appliance.store.metrics.blocks.table import make_block
from appliance.store.metrics.reading.block_reader import bounds
from appliance.store.metrics.upkeep.rewriter import Replacement, Rewriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from appliance.store.metrics.blocks.block import Block
    from appliance.store.metrics.blocks.series_sets import SetPart
    from appliance.store.metrics.parts import Parts

#: Blocks rewritten in one transaction.
_STEP = 16


class Eraser:
    """Call with the sealer's lock held."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._sets = parts.sets
        self._blocks = parts.blocks
        self._rewriter = Rewriter(parts)

    def erase(self, tenant: int, ids: NDArray[np.int64], window: tuple[int, int]) -> int:
        """Delete samples from blocks.

        Args:
            ids: int64[series], ascending.
            window: Least and greatest time, both included.

        Returns:
            How many are gone.
        """
        deleted = 0
        found = self._find(tenant, ids, window)
        while step := list(itertools.islice(found, _STEP)):
            work = Replacement()
            for number, part in step:
                deleted += self._cut(number, part, window, (tenant, work))
            if work.old:
                self._rewriter.replace(work)
        return deleted

    def _find(
        self, tenant: int, ids: NDArray[np.int64], window: tuple[int, int]
    ) -> Iterator[tuple[int, SetPart]]:
        """Blocks that may have such samples."""
        sql = "SELECT id FROM block WHERE series_set=? AND max_ms>=? AND min_ms<=? ORDER BY id"
        for part in self._sets.index(tenant).parts(ids, *window):
            with self._database.reader() as connection:
                numbers = connection.execute(sql, (part.number, *window)).fetchall()
            yield from ((number, part) for (number,) in numbers)

    def _cut(
        self,
        number: int,
        part: SetPart,
        window: tuple[int, int],
        target: tuple[int, Replacement],
    ) -> int:
        """Cut samples out of a block; returns how many."""
        tenant, work = target
        read = self._read(number)
        if read is None:
            return 0
        block, values = read
        columns = slice(*bounds(block.times, *window))
        count = int((~is_absent(values[part.rows, columns])).sum())
        values[part.rows, columns] = ABSENT
        filled: NDArray[np.bool_] = ~np.all(is_absent(values), axis=1)
        if not count and filled[part.rows].all():
            return 0
        item = self._sets.index(tenant).sets[part.number]
        work.old[number] = item
        if filled.any():
            kept = item if filled.all() else self._rewriter.set_of(tenant, item.refs[filled], work)
            made = make_block(
                number, kept, block.times, values=values[filled], histograms=block.histograms
            )
            work.new += [made] if made is not None else []
        return count

    def _read(self, number: int) -> tuple[Block, NDArray[np.float64]] | None:
        """A block and all its values; None when it is damaged."""
        with self._database.reader() as connection:
            block = self._blocks.open(connection, number)
        if block is None:
            return None
        try:
            return block, block.decode()
        except Damaged as error:
            self._blocks.tell(number, error)
            return None

"""Putting other blocks in the place of some, all at once, as deletion and compaction do.

A rewritten block keeps its number, because numbers say which of two samples was written first.
Invariant: call with the sealer's lock held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.store.metrics.blocks import table as block_table

if TYPE_CHECKING:
    import sqlite3

    import numpy as np
    from numpy.typing import NDArray

    from appliance.store.metrics.blocks.series_sets import SeriesSet
    from appliance.store.metrics.blocks.table import NewBlock, Ranges
    from appliance.store.metrics.parts import Parts


@dataclass(slots=True)
class Replacement:
    """One transaction's work.

    Attributes:
        old: Blocks that go, by number, with their sets.
        new: Blocks that come.
        sets: Sets that come, by their series.
    """

    old: dict[int, SeriesSet] = field(default_factory=dict)
    new: list[NewBlock] = field(default_factory=list)
    sets: dict[bytes, SeriesSet] = field(default_factory=dict)


class Rewriter:
    """See the module's docstring."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._sets = parts.sets
        self._blocks = parts.blocks

    def set_of(self, tenant: int, refs: NDArray[np.int64], work: Replacement) -> SeriesSet:
        """The set with exactly these series, maybe a new one."""
        known = self._sets.find(tenant, refs) or work.sets.get(refs.tobytes())
        if known is None:
            known = work.sets[refs.tobytes()] = self._sets.take_set(tenant, refs)
        return known

    def replace(self, replacement: Replacement) -> None:
        """Do it, durably and at once for all readers.

        Raises:
            Unavailable: The database cannot write; nothing has changed.
        """
        touched = {item.number for item in replacement.old.values()}
        touched |= {block.item.number for block in replacement.new}

        def work(connection: sqlite3.Connection) -> Ranges:
            block_table.delete_blocks(connection, replacement.old)
            block_table.insert_sets(connection, replacement.sets.values())
            block_table.insert_blocks(connection, replacement.new)
            return block_table.settle_sets(connection, touched)

        def then(left: Ranges) -> None:
            self._sets.add(replacement.sets.values(), settle=False)
            self._sets.refresh(left)
            self._blocks.cache.rewritten(replacement.old)

        self._database.swap(work, then).result()

"""Blocks kept in memory for the next query: decoded whole, or opened so that rows can be decoded.

Few rows of a block are cheaper decoded alone than with all others, until they are asked for again
and again. So a block that is opened for the second time is kept as it is, and decoded whole once
as many rows were decoded as half of it has: what is done never costs much more than what would
have been best. Each form has its own share of the memory; the large form cannot drive out the
small one, which is what there is to fall back on.

Invariant: a block whose number is used again for other contents (`upkeep/rewriter.py`) is never
found here as it was before: who saw the file at an older epoch puts nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.store.cache import ByteCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.store.metrics.blocks.block import Block

#: Memory of a histogram, roughly.
_HISTOGRAM_BYTES = 1000
#: Memory of a block's objects, roughly.
_BLOCK_BYTES = 3000
#: Blocks of which is remembered that they were opened once or rewritten.
_REMEMBERED = 10_000
#: Part of the memory that is for blocks not decoded whole.
_OPEN_SHARE = 3


@dataclass(frozen=True, slots=True, eq=False)
class CachedBlock:
    """A decoded block: int64[column] times, float64[row, column] values, and histograms."""

    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram]

    @property
    def size_bytes(self) -> int:
        """Memory it takes, roughly."""
        return self.times.nbytes + self.values.nbytes + _HISTOGRAM_BYTES * len(self.histograms)


@dataclass(slots=True, eq=False)
class OpenBlock:
    """A block and how many of its rows were decoded since it was opened."""

    block: Block
    rows_read: int = 0

    @property
    def size_bytes(self) -> int:
        """Memory it takes, roughly."""
        block = self.block
        histograms = _HISTOGRAM_BYTES * len(block.histograms)
        return _BLOCK_BYTES + block.times.nbytes + block.body_bytes + histograms

    @property
    def decoded_bytes(self) -> int:
        """Memory it would take as a `CachedBlock`."""
        block = self.block
        cells = len(block.times) * (block.row_count + 1)
        return 8 * cells + _HISTOGRAM_BYTES * len(block.histograms)


class BlockCache:
    """See the module's docstring; any thread may call.

    Args:
        max_bytes: Memory for both forms together.

    Attributes:
        decoded, opened: The two forms, by number of the block.
        epoch: How often blocks were rewritten.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        small = max_bytes // _OPEN_SHARE
        self.decoded: ByteCache[int, CachedBlock] = ByteCache(max_bytes - small)
        self.opened: ByteCache[int, OpenBlock] = ByteCache(small)
        self.epoch = 0
        self._seen: ByteCache[int, bool] = ByteCache(_REMEMBERED)
        self._rewritten: dict[int, int] = {}
        self._oldest_epoch = 0

    def note_opening(self, number: int) -> bool:
        """Remember that a block was opened; returns whether it had been before."""
        known = self._seen.get(number) is not None
        if not known:
            self._seen.put(number, value=True, size_bytes=1)
        return known

    def rewritten(self, numbers: Iterable[int]) -> None:
        """These blocks are gone or have other contents now; call under the swap lock."""
        self.epoch += 1
        for number in numbers:
            self._rewritten[number] = self.epoch
            self._discard(number)
        if len(self._rewritten) > _REMEMBERED:
            self._oldest_epoch = self.epoch
            self._rewritten.clear()

    def keep(self, number: int, block: CachedBlock | OpenBlock, epoch: int) -> None:
        """Keep a block that was read at some epoch."""
        if epoch < max(self._oldest_epoch, self._rewritten.get(number, 0)):
            return
        if isinstance(block, CachedBlock):
            self.decoded.put(number, block, block.size_bytes)
        else:
            self.opened.put(number, block, block.size_bytes)
        if epoch < self._rewritten.get(number, 0):  # rewritten just now
            self._discard(number)

    def _discard(self, number: int) -> None:
        self.decoded.discard(number)
        self.opened.discard(number)

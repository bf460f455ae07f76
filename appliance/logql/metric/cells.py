"""What a chunk, and then all chunks, contribute to a range aggregation, by group and interval.

A cell is a group in an interval of `Windows`; its key is `group * width + interval`, so that the
cells of a window are neighbours. As far as a function allows, a chunk gives one item per cell and
not one per entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels


class Kind(Enum):
    """What a function has to know of the samples in a cell."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    LAST = "last"
    ALL = "all"
    ORDERED = "all, in the order of their times"


#: Kinds that need every sample.
_WHOLE = frozenset({Kind.ALL, Kind.ORDERED})
#: Kinds to which the order within a cell matters.
_TIMED = frozenset({Kind.FIRST, Kind.LAST, Kind.ORDERED})
#: With fewer keys than one in so many, keys are sorted and not counted in place.
_SPARSE = 4


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of a chunk, ascending by time.

    Attributes:
        codes: int32[sample], the group; None: all are of group 0.
        intervals: int64[sample], ascending.
        values: float64[sample]; None when only their number matters.
        times_ns: int64[sample].
    """

    codes: NDArray[np.int32] | None
    intervals: NDArray[np.int64]
    values: NDArray[np.float64] | None
    times_ns: NDArray[np.int64]

    def keys(self, width: int) -> NDArray[np.int64]:
        """The cell of each sample: int64[sample]."""
        if self.codes is None:
            return self.intervals
        return self.codes.astype(np.int64) * width + self.intervals


@dataclass(frozen=True, slots=True)
class Items:
    """Cells, or samples, in the order of their keys once they are merged.

    Attributes:
        keys: int64[item], cells.
        counts: int64[item], how many samples each stands for.
        values: float64[item]: their number, sum, least, greatest, first, last or own value.
        times_ns: int64[item], for kinds to which the order within a cell matters; else empty.
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]
    values: NDArray[np.float64]
    times_ns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, order: NDArray[np.int64]) -> Items:
        """These items, in this order: int64[k]."""
        times = self.times_ns[order] if len(self.times_ns) else self.times_ns
        return Items(self.keys[order], self.counts[order], self.values[order], times)


NO_TIMES = np.empty(0, dtype=np.int64)
NO_ITEMS = Items(NO_TIMES, NO_TIMES, np.empty(0), NO_TIMES)


def items_of(samples: Samples, kind: Kind, width: int) -> Items:
    """The samples of a chunk by cell, as far as the kind allows."""
    keys = samples.keys(width)
    if samples.values is None:
        return _counted(keys)
    counts = np.ones(len(keys), dtype=np.int64)
    times = samples.times_ns if kind in _TIMED else NO_TIMES
    items = Items(keys, counts, samples.values, times)
    if kind in _WHOLE:
        return items
    if samples.codes is not None:
        items = items.take(np.argsort(keys, kind="stable"))
    return _by_cell(items, kind)


def counted(keys: NDArray[np.int64], counts: NDArray[np.int64]) -> Items:
    """Items of Kind.COUNT."""
    return Items(keys, counts, counts.astype(np.float64), NO_TIMES)


def _counted(keys: NDArray[np.int64]) -> Items:
    """How often each key comes."""
    size = int(keys.max()) + 1 if len(keys) else 0
    if size <= _SPARSE * len(keys) + 4096:
        counts = np.bincount(keys, minlength=size)
        used = np.flatnonzero(counts)
        return counted(used, counts[used].astype(np.int64))
    used, counts = np.unique(keys, return_counts=True)
    return counted(used, counts.astype(np.int64))


_REDUCTIONS = {Kind.COUNT: np.add, Kind.SUM: np.add, Kind.MIN: np.fmin, Kind.MAX: np.fmax}


def _by_cell(items: Items, kind: Kind) -> Items:
    """One item per cell; the given ones are sorted by key (and time, where it matters)."""
    keys = items.keys
    is_first = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    if is_first.all():
        return items
    starts = np.flatnonzero(is_first)
    counts = np.add.reduceat(items.counts, starts)
    if kind in _REDUCTIONS:
        values = _REDUCTIONS[kind].reduceat(items.values, starts)
        return Items(keys[starts], counts, values, NO_TIMES)
    at = starts if kind is Kind.FIRST else np.append(starts[1:], len(keys)) - 1
    return Items(keys[starts], counts, items.values[at], items.times_ns[at])


@dataclass(frozen=True, slots=True)
class Part:
    """Cells of one chunk.

    Attributes:
        groups: [group], the labels that keys refer to.
    """

    groups: Sequence[Labels]
    items: Items


class Cells:
    """Cells of all chunks; filled by one thread.

    Attributes:
        kind: What is kept of samples.

    Args:
        width: Intervals per group.
    """

    def __init__(self, kind: Kind, width: int) -> None:
        self.kind = kind
        self._width = width
        self._numbers: dict[Labels, int] = {}
        self._parts: list[Items] = []

    def add(self, part: Part) -> None:
        """Take over the cells of a chunk."""
        numbers, items = self._numbers, part.items
        moved = np.array(
            [numbers.setdefault(labels, len(numbers)) for labels in part.groups], dtype=np.int64
        )
        if len(moved) == 1:
            keys = items.keys + moved[0] * self._width
        else:
            codes, intervals = np.divmod(items.keys, self._width)
            keys = moved[codes] * self._width + intervals
        if len(items):
            self._parts.append(Items(keys, items.counts, items.values, items.times_ns))

    def merged(self) -> tuple[list[Labels], Items]:
        """The groups in the order in which they came, and all items, ascending by key.

        Items of equal keys are joined where the kind allows, else in the order of their times.
        """
        parts = self._parts
        if not parts:
            return [], NO_ITEMS
        items = Items(
            np.concatenate([part.keys for part in parts]),
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.times_ns for part in parts]),
        )
        if self.kind in _TIMED:
            items = items.take(np.lexsort((items.times_ns, items.keys)))
        else:
            items = items.take(np.argsort(items.keys, kind="stable"))
        groups = list(self._numbers)
        return groups, items if self.kind in _WHOLE else _by_cell(items, self.kind)

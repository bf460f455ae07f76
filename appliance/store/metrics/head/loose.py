"""Unsealed samples with times of their own, of one tenant: three arrays in commit order.

Invariants:
- Only the writer thread calls `append` and `drop`.
- What a published view covers never changes.
- Of equal (series, time) the earlier entry holds; nothing is removed on arrival.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from appliance.store.metrics.histogram_pool import adopt, shifted, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram

_FIRST_CAPACITY = 64
#: A selection is small when there are so many samples for each of its series. From some small
#: selections of one view on it is worth while to sort the samples by series.
_FEW, _LOOKS = 16, 4
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class LooseView:
    """A tenant's loose samples at one instant.

    Attributes:
        ids: int64[sample].
        times: int64[sample], milliseconds, in any order.
        values: float64[sample].
        histograms: What boxed values refer to.
        last_seq: Commit of the newest of them.
    """

    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram]
    last_seq: int
    #: How many small selections there were, and what later ones search; see `samples_of`.
    _looks: list[_ById | None] = field(default_factory=list)

    def samples_of(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """The samples of some series.

        Args:
            ids: int64[series], ascending.

        Returns:
            Indexes of samples, those of one series in commit order, and the index into `ids` of
            the series of each.
        """
        if len(ids) * _FEW < len(self.ids):
            if len(self._looks) < _LOOKS:
                self._looks.append(None)
            else:
                return self._found(ids)
        position_of = np.full(int(ids[-1]) + 2, -1, dtype=np.int64)
        position_of[ids] = np.arange(len(ids))
        positions = position_of[np.minimum(self.ids, len(position_of) - 1)]
        indexes = np.flatnonzero(positions >= 0)
        return indexes, positions[indexes]

    def _found(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        known = self._looks[-1]
        if known is None:
            order = np.argsort(self.ids, kind="stable")
            known = _ById(order, self.ids[order])
            self._looks.append(known)
        first = np.searchsorted(known.ids, ids, side="left")
        counts = np.searchsorted(known.ids, ids, side="right") - first
        positions = np.repeat(np.arange(len(ids)), counts)
        within = np.arange(len(positions)) - np.repeat(np.cumsum(counts) - counts, counts)
        return known.order[first[positions] + within], positions


class _ById(NamedTuple):
    """Indexes of samples sorted by series, and the series: intp[sample], int64[sample]."""

    order: NDArray[np.intp]
    ids: NDArray[np.int64]


class LooseBatch(NamedTuple):
    """Loose samples on their way into the head.

    Attributes:
        ids: int64[sample].
        times: int64[sample], milliseconds, in any order.
        values: float64[sample].
        histograms: What boxed values refer to.
    """

    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram] = ()


class Samples(NamedTuple):
    """Samples sorted by series, then time, each (series, time) once.

    Attributes:
        keys: int64[sample], ids or positions.
        times: int64[sample].
        values: float64[sample].
    """

    keys: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]


class LooseLog:
    """The loose samples of one tenant.

    Args:
        number: The number that stands for this log among the scrape groups.
    """

    def __init__(self, number: int, tenant: int) -> None:
        self.number = number
        self.tenant = tenant
        #: Whether the log's number is in the file.
        self.is_durable = False
        #: Clock time of the oldest unsealed append.
        self.since_ms = 0
        self._ids = np.empty(_FIRST_CAPACITY, dtype=np.int64)
        self._times = np.empty(_FIRST_CAPACITY, dtype=np.int64)
        self._values = np.empty(_FIRST_CAPACITY, dtype=np.float64)
        self._histograms: list[Histogram] = []
        self._histogram_bytes = 0
        self._publish(0, 0)

    @property
    def size_bytes(self) -> int:
        """Memory of the arrays and of histograms."""
        return 24 * len(self._ids) + self._histogram_bytes

    def append(self, seq: int, batch: LooseBatch) -> None:
        """Add samples."""
        used = len(self.view.ids)
        end = used + len(batch.ids)
        if end > len(self._ids):
            self._resize(max(end, 2 * len(self._ids)))
        values = batch.values
        if batch.histograms:
            values = shifted(values, len(self._histograms))
            self._histograms.extend(batch.histograms)
            self._histogram_bytes += size_of(batch.histograms)
        self._ids[used:end] = batch.ids
        self._times[used:end] = batch.times
        self._values[used:end] = values
        self._publish(end, seq)

    def drop(self, count: int) -> None:
        """Remove the oldest entries."""
        view = self.view
        rest = len(view.ids) - count
        size = max(_FIRST_CAPACITY, rest)
        self._ids = _moved(view.ids[count:], size)
        self._times = _moved(view.times[count:], size)
        self._values = _moved(view.values[count:], size)
        if view.histograms:
            self._histograms = []  # a new one: views refer to the old one
            adopt(self._values[:rest], view.histograms, self._histograms)
            self._histogram_bytes = size_of(self._histograms)
        self._publish(rest, view.last_seq)

    def _resize(self, size: int) -> None:
        self._ids = _moved(self.view.ids, size)
        self._times = _moved(self.view.times, size)
        self._values = _moved(self.view.values, size)

    def _publish(self, end: int, seq: int) -> None:
        self.view = LooseView(
            self._ids[:end], self._times[:end], self._values[:end], self._histograms, seq
        )


def sort_samples(
    keys: NDArray[np.int64], times: NDArray[np.int64], values: NDArray[np.float64]
) -> Samples:
    """Sort samples by key and time; of equal (key, time) the first holds."""
    if len(keys) and keys.min() >= 0 and keys.max() < 1 << 16:
        order = np.argsort(keys.astype(np.uint16), kind="stable")  # radix sort
    else:
        order = np.argsort(keys, kind="stable")
    keys_, times_ = keys[order], times[order]
    same = keys_[1:] == keys_[:-1]
    if (same & (times_[1:] <= times_[:-1])).any():
        order = np.lexsort((times, keys))
        keys_, times_ = keys[order], times[order]
        repeated = (keys_[1:] == keys_[:-1]) & (times_[1:] == times_[:-1])
        first = np.concatenate([np.ones(min(1, len(keys)), dtype=np.bool_), ~repeated])
        order, keys_, times_ = order[first], keys_[first], times_[first]
    return Samples(keys_, times_, values[order])


def by_timestamps(
    samples: Samples,
) -> list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Regroup sorted samples by equal timestamp arrays.

    Returns:
        (keys int64[row], times int64[column], values float64[row, column]), without gaps.
    """
    keys, times, values = samples
    if not len(keys):
        return []
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    counts = np.diff(np.append(starts, len(keys)))
    groups: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for count in np.unique(counts).tolist():
        firsts = starts[counts == count]
        cells = firsts[:, None] + np.arange(count)
        table = times[cells]
        for rows in _equal_rows(table):
            picked = cells[rows]
            groups.append((keys[firsts[rows]], table[rows[0]], values[picked]))
    return groups


def _equal_rows(table: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Indices of equal rows, one array per distinct row."""
    if (table == table[0]).all():
        return [np.arange(len(table))]
    number: dict[bytes, list[int]] = {}
    for row, line in enumerate(table):
        number.setdefault(line.tobytes(), []).append(row)
    return [np.array(rows, dtype=np.int64) for rows in number.values()]


def _moved(part: NDArray[T], size: int) -> NDArray[T]:
    new: NDArray[T] = np.empty(size, dtype=part.dtype)
    new[: len(part)] = part
    return new

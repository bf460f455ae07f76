"""From slabs, which overlap in series and time as they happen to be stored, to groups.

A slab is a matrix from one place: a block, a group of the head, loose samples. Series that are in
the same slabs make one group, so that all work is per slab, never per series or sample.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from appliance.model.sample import SeriesGroup, filled_absent, is_absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.sources import Guard

#: Groups with fewer rows are joined with others that have the same timestamps.
_SMALL = 32


class Slab(Protocol):
    """A matrix of samples, cut to the range of the query.

    Attributes:
        times: int64[column], ascending.
    """

    @property
    def times(self) -> NDArray[np.int64]:
        """int64[column], ascending."""
        ...

    def fill(self, members: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Write the rows of some of the place's series to float64[member, column]."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Slabs with the same series.

    Attributes:
        positions: int64[series], ascending, which of the selected series.
        slabs: The earlier written ones first; called when the place's turn comes.
    """

    positions: NDArray[np.int64]
    slabs: Callable[[], Sequence[tuple[int, Slab]]]


@dataclass(frozen=True, slots=True, eq=False)
class MatrixSlab:
    """A matrix in memory: int64[column] times, float64[row, column]; `rows` int64[series]."""

    times: NDArray[np.int64]
    values: NDArray[np.float64]
    rows: NDArray[np.int64]

    def fill(self, members: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Copy rows."""
        out[:] = self.values[self.rows[members]]


def assemble(
    places: Sequence[Place],
    count: int,
    labels: Callable[[NDArray[np.int64]], list[Labels | None]],
    guard: Guard,
) -> list[SeriesGroup]:
    """Groups of all series that have samples in the places.

    Args:
        count: How many series were selected.
        labels: Label sets of positions; None for one that is not in use any more.
    """
    groups = []
    for positions, sources in _classes(places, count):
        guard.check()
        slabs = [
            (order, slab, members)
            for place, members in sources
            for order, slab in place.slabs()
            if len(slab.times)
        ]
        if slabs:
            guard.add_samples(len(positions) * sum(len(slab.times) for _, slab, _ in slabs))
            times, values = _merge(sorted(slabs, key=lambda item: item[0]), len(positions))
            groups += _group(positions, times, values, labels)
    return _join_small(groups)


def _classes(
    places: Sequence[Place], count: int
) -> Iterable[tuple[NDArray[np.int64], list[tuple[Place, NDArray[np.int64]]]]]:
    """Series that are in the same places: (positions, [(place, its members among its series)])."""
    signature = np.zeros(count, dtype=np.uint64)
    tags = np.random.default_rng(len(places)).integers(1, 1 << 63, len(places), dtype=np.uint64)
    for place, tag in zip(places, tags, strict=True):
        signature[place.positions] += tag
    _, number = np.unique(signature, return_inverse=True)
    sources: dict[int, list[tuple[Place, NDArray[np.int64]]]] = {}
    positions: dict[int, NDArray[np.int64]] = {}
    for place in places:
        mine = number[place.positions]
        order = np.argsort(mine, kind="stable")
        cuts = np.flatnonzero(np.diff(mine[order])) + 1
        for members in np.split(order, cuts):
            if len(members):
                key = int(mine[members[0]])
                sources.setdefault(key, []).append((place, members))
                positions[key] = place.positions[members]
    return [(positions[key], sources[key]) for key in sources]


def _merge(
    slabs: list[tuple[int, Slab, NDArray[np.int64]]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Slabs of the same series, the earlier written ones first, as one matrix."""
    ordered = sorted(slabs, key=lambda item: int(item[1].times[0]))
    pairs = itertools.pairwise(ordered)
    if any(left[1].times[-1] >= right[1].times[0] for left, right in pairs):
        return _merge_overlapping(slabs, count)
    times = np.concatenate([slab.times for _, slab, _ in ordered])
    values = np.empty((count, len(times)), dtype=np.float64)
    at = 0
    for _, slab, members in ordered:
        end = at + len(slab.times)
        slab.fill(members, values[:, at:end])
        at = end
    return times, values


def _merge_overlapping(
    slabs: list[tuple[int, Slab, NDArray[np.int64]]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    times = np.unique(np.concatenate([slab.times for _, slab, _ in slabs]))
    values = filled_absent((count, len(times)))
    for _, slab, members in reversed(slabs):
        part = np.empty((count, len(slab.times)), dtype=np.float64)
        slab.fill(members, part)
        columns = np.searchsorted(times, slab.times)
        values[:, columns] = np.where(is_absent(part), values[:, columns], part)
    return times, values


def _group(
    positions: NDArray[np.int64],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    labels: Callable[[NDArray[np.int64]], list[Labels | None]],
) -> list[SeriesGroup]:
    """The group of these series, less those without samples; an empty list when none is left."""
    names = labels(positions)
    keep = np.array([name is not None for name in names], dtype=np.bool_)
    doubtful = np.flatnonzero(is_absent(values[:, 0]))
    keep[doubtful[is_absent(values[doubtful]).all(axis=1)]] = False
    if not keep.all():
        values = values[keep]
    found = [
        name for name, kept in zip(names, keep.tolist(), strict=True) if kept and name is not None
    ]
    return [SeriesGroup(found, times, values)] if found else []


def _join_small(groups: list[SeriesGroup]) -> list[SeriesGroup]:
    joined = [group for group in groups if len(group.labels) >= _SMALL]
    same: dict[bytes, list[SeriesGroup]] = {}
    for group in groups:
        if len(group.labels) < _SMALL:
            same.setdefault(group.timestamps_ms.tobytes(), []).append(group)
    for members in same.values():
        if len(members) == 1:
            joined += members
            continue
        labels = [name for group in members for name in group.labels]
        values = np.concatenate([group.values for group in members])
        joined.append(SeriesGroup(labels, members[0].timestamps_ms, values))
    return joined

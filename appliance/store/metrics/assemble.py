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
from appliance.store.metrics.histogram_pool import adopt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sources import Guard

#: Cells that are loaded at a time.
_BATCH_CELLS = 1 << 21
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

    @property
    def histograms(self) -> Sequence[Histogram]:
        """What boxed cells refer to."""
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
    histograms: Sequence[Histogram] = ()

    def fill(self, members: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Copy rows."""
        out[:] = self.values[self.rows[members]]


class Names(Protocol):
    """What is known of series beside their samples, by position among the selected ones."""

    def labels(self, positions: NDArray[np.int64]) -> list[Labels | None]:
        """Label sets; None for a series that is not in use any more."""
        ...

    def starts(
        self, positions: NDArray[np.int64]
    ) -> Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Start times as in `SeriesGroup.starts_ms`."""
        ...


def assemble(
    places: Sequence[Place], count: int, names: Names, guard: Guard
) -> Iterator[SeriesGroup]:
    """Groups of all series that have samples in the places, some at a time.

    Args:
        count: How many series were selected.
    """
    groups: list[SeriesGroup] = []
    cells = 0
    for positions, sources in _classes(places, count):
        guard.check()
        slabs = [
            (order, slab, members)
            for place, members in sources
            for order, slab in place.slabs()
            if len(slab.times)
        ]
        if slabs:
            size = len(positions) * sum(len(slab.times) for _, slab, _ in slabs)
            guard.add_samples(size)
            matrix = _merge(sorted(slabs, key=lambda item: item[0]), len(positions))
            found = _group(positions, matrix, names)
            guard.free_samples(size - sum(group.values.size for group in found))
            groups += found
            cells += size
        if cells > _BATCH_CELLS:
            yield from _join_small(groups)
            groups, cells = [], 0
    yield from _join_small(groups)


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


@dataclass(frozen=True, slots=True, eq=False)
class _Matrix:
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: list[Histogram]

    def fill(
        self, slab: Slab, members: NDArray[np.int64], out: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Rows of a slab, referring to the histograms here; written to `out` when it is given."""
        if out is None:
            out = np.empty((len(self.values), len(slab.times)), dtype=np.float64)
        slab.fill(members, out)
        if slab.histograms:
            adopt(out, slab.histograms, self.histograms)
        return out


def _merge(slabs: list[tuple[int, Slab, NDArray[np.int64]]], count: int) -> _Matrix:
    """Slabs of the same series, the earlier written ones first, as one matrix."""
    ordered = sorted(slabs, key=lambda item: int(item[1].times[0]))
    pairs = itertools.pairwise(ordered)
    if any(left[1].times[-1] >= right[1].times[0] for left, right in pairs):
        return _merge_overlapping(slabs, count)
    times = np.concatenate([slab.times for _, slab, _ in ordered])
    matrix = _Matrix(times, np.empty((count, len(times)), dtype=np.float64), [])
    at = 0
    for _, slab, members in ordered:
        end = at + len(slab.times)
        matrix.fill(slab, members, matrix.values[:, at:end])
        at = end
    return matrix


def _merge_overlapping(slabs: list[tuple[int, Slab, NDArray[np.int64]]], count: int) -> _Matrix:
    times = np.unique(np.concatenate([slab.times for _, slab, _ in slabs]))
    values = filled_absent((count, len(times)))
    matrix = _Matrix(times, values, [])
    for _, slab, members in reversed(slabs):
        part = matrix.fill(slab, members, None)
        columns = np.searchsorted(times, slab.times)
        values[:, columns] = np.where(is_absent(part), values[:, columns], part)
    return matrix


def _group(positions: NDArray[np.int64], matrix: _Matrix, names: Names) -> list[SeriesGroup]:
    """The group of these series, less those without samples; an empty list when none is left."""
    labels, values = names.labels(positions), matrix.values
    keep = np.array([name is not None for name in labels], dtype=np.bool_)
    doubtful = np.flatnonzero(is_absent(values[:, 0]))
    keep[doubtful[is_absent(values[doubtful]).all(axis=1)]] = False
    if not keep.all():
        values, positions = values[keep], positions[keep]
    found = [
        name for name, kept in zip(labels, keep.tolist(), strict=True) if kept and name is not None
    ]
    if not found:
        return []
    starts = names.starts(positions)
    return [SeriesGroup(found, matrix.times, values, matrix.histograms, starts)]


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
        joined.append(_joined(members))
    return joined


def _joined(groups: list[SeriesGroup]) -> SeriesGroup:
    """Groups with the same timestamps as one."""
    histograms: list[Histogram] = []
    starts = {}
    rows = 0
    for group in groups:
        if group.histograms:
            adopt(group.values, group.histograms, histograms)
        starts.update({rows + row: pair for row, pair in group.starts_ms.items()})
        rows += len(group.labels)
    labels = [name for group in groups for name in group.labels]
    values = np.concatenate([group.values for group in groups])
    return SeriesGroup(labels, groups[0].timestamps_ms, values, histograms, starts)

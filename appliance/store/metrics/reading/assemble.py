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
from appliance.store.metrics.reading.classes import classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sources import Guard

#: Cells that are loaded at a time.
_BATCH_CELLS = 1 << 21
#: Slabs of small pieces that wait at a time: each may keep a block in memory.
_WAITING_SLABS = 256
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


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Series that are in the same slabs.

    Attributes:
        positions: int64[series].
        slabs: With the members of its place that these series are; the earlier written first.
    """

    positions: NDArray[np.int64]
    slabs: list[tuple[Slab, NDArray[np.int64]]]

    @property
    def size(self) -> int:
        """Cells to load."""
        return len(self.positions) * sum(len(slab.times) for slab, _ in self.slabs)

    @property
    def key(self) -> tuple[bytes, ...]:
        """The same for pieces that have the same timestamps slab by slab."""
        return tuple([slab.times.tobytes() for slab, _ in self.slabs])


def assemble(
    places: Sequence[Place], count: int, names: Names, guard: Guard
) -> Iterator[SeriesGroup]:
    """Groups of all series that have samples in the places, some at a time.

    Args:
        count: How many series were selected.
    """
    groups: list[SeriesGroup] = []
    waiting = _Waiting()
    cells = 0
    for positions, sources in classes(places, count):
        piece = _piece(positions, sources)
        if not piece.slabs:
            guard.check()
            continue
        size = piece.size
        guard.add_samples(size)
        cells += size
        if len(positions) >= _SMALL:
            groups += _groups([piece], names, guard)
        else:
            waiting.add(piece)
        if cells > _BATCH_CELLS or waiting.slabs > _WAITING_SLABS:
            for pieces in waiting.take():
                groups += _groups(pieces, names, guard)
        if cells > _BATCH_CELLS:
            yield from _join_small(groups)
            groups, cells = [], 0
    for pieces in waiting.take():
        groups += _groups(pieces, names, guard)
    yield from _join_small(groups)


class _Waiting:
    """Small pieces, so that those with the same timestamps are merged together."""

    def __init__(self) -> None:
        self.slabs = 0
        self._pieces: dict[tuple[bytes, ...], list[_Piece]] = {}

    def add(self, piece: _Piece) -> None:
        self._pieces.setdefault(piece.key, []).append(piece)
        self.slabs += len(piece.slabs)

    def take(self) -> Iterable[list[_Piece]]:
        """All of them, those with the same timestamps together."""
        taken, self._pieces, self.slabs = self._pieces, {}, 0
        return taken.values()


def _piece(positions: NDArray[np.int64], sources: list[tuple[Place, NDArray[np.int64]]]) -> _Piece:
    slabs = [
        (order, slab, members)
        for place, members in sources
        for order, slab in place.slabs()
        if len(slab.times)
    ]
    if len(slabs) > 1:
        slabs.sort(key=lambda item: item[0])
    return _Piece(positions, [(slab, members) for _, slab, members in slabs])


def _groups(pieces: list[_Piece], names: Names, guard: Guard) -> list[SeriesGroup]:
    """Load pieces with the same timestamps; none when they have no samples."""
    positions = pieces[0].positions
    if len(pieces) > 1:
        positions = np.concatenate([piece.positions for piece in pieces])
    found = _group(positions, _merge(pieces, len(positions)), names)
    loaded = sum(piece.size for piece in pieces)
    guard.free_samples(loaded - sum(group.values.size for group in found))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Matrix:
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: list[Histogram]

    def lay(self, piece: _Piece, order: list[int], rows: NDArray[np.float64]) -> None:
        """Write slabs to some of the rows, one after another in this order."""
        at = 0
        for number in order:
            slab, members = piece.slabs[number]
            end = at + len(slab.times)
            self._fill(slab, members, rows[:, at:end])
            at = end

    def overlay(self, piece: _Piece, rows: NDArray[np.float64]) -> None:
        """Write slabs to some of the rows; of two samples at one time the earlier written wins."""
        for slab, members in reversed(piece.slabs):
            part = np.empty((len(rows), len(slab.times)), dtype=np.float64)
            self._fill(slab, members, part)
            columns = np.searchsorted(self.times, slab.times)
            rows[:, columns] = np.where(is_absent(part), rows[:, columns], part)

    def _fill(self, slab: Slab, members: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Rows of a slab, referring to the histograms here."""
        slab.fill(members, out)
        if slab.histograms:
            adopt(out, slab.histograms, self.histograms)


def _merge(pieces: list[_Piece], count: int) -> _Matrix:
    """Pieces with the same timestamps as one matrix, a row per series, `count` in all."""
    slabs = pieces[0].slabs
    order = sorted(range(len(slabs)), key=lambda number: int(slabs[number][0].times[0]))
    all_times = [slabs[number][0].times for number in order]
    overlapping = any(left[-1] >= right[0] for left, right in itertools.pairwise(all_times))
    times = np.concatenate(all_times)
    if overlapping:
        times = np.unique(times)
        matrix = _Matrix(times, filled_absent((count, len(times))), [])
    else:
        matrix = _Matrix(times, np.empty((count, len(times)), dtype=np.float64), [])
    row = 0
    for piece in pieces:
        rows = matrix.values[row : row + len(piece.positions)]
        row += len(piece.positions)
        if overlapping:
            matrix.overlay(piece, rows)
        else:
            matrix.lay(piece, order, rows)
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

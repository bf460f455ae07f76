"""Classic histograms: series of cumulated buckets with `le`, estimates for all steps at once.

The rules are those of Prometheus' promql/quantile.go (3.14): buckets of one bound are added, counts
that fall from bound to bound are raised to the one before, differences that are but rounding
errors are taken away, and observations are spread evenly within a bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Relative differences between counts of neighbours that are taken for rounding errors.
_TOLERANCE = 1e-12
_LEAST_NORMAL = float.fromhex("0x1p-1022")
#: Values worked on at a time.
_CELLS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class ClassicHistogram:
    """Buckets that differ in `le` only.

    Attributes:
        rows: int[bucket], of a frame, ordered by bound.
        bounds: float64[bucket], ascending, equal ones allowed.
    """

    rows: NDArray[np.intp]
    bounds: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Repair:
    """What forced monotonicity did to one histogram.

    Attributes:
        histogram: Index among the histograms.
        steps: int[step], those at which it had to.
        lowest, highest: Bounds of the buckets changed.
        difference: The largest change.
    """

    histogram: int
    steps: NDArray[np.intp]
    lowest: float
    highest: float
    difference: float


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Histograms with equally many buckets at steps where all of these have samples.

    Attributes:
        members: int[histogram], indexes among the histograms.
        steps: The steps concerned.
        bounds: float64[histogram, bucket], distinct.
        counts: float64[histogram, bucket, step].
        present: bool[histogram, step].
    """

    members: NDArray[np.intp]
    steps: NDArray[np.intp]
    bounds: Floats
    counts: Floats
    present: NDArray[np.bool_]


class ClassicBuckets:
    """The classic histograms of a vector.

    Args:
        histograms: Their rows and bounds.
        values: float64[series, step] of the frame.
        present: bool[series, step], where these are samples.
    """

    def __init__(
        self,
        histograms: Sequence[ClassicHistogram],
        values: Floats,
        present: NDArray[np.bool_],
    ) -> None:
        self._shape = len(histograms), values.shape[1]
        self._pieces = list(_pieces(histograms, values, present))
        self.present = np.zeros(self._shape, dtype=np.bool_)
        for piece in self._pieces:
            self.present[np.ix_(piece.members, piece.steps)] |= piece.present

    def quantiles(self, parts: Floats) -> Floats:
        """The values below which a part of the observations lies.

        Args:
            parts: float64[step].

        Returns:
            float64[histogram, step].
        """
        return self._estimated(lambda piece, counts: _quantiles(piece, counts, parts[piece.steps]))

    def fractions(self, lower: Floats, upper: Floats) -> Floats:
        """The parts of the observations between two values.

        Args:
            lower, upper: float64[step].

        Returns:
            float64[histogram, step].
        """
        return self._estimated(
            lambda piece, counts: _fractions(
                piece.bounds, counts, (lower[piece.steps], upper[piece.steps])
            )
        )

    def make_monotonic(self) -> list[Repair]:
        """Raise counts that are lower than those of lower bounds; say where that was."""
        repairs: list[Repair] = []
        for piece in self._pieces:
            repairs += _made_monotonic(piece)
        return repairs

    def _estimated(self, estimate: Callable[[_Piece, Floats], Floats]) -> Floats:
        found = np.full(self._shape, np.nan)
        with np.errstate(all="ignore"):
            for piece in self._pieces:
                values = estimate(piece, piece.counts)
                if len(piece.steps) == self._shape[1]:
                    found[piece.members] = np.where(piece.present, values, found[piece.members])
                else:
                    found[np.ix_(piece.members, piece.steps)] = values
        return found


def _pieces(
    histograms: Sequence[ClassicHistogram], values: Floats, present: NDArray[np.bool_]
) -> list[_Piece]:
    whole: dict[int, list[int]] = {}
    pieces: list[_Piece] = []
    for number, histogram in enumerate(histograms):
        there = present[histogram.rows]
        is_distinct = bool((histogram.bounds[1:] > histogram.bounds[:-1]).all())
        if is_distinct and bool((there.all(axis=0) == there.any(axis=0)).all()):
            whole.setdefault(len(histogram.rows), []).append(number)
        else:
            pieces += _pieces_by_presence(number, histogram, (values, there))
    for buckets, numbers in whole.items():
        size = max(1, _CELLS // (buckets * values.shape[1]))
        for start in range(0, len(numbers), size):
            members = numbers[start : start + size]
            rows = np.stack([histograms[number].rows for number in members])
            pieces.append(
                _Piece(
                    np.array(members, dtype=np.intp),
                    np.arange(values.shape[1], dtype=np.intp),
                    np.stack([histograms[number].bounds for number in members]),
                    values[rows],
                    present[rows[:, 0]],
                )
            )
    return pieces


def _pieces_by_presence(
    number: int, histogram: ClassicHistogram, cells: tuple[Floats, NDArray[np.bool_]]
) -> list[_Piece]:
    """Pieces of a histogram whose buckets come and go, or that has a bound twice."""
    values, there = cells
    patterns, places = np.unique(there, axis=1, return_inverse=True)
    pieces = []
    for place, pattern in enumerate(patterns.T):
        if not pattern.any():
            continue
        steps = np.flatnonzero(places == place)
        counts = values[np.ix_(histogram.rows[pattern], steps)]
        bounds = histogram.bounds[pattern]
        starts = np.flatnonzero(np.append(True, bounds[1:] != bounds[:-1]))
        counts = np.add.reduceat(counts, starts, axis=0)
        pieces.append(
            _Piece(
                np.array([number], dtype=np.intp),
                steps,
                bounds[starts][np.newaxis],
                counts[np.newaxis],
                np.ones((1, len(steps)), dtype=np.bool_),
            )
        )
    return pieces


def _made_monotonic(piece: _Piece) -> list[Repair]:
    counts = piece.counts
    with np.errstate(all="ignore"):
        before, after = counts[:, :-1], counts[:, 1:]
        # Counts that grow need nothing, unless by almost nothing.
        odd = ~(after - before > 4 * _TOLERANCE * np.abs(before)) & (after != before)
    histograms, steps = np.nonzero(
        odd.any(axis=1) & piece.present & (piece.bounds[:, -1:] == np.inf)
    )
    if not len(steps):
        return []
    columns = counts[histograms, :, steps].T
    bounds = piece.bounds[histograms].T
    raised = _raise_fallen(columns)
    counts[histograms, :, steps] = columns.T
    return [
        _repair(piece, (member, steps[histograms == member]), (raised, bounds), histograms)
        for member in np.unique(histograms[(raised > 0).any(axis=0)]).tolist()
    ]


def _raise_fallen(columns: Floats) -> Floats:
    """Make counts monotonic in place.

    Args:
        columns: float64[bucket, column].

    Returns:
        float64[bucket, column], by how much counts were raised that had really fallen.
    """
    raised = np.zeros(columns.shape)
    accepted = columns[0].copy()
    for count, change in zip(columns[1:], raised[1:], strict=True):
        with np.errstate(all="ignore"):
            fell = ~_are_almost_equal(accepted, count) & (count < accepted)
            change[fell] = (accepted - count)[fell]
            kept = fell | _are_almost_equal(accepted, count)
        count[kept] = accepted[kept]
        accepted = count.copy()
    return raised


def _are_almost_equal(one: Floats, other: Floats) -> NDArray[np.bool_]:
    difference, total = np.abs(one - other), np.abs(one) + np.abs(other)
    tiny = (one == 0) | (other == 0) | (total < _LEAST_NORMAL)
    share = difference / np.minimum(total, np.finfo(np.float64).max)
    near = np.where(tiny, difference < _TOLERANCE * _LEAST_NORMAL, share < _TOLERANCE)
    found: NDArray[np.bool_] = near | (one == other) | (np.isnan(one) & np.isnan(other))
    return found


def _repair(
    piece: _Piece,
    place: tuple[int, NDArray[np.intp]],
    change: tuple[Floats, Floats],
    histograms: NDArray[np.intp],
) -> Repair:
    member, steps = place
    raised, bounds = (columns[:, histograms == member] for columns in change)
    changed = raised > 0
    return Repair(
        int(piece.members[member]),
        piece.steps[steps[changed.any(axis=0)]],
        float(bounds[changed].min()),
        float(bounds[changed].max()),
        float(raised.max()),
    )


def _quantiles(piece: _Piece, counts: Floats, parts: Floats) -> Floats:
    """float64[histogram, step]; counts monotonic."""
    bounds, last = piece.bounds, counts.shape[1] - 1
    if last == 0:
        found = np.full(piece.present.shape, np.nan)
    else:
        total = counts[:, last]
        rank = parts * total
        place = _first_reaching(counts, rank, last)
        below = np.maximum(place - 1, 0)[:, np.newaxis]
        inner = np.minimum(place, last - 1)[:, np.newaxis]
        is_lowest = place == 0
        reached = np.take_along_axis(counts, inner, axis=1)[:, 0]
        previous = np.where(is_lowest, 0.0, np.take_along_axis(counts, below, axis=1)[:, 0])
        end = np.take_along_axis(bounds, inner[:, 0], axis=1)
        start = np.where(is_lowest, 0.0, np.take_along_axis(bounds, below[:, 0], axis=1))
        found = start + (end - start) * ((rank - previous) / (reached - previous))
        found = np.where(is_lowest & (bounds[:, :1] <= 0), bounds[:, :1], found)
        found = np.where(place == last, bounds[:, last - 1 : last], found)
        found[total == 0] = np.nan
    found[bounds[:, -1] != np.inf] = np.nan
    found[:, np.isnan(parts)] = np.nan
    found[:, parts < 0] = -np.inf
    found[:, parts > 1] = np.inf
    return found


def _first_reaching(counts: Floats, rank: Floats, last: int) -> NDArray[np.intp]:
    """Index of the first of the lower buckets that reaches a rank, else `last`; by halving."""
    low = np.zeros(rank.shape, dtype=np.intp)
    high = np.full(rank.shape, last, dtype=np.intp)
    for _ in range(last.bit_length()):
        middle = (low + high) // 2
        reached = np.take_along_axis(counts, middle[:, np.newaxis], axis=1)[:, 0] >= rank
        is_open = low < high
        high = np.where(is_open & reached, middle, high)
        low = np.where(is_open & ~reached, middle + 1, low)
    return low


def _fractions(bounds: Floats, counts: Floats, between: tuple[Floats, Floats]) -> Floats:
    """float64[histogram, step]."""
    lower, upper = between
    total = counts[:, -1]
    low, high = (_ranks(bounds, counts, value) for value in between)
    found = (high - low) / total
    found[:, lower >= upper] = 0.0
    found[:, np.isnan(lower) | np.isnan(upper)] = np.nan
    found[total == 0] = np.nan
    found[bounds[:, -1] != np.inf] = np.nan
    return found


def _ranks(bounds: Floats, counts: Floats, value: Floats) -> Floats:
    """How many observations lie below a value: float64[histogram, step]."""
    total = counts[:, -1]
    found = np.full(total.shape, np.nan)
    is_open = np.ones(total.shape, dtype=np.bool_)
    start = np.where(bounds[:, :1] > 0, 0.0, -np.inf)
    rank = np.zeros(total.shape)
    for bucket in range(counts.shape[1]):
        end, count = bounds[:, bucket : bucket + 1], counts[:, bucket]
        ends_before = is_open & (start >= value)
        found = np.where(ends_before, rank, found)
        is_open &= ~ends_before
        within = is_open & (start < value) & (end > value)
        inside = rank + (count - rank) * (value - start) / (end - start)
        found = np.where(within, np.where(start == -np.inf, count, inside), found)
        is_open &= ~within
        start, rank = end, count
    return np.where(is_open | (found > total), total, found)

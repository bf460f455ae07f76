"""Sums and means of many native histograms that have the same layout, at many steps at once.

Histograms whose schema, zero threshold or custom bounds differ, and sums that overflow, are
for `histograms.HistogramSum` and `HistogramMean`, which do one after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.histogram import Buckets, Histogram, ResetHint
from appliance.promql.aggregation.compensated import Sums, group_sums
from appliance.promql.grouping import Groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Cells of dense buckets that are summed at a time: 32 MB.
_MOST_CELLS = 4_000_000


def have_same_layout(histograms: Sequence[Histogram]) -> bool:
    """Whether they can be added up bucket by bucket."""
    first = histograms[0]
    layouts = {(item.schema, item.zero_threshold) for item in histograms}
    if len(layouts) > 1:
        return False
    return not first.is_custom or len({item.custom_values.tobytes() for item in histograms}) == 1


def totals(cells: NDArray[Any], *, is_mean: bool) -> list[Histogram | None]:
    """Sums or means over the rows.

    Args:
        cells: object[row, step] of Histogram or None, all of one layout, at least one in a column.

    Returns:
        [step]; without empty buckets; None where a sum is infinite.
    """
    widest = max(_width(cells, side) for side in ("positive", "negative"))
    chunk = max(_MOST_CELLS // (len(cells) * max(widest, 1)), 1)
    found: list[Histogram | None] = []
    for start in range(0, cells.shape[1], chunk):
        found += _chunk(cells[:, start : start + chunk], is_mean=is_mean)
    return found


def _width(cells: NDArray[Any], side: str) -> int:
    low, high = _bounds([getattr(item, side) for item in cells.flat if item is not None])
    return high - low + 1


def _bounds(sides: Sequence[Buckets]) -> tuple[int, int]:
    """The first and the last index; the last is before the first when there is none."""
    used = [side.indexes for side in sides if len(side.indexes)]
    if not used:
        return 0, -1
    return min(int(item[0]) for item in used), max(int(item[-1]) for item in used)


def _chunk(cells: NDArray[Any], *, is_mean: bool) -> list[Histogram | None]:
    flat = cells.reshape(-1)
    places = np.flatnonzero(flat != None)  # noqa: E711 - by element
    items: list[Histogram] = flat[places].tolist()
    counts = np.count_nonzero(cells != None, axis=0) if is_mean else None  # noqa: E711
    numbers = np.zeros((len(flat), 3))
    numbers[places] = [(item.count, item.sum, item.zero_count) for item in items]
    scalars, overflows = _summed(numbers, cells.shape, counts)
    sides = []
    for name in ("positive", "negative"):
        low, dense = _dense([getattr(item, name) for item in items], places, len(flat))
        sums, too_large = _summed(dense, cells.shape, counts)
        overflows |= too_large
        sides.append((low, sums))
    return [
        None
        if overflows[step]
        else _histogram(cells[:, step], scalars[step], [(low, sums[step]) for low, sums in sides])
        for step in range(cells.shape[1])
    ]


def _dense(sides: list[Buckets], places: NDArray[np.intp], count: int) -> tuple[int, Floats]:
    """The least index and float64[cell, bucket] with the counts of all buckets."""
    low, high = _bounds(sides)
    found = np.zeros((count, high - low + 1))
    if high >= low:
        cells = np.repeat(places, [len(side.indexes) for side in sides])
        indexes = np.concatenate([side.indexes for side in sides])
        found[cells, indexes - low] = np.concatenate([side.counts for side in sides])
    return low, found


def _summed(
    numbers: Floats, shape: tuple[int, ...], counts: NDArray[np.intp] | None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Sums over rows, or means when there are counts: float64[step, number]; and what overflows.

    Args:
        numbers: float64[row * step, number].
        counts: int[step].
    """
    rows, steps = shape
    one_group = Groups.of(np.zeros(rows, dtype=np.intp), 1)
    sums = group_sums(numbers.reshape(rows, steps * numbers.shape[1]), one_group)
    sums = Sums(*(part.reshape(steps, -1) for part in (sums.total, sums.error)))
    overflows: NDArray[np.bool_] = np.logical_or.reduce(np.isinf(sums.total), axis=1)
    if counts is None:
        return sums.total + sums.error, overflows
    by = counts[:, np.newaxis]
    return sums.total / by + sums.error / by, overflows


def _histogram(
    column: NDArray[Any], numbers: Floats, sides: Sequence[tuple[int, Floats]]
) -> Histogram:
    items: list[Histogram] = [item for item in column.tolist() if item is not None]
    buckets = []
    for low, counts in sides:
        used = np.flatnonzero(counts)
        buckets.append(Buckets(used + low, counts[used]))
    count, total, zero_count = numbers.tolist()
    return replace(
        items[0],
        count=count,
        sum=total,
        zero_count=zero_count,
        positive=buckets[0],
        negative=buckets[1],
        reset_hint=_hint({item.reset_hint for item in items}),
    )


def _hint(hints: set[ResetHint]) -> ResetHint:
    """The reset hint of a sum."""
    if len(hints) == 1:
        return next(iter(hints))
    return ResetHint.GAUGE if ResetHint.GAUGE in hints else ResetHint.UNKNOWN

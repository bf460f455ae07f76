"""From a range vector to `Windows`: pieces of series small enough for a core's cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import is_absent, is_histogram
from appliance.promql.windows import Windows, at, bounds, sums_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.sample import SeriesGroup
    from appliance.promql.frame import Ranges

#: Cells of one piece.
_CELLS = 1 << 18
#: Groups of at most so many series are stacked.
_SMALL = 8


@dataclass(frozen=True, slots=True)
class Reach:
    """Which samples count.

    Attributes:
        floats_only: Histograms are left out; else they count as samples of any value.
        before_ms, after_ms: How far windows reach beyond the range.
        with_starts: Whether start times are wanted.
    """

    floats_only: bool = True
    before_ms: int = 0
    after_ms: int = 0
    with_starts: bool = False


def pieces(ranges: Ranges, reach: Reach) -> Iterator[Windows]:
    """The range vector in pieces; series without any sample are in none."""
    number = 0
    stacked: list[Windows] = []
    cells = 0
    for group in ranges.groups:
        count = len(group.labels)
        rows = np.arange(number, number + count)
        number += count
        if count > _SMALL:
            yield from _pieces(group, rows, ranges=ranges, reach=reach)
            continue
        stacked.extend(_pieces(group, rows, ranges=ranges, reach=reach))
        cells += group.values.size
        if cells > _CELLS:
            yield _stack(stacked)
            stacked, cells = [], 0
    if stacked:
        yield _stack(stacked)


def _pieces(
    group: SeriesGroup, rows: NDArray[np.intp], *, ranges: Ranges, reach: Reach
) -> Iterator[Windows]:
    lo, hi = bounds(
        group.timestamps_ms, ranges.starts_ms - reach.before_ms, ranges.ends_ms + reach.after_ms
    )
    if not len(lo) or not len(group.timestamps_ms):
        return
    size = max(_SMALL, _CELLS // len(group.timestamps_ms))
    for start in range(0, len(rows), size):
        chunk = slice(start, start + size)
        values = group.values[chunk]
        gone = is_absent(values)
        if reach.floats_only and group.histograms:
            gone |= is_histogram(values)
        whole = Windows(
            rows[chunk],
            group.timestamps_ms[np.newaxis],
            values,
            lo[np.newaxis],
            hi[np.newaxis],
            ranges.starts_ms,
            ranges.ends_ms,
            _began(group, chunk, values.shape) if reach.with_starts else None,
        )
        yield from _without_gaps(whole, gone)


def _without_gaps(windows: Windows, gone: NDArray[np.bool_]) -> Iterator[Windows]:
    gaps: NDArray[np.bool_] = np.logical_or.reduce(gone, axis=1)
    if not gaps.any():
        yield windows
        return
    if not gaps.all():
        yield _some(windows, ~gaps)
    empty: NDArray[np.bool_] = np.logical_and.reduce(gone, axis=1)
    if (gaps & ~empty).any():
        yield _compact(_some(windows, gaps & ~empty), ~gone[gaps & ~empty])


def _some(windows: Windows, chosen: NDArray[np.bool_]) -> Windows:
    return Windows(
        windows.rows[chosen],
        windows.times,
        windows.values[chosen],
        windows.lo,
        windows.hi,
        windows.starts_ms,
        windows.ends_ms,
        None if windows.began_ms is None else windows.began_ms[chosen],
    )


def _compact(windows: Windows, present: NDArray[np.bool_]) -> Windows:
    """Samples moved to the left over the gaps; present: bool[series, sample]."""
    before = sums_before(present)
    shape = (len(present), int(before[:, -1].max()))
    rows, columns = np.nonzero(present)
    places = before[rows, columns]
    times = np.zeros(shape, dtype=np.int64)
    times[rows, places] = windows.times[0][columns]
    values = np.zeros(shape)
    values[rows, places] = windows.values[rows, columns]
    began = None
    if windows.began_ms is not None:
        began = np.zeros(shape, dtype=np.int64)
        began[rows, places] = windows.began_ms[rows, columns]
    return Windows(
        windows.rows,
        times,
        values,
        at(before, windows.lo),
        at(before, windows.hi),
        windows.starts_ms,
        windows.ends_ms,
        began,
    )


def _began(group: SeriesGroup, chunk: slice, shape: tuple[int, ...]) -> NDArray[np.int64] | None:
    """Start times of the samples of some rows; None when they have none."""
    began: NDArray[np.int64] | None = None
    for row, (times, starts) in group.starts_ms.items():
        if not chunk.start <= row < chunk.stop or not len(times):
            continue
        if began is None:
            began = np.zeros(shape, dtype=np.int64)
        began[row - chunk.start] = starts_at((times, starts), group.timestamps_ms)
    return began


def starts_at(
    runs: tuple[NDArray[np.int64], NDArray[np.int64]], times: NDArray[np.int64]
) -> NDArray[np.int64]:
    """int64[time]: start times at some times, of a row of `SeriesGroup.starts_ms`."""
    index = np.searchsorted(runs[0], times, side="right") - 1
    return np.where(index >= 0, runs[1][np.maximum(index, 0)], 0)


def _stack(parts: Sequence[Windows]) -> Windows:
    """Several pieces as one, padded to the longest."""
    if len(parts) == 1:
        return parts[0]
    series = sum(len(part.rows) for part in parts)
    width = max(part.values.shape[1] for part in parts)
    steps = parts[0].lo.shape[1]
    times = np.zeros((series, width), dtype=np.int64)
    values = np.zeros((series, width))
    lo = np.empty((series, steps), dtype=np.intp)
    hi = np.empty((series, steps), dtype=np.intp)
    with_starts = any(part.began_ms is not None for part in parts)
    began = np.zeros((series, width), dtype=np.int64) if with_starts else None
    start = 0
    for part in parts:
        here = slice(start, start + len(part.rows))
        columns = part.values.shape[1]
        times[here, :columns] = part.times
        values[here, :columns] = part.values
        lo[here], hi[here] = part.lo, part.hi
        if began is not None and part.began_ms is not None:
            began[here, :columns] = part.began_ms
        start = here.stop
    rows = np.concatenate([part.rows for part in parts])
    return Windows(rows, times, values, lo, hi, parts[0].starts_ms, parts[0].ends_ms, began)

"""Smallest and largest values of windows; the cost does not grow with a window's length.

Two overlapping stretches of a power of two cover a window, and what is extreme in all stretches of
one length follows from those of half the length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.windows import Windows, at, batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def max_windows(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: maxima, NaN only where nothing else is; anything where empty."""
    return _extremes(windows, windows.values, np.fmax)


def min_windows(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: minima, NaN only where nothing else is; anything where empty."""
    return _extremes(windows, windows.values, np.fmin)


def _extremes(
    windows: Windows, values: NDArray[np.float64], choose: Callable[..., NDArray[np.float64]]
) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        # Quicker than looking at each value; infinities of both signs only cost the quick way.
        if not np.isnan(values.sum()):
            choose = np.maximum if choose is np.fmax else np.minimum
    counts = windows.counts
    level = np.frexp(np.maximum(counts, 1))[1] - 1
    result = at(values, windows.first)
    stretch = values
    for power in range(1, int(level.max(initial=0)) + 1):
        half = 1 << (power - 1)
        stretch = choose(stretch[:, :-half], stretch[:, half:])
        here = level == power
        if not here.any():
            continue
        top = stretch.shape[1] - 1
        one = at(stretch, np.minimum(windows.lo, top))
        other = at(stretch, np.clip(windows.hi - 2 * half, 0, top))
        np.copyto(result, choose(one, other), where=here)
    return result


def time_of_max(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: seconds, the time of the last of the largest values."""
    return _times(windows, windows.values)


def time_of_min(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: seconds, the time of the last of the smallest values."""
    return _times(windows, -windows.values)


def _times(windows: Windows, values: NDArray[np.float64]) -> NDArray[np.float64]:
    result = np.zeros(windows.shape)
    everywhere = np.ones(windows.shape, dtype=np.bool_)
    for batch in batches(windows.with_values(values), everywhere):
        found = np.where(batch.within & ~np.isnan(batch.values), batch.values, -np.inf)
        best = found.max(axis=1, keepdims=True)
        candidates = (found == best) & batch.within & ~np.isnan(batch.values)
        # Nothing but NaN: the last sample.
        candidates |= batch.within & ~candidates.any(axis=1, keepdims=True)
        last = candidates.shape[1] - 1 - np.argmax(candidates[:, ::-1], axis=1)
        times = np.take_along_axis(batch.times, last[:, np.newaxis], axis=1)[:, 0]
        result[batch.rows, batch.steps] = times / 1000
    return result

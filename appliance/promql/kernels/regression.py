"""Least squares and smoothing over windows: deriv, predict_linear, double_exponential_smoothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.kernels.sums import MARGIN, rough_sums, rounding_error
from appliance.promql.kernels.transitions import change_counts
from appliance.promql.windows import Windows, at, batches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.windows import Batch


def slopes(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: by second; anything where a window has fewer than two samples."""
    return _lines(windows)[0]


def predictions(
    windows: Windows, steps_ms: NDArray[np.int64], ahead: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values of each window's line; anything where a window has fewer than two samples.

    Args:
        steps_ms: int64[step]; ahead: float64[step], seconds after them.

    Returns:
        float64[series, step].
    """
    slope, mean_time, mean = _lines(windows)
    with np.errstate(all="ignore"):
        return mean + slope * ((steps_ms - _middle(windows)) / 1000 + ahead - mean_time)


def _middle(windows: Windows) -> int:
    """A time, in milliseconds, near those of the samples."""
    return int(windows.times[0, 0])


def _lines(
    windows: Windows,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Slope, mean time and mean value of each window: float64[series, step] each.

    Times are in seconds since `_middle`. Sums are taken around the row's means; where a window lies
    so far from them that its own covariance drowns in rounding, its samples are looked at.
    """
    with np.errstate(all="ignore"):
        middle = _middle(windows)
        x = (windows.times - middle) / 1000
        y = windows.values - windows.values.mean(axis=1, keepdims=True)
        counts = windows.counts
        sum_x, spread_x = _time_sums(windows, x)
        sum_y = rough_sums(windows, y)
        product = x * y
        sum_xy = rough_sums(windows, product)
        shared = sum_xy - sum_x * sum_y / counts
        error = np.abs(product).sum(axis=1, keepdims=True) + np.abs(sum_x * sum_y / counts)
        good = np.abs(shared) > rounding_error(error, windows.values.shape[1]) * MARGIN
        slope = shared / spread_x
        base = windows.values.mean(axis=1, keepdims=True)
        mean = np.broadcast_to(base + sum_y / counts, windows.shape).copy()
        mean_time = np.broadcast_to(sum_x / counts, windows.shape).copy()
        slope = np.broadcast_to(slope, windows.shape).copy()
        for batch in batches(windows, ~np.broadcast_to(good, windows.shape)):
            here = batch.rows, batch.steps
            slope[here], mean_time[here], mean[here] = _exact(batch, middle)
        _constant(windows, slope, mean)
    return slope, mean_time, mean


def _time_sums(
    windows: Windows, x: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of times and sum of squares around their mean: float64[1 or series, step] each."""
    alike = Windows(
        windows.rows[: len(x)],
        windows.times,
        x,
        windows.lo[: len(x)] if len(windows.lo) > 1 else windows.lo,
        windows.hi[: len(x)] if len(windows.hi) > 1 else windows.hi,
        windows.starts_ms,
        windows.ends_ms,
    )
    total = rough_sums(alike, x)
    return total, rough_sums(alike, x * x) - total * total / windows.counts


def _constant(windows: Windows, slope: NDArray[np.float64], mean: NDArray[np.float64]) -> None:
    """Windows of one value: no slope, unless it is infinite."""
    first = np.broadcast_to(at(windows.values, windows.first), windows.shape)
    constant = (change_counts(windows) == 0) & ~np.isnan(first)
    slope[constant] = np.where(np.isinf(first[constant]), np.nan, 0.0)
    mean[constant] = np.where(np.isinf(first[constant]), np.nan, first[constant])


def _exact(
    batch: Batch, middle: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    within, counts = batch.within, batch.counts
    start = batch.times[:, :1]
    x = np.where(within, (batch.times - start) / 1000, 0.0)
    y = np.where(within, batch.values, 0.0)
    mean_x, mean_y = x.sum(axis=1) / counts, y.sum(axis=1) / counts
    away_x = np.where(within, x - mean_x[:, np.newaxis], 0.0)
    away_y = np.where(within, y - mean_y[:, np.newaxis], 0.0)
    slope = (away_x * away_y).sum(axis=1) / (away_x * away_x).sum(axis=1)
    return slope, mean_x + (start[:, 0] - middle) / 1000, mean_y


def smoothed_values(
    windows: Windows, smoothing: NDArray[np.float64], trend: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Double exponential smoothing; anything where a window has fewer than two samples.

    Args:
        smoothing, trend: float64[step], factors between 0 and 1.

    Returns:
        float64[series, step].
    """
    result = np.zeros(windows.shape)
    wanted = np.broadcast_to(windows.counts > 1, windows.shape)
    for batch in batches(windows, wanted):
        with np.errstate(all="ignore"):
            result[batch.rows, batch.steps] = _smooth(
                batch, smoothing[batch.steps], trend[batch.steps]
            )
    return result


def _smooth(
    batch: Batch, smoothing: NDArray[np.float64], trend: NDArray[np.float64]
) -> NDArray[np.float64]:
    values = batch.values
    before, level = np.zeros(len(values)), values[:, 0].copy()
    rise = values[:, 1] - values[:, 0]
    for number in range(1, values.shape[1]):
        inside = number < batch.counts
        if number > 1:
            rise = np.where(inside, trend * (level - before) + (1 - trend) * rise, rise)
        new = smoothing * values[:, number] + (1 - smoothing) * (level + rise)
        before, level = np.where(inside, level, before), np.where(inside, new, level)
    return level

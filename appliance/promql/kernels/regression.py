"""Least squares and smoothing over windows: deriv, predict_linear, double_exponential_smoothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.kernels.sums import MARGIN, rough_sums, rounding_error, row_bases, row_sums
from appliance.promql.kernels.transitions import change_counts
from appliance.promql.windows import Windows, at, batches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.windows import Batch

#: How much of a covariance Prometheus' own sums may lose before they are made as it makes them.
TOLERANCE = 1e-6
#: Windows that hold all together so many times the samples there are hardly overlap.
_OVERLAP = 2


def slopes(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: by second; anything where a window has fewer than two samples."""
    line = _lines(windows, at(windows.times, windows.first))
    for batch in batches(windows, ~line.good):
        line.slope[batch.rows, batch.steps] = _least_squares(batch, batch.times[:, 0])[0]
    return line.slope


def predictions(
    windows: Windows, steps_ms: NDArray[np.int64], ahead: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values of each window's line; anything where a window has fewer than two samples.

    Args:
        steps_ms: int64[step]; ahead: float64[step], seconds after them.

    Returns:
        float64[series, step].
    """
    line = _lines(windows, steps_ms)
    with np.errstate(all="ignore"):
        grown = line.slope * ((steps_ms - _middle(windows)) / 1000 + ahead - line.time)
        found = line.mean + grown
        # Where the two cancel out, what they may be wrong by shows.
        good = line.good & ((np.abs(found) * 2 > np.abs(grown)) | (grown == 0))
        for batch in batches(windows, ~good):
            slope, value = _least_squares(batch, steps_ms[batch.steps])
            found[batch.rows, batch.steps] = slope * ahead[batch.steps] + value
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Lines through windows: float64[series, step] each, and where they are exact enough.

    Attributes:
        time, mean: A point on the line: seconds since `_middle`, and the value there.
        good: bool[series, step].
    """

    slope: NDArray[np.float64]
    time: NDArray[np.float64]
    mean: NDArray[np.float64]
    good: NDArray[np.bool_]


def _middle(windows: Windows) -> int:
    """A time, in milliseconds, near those of the samples."""
    return int(windows.times[0, 0])


def _lines(windows: Windows, origins_ms: NDArray[np.int64]) -> _Lines:
    """Lines by sums around the row's means.

    They are not good where a window lies so far from the means that its own covariance drowns in
    rounding, or where it does so in the sums that Prometheus makes: those are made there then.
    Where windows hardly overlap they are made everywhere, which takes no longer.

    Args:
        origins_ms: int64[step] or [1 or series, step], the times from which Prometheus counts.
    """
    size = windows.values.size
    if windows.counts.sum() * (len(windows.values) // len(windows.counts)) <= size * _OVERLAP:
        nothing = np.full(windows.shape, np.nan)
        return _Lines(nothing, nothing, nothing, np.zeros(windows.shape, dtype=np.bool_))
    with np.errstate(all="ignore"):
        middle, counts = _middle(windows), windows.counts
        x = (windows.times - middle) / 1000
        base = row_bases(windows.values)
        y = windows.values - base
        sum_x, spread_x = _time_sums(windows, x)
        sum_y = rough_sums(windows, y)
        product = x * y
        # As many times the covariance as there are samples; of whole numbers this is exact.
        shared = rough_sums(windows, product) * counts - sum_x * sum_y
        error = np.abs(product).sum(axis=1, keepdims=True) * counts + np.abs(sum_x * sum_y)
        good = np.abs(shared) > rounding_error(error, windows.values.shape[1]) * MARGIN
        away = sum_x - counts * ((origins_ms - middle) / 1000)
        good &= np.abs(shared) * TOLERANCE > np.abs(away * (sum_y + base * counts)) * 2.0**-52
        slope, time, mean = (
            np.broadcast_to(item, windows.shape).copy()
            for item in (shared / spread_x, sum_x / counts, base + sum_y / counts)
        )
        good = good | _constant(windows, slope, mean)
    return _Lines(slope, time, mean, good)


def _time_sums(
    windows: Windows, x: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums of times, and of squares around their mean so many times as there are samples.

    Returns:
        float64[1 or series, step] each.
    """
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
    return total, rough_sums(alike, x * x) * windows.counts - total * total


def _constant(
    windows: Windows, slope: NDArray[np.float64], mean: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Sets windows of one value: no slope, unless it is infinite; bool[series, step], which."""
    first = np.broadcast_to(at(windows.values, windows.first), windows.shape)
    constant: NDArray[np.bool_] = (change_counts(windows) == 0) & ~np.isnan(first)
    slope[constant] = np.where(np.isinf(first[constant]), np.nan, 0.0)
    mean[constant] = np.where(np.isinf(first[constant]), np.nan, first[constant])
    return constant


def _least_squares(
    batch: Batch, origins_ms: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slopes and values at a time, by the operations that Prometheus does in their order.

    Args:
        origins_ms: int64[window], the time; sums are made of distances from it.

    Returns:
        float64[window] each.
    """
    within, counts = batch.within, batch.counts
    with np.errstate(all="ignore"):
        x = np.where(within, (batch.times - origins_ms[:, np.newaxis]) / 1000, 0.0)
        y = np.where(within, batch.values, 0.0)
        sum_x, sum_y = row_sums(x), row_sums(y)
        covariance = row_sums(x * y) - sum_x * sum_y / counts
        slope = covariance / (row_sums(x * x) - sum_x * sum_x / counts)
        value = sum_y / counts - slope * sum_x / counts
    first = batch.values[:, 0]
    constant = (batch.values == first[:, np.newaxis]).all(axis=1)
    value[constant] = np.where(np.isinf(first[constant]), np.nan, first[constant])
    slope[constant] = np.where(np.isinf(first[constant]), np.nan, 0.0)
    return slope, value


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

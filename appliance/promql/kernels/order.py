"""Quantiles of windows: their samples are sorted, many windows at once. NaN sorts first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.windows import Windows, batches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.windows import Batch


def quantile_windows(windows: Windows, quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles, interpolated; anything where a window is empty.

    Args:
        quantiles: float64[step]; below 0 gives -Inf, above 1 +Inf, NaN gives NaN.

    Returns:
        float64[series, step].
    """
    result = np.zeros(windows.shape)
    for batch in batches(windows, np.ones(windows.shape, dtype=np.bool_)):
        padded = np.where(batch.within, batch.values, np.nan)
        found = _quantiles(padded, batch.counts, quantiles[batch.steps])
        result[batch.rows, batch.steps] = found
    return result


def deviation_windows(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: the median of the absolute deviations from the median."""
    result = np.zeros(windows.shape)
    for batch in batches(windows, np.ones(windows.shape, dtype=np.bool_)):
        result[batch.rows, batch.steps] = _deviations(batch)
    return result


def _deviations(batch: Batch) -> NDArray[np.float64]:
    half = np.full(len(batch.counts), 0.5)
    padded = np.where(batch.within, batch.values, np.nan)
    medians = _quantiles(padded, batch.counts, half)
    with np.errstate(invalid="ignore"):
        return _quantiles(np.abs(padded - medians[:, np.newaxis]), batch.counts, half)


def _quantiles(
    padded: NDArray[np.float64], counts: NDArray[np.intp], quantiles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of rows whose padding is NaN: float64[window]."""
    ascending = np.sort(padded, axis=1)  # NaN last, padding among them
    numbers = ascending.shape[1] - np.count_nonzero(np.isnan(padded), axis=1)
    inside = np.clip(np.nan_to_num(quantiles), 0.0, 1.0)
    rank = inside * (counts - 1)
    lower = np.floor(rank).astype(np.intp)
    upper = np.minimum(counts - 1, lower + 1)
    weight = rank - lower
    with np.errstate(invalid="ignore", over="ignore"):
        low = _at_rank(ascending, lower, counts - numbers)
        high = _at_rank(ascending, upper, counts - numbers)
        found = low * (1 - weight) + high * weight
    found = np.where(quantiles < 0, -np.inf, np.where(quantiles > 1, np.inf, found))
    return np.where(np.isnan(quantiles), np.nan, found)


def _at_rank(
    ascending: NDArray[np.float64], rank: NDArray[np.intp], nans: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Elements by rank when the first `nans` are NaN."""
    index = np.maximum(rank - nans, 0)[:, np.newaxis]
    found = np.take_along_axis(ascending, index, axis=1)[:, 0]
    return np.where(rank < nans, np.nan, found)

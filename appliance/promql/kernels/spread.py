"""Variance of windows (Prometheus: Welford's algorithm with compensated sums)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.kernels.sums import MARGIN, refined, rough_sums, rounding_error, row_bases
from appliance.promql.kernels.transitions import change_counts
from appliance.promql.windows import Windows, at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.windows import Batch


def variance_windows(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: population variances; anything where a window is empty.

    Sums of squares around the mean of the row are taken where a window's own mean is not so far
    off that they cancel; elsewhere the samples of the window are looked at.
    """
    values, counts = windows.values, windows.counts
    with np.errstate(all="ignore"):
        around = values - row_bases(values)
        squares = around * around
        first = rough_sums(windows, around)
        spread = rough_sums(windows, squares) * counts - first * first
        error = rounding_error(squares.sum(axis=1, keepdims=True), values.shape[1])
        good = spread > error * counts * MARGIN
        result = refined(windows, spread / (counts * counts), good, _exact)
        if not good.all():
            constant = np.isfinite(at(values, windows.first)) & (change_counts(windows) == 0)
            result[constant] = 0.0
    return result


def _exact(batch: Batch) -> NDArray[np.float64]:
    within, counts = batch.within, batch.counts
    values = np.where(within, batch.values, 0.0)
    mean = values.sum(axis=1) / counts
    around = np.where(within, batch.values - mean[:, np.newaxis], 0.0)
    # A second pass takes away what rounding left in the mean.
    around = np.where(within, around - (around.sum(axis=1) / counts)[:, np.newaxis], 0.0)
    variances: NDArray[np.float64] = (around * around).sum(axis=1) / counts
    return variances

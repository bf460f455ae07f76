"""Quantiles of buckets by powers of two (Tempo, `quantile_over_time`).

Between a bucket's bound and that of the next lower bucket that has spans at this step, the value is
interpolated by exponents; below the lowest one, as if the next lower power of two had spans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def log2_quantiles(
    counts: NDArray[np.float64], bounds: NDArray[np.float64], quantiles: Sequence[float]
) -> NDArray[np.float64]:
    """Quantiles of each step.

    Args:
        counts: float64[bucket, step].
        bounds: float64[bucket], ascending: the greatest value of each bucket.
        quantiles: Between 0 and 1.

    Returns:
        float64[quantile, step]; 0 for steps without spans.
    """
    logs = np.log2(bounds)
    below = _logs_below(counts, logs)
    cumulated = np.cumsum(counts, axis=0)
    totals = cumulated[-1]
    found = [_quantile(counts, cumulated, (logs, below, bounds), q) for q in quantiles]
    return np.where(totals > 0, np.array(found), 0.0)


def _logs_below(counts: NDArray[np.float64], logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[bucket, step]: the exponent of the next lower bucket that has spans."""
    numbers = np.where(counts > 0, np.arange(len(logs))[:, None], -1)
    before = np.full_like(numbers, -1)
    before[1:] = np.maximum.accumulate(numbers, axis=0)[:-1]
    return np.where(before >= 0, logs[before], logs[:, None] - 1.0)


def _quantile(
    counts: NDArray[np.float64],
    cumulated: NDArray[np.float64],
    bucket_logs: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    quantile: float,
) -> NDArray[np.float64]:
    """float64[step]: one quantile; anything where there are no spans."""
    logs, below, bounds = bucket_logs
    wanted = np.maximum(np.ceil(quantile * cumulated[-1]), 1.0)
    buckets = np.argmax(cumulated >= wanted, axis=0)
    steps = np.arange(counts.shape[1])
    upto, inside = cumulated[buckets, steps], counts[buckets, steps]
    share = (wanted - (upto - inside)) / np.maximum(inside, 1.0)
    low = below[buckets, steps]
    between = np.exp2(low + (logs[buckets] - low) * share)
    result: NDArray[np.float64] = np.where(upto == wanted, bounds[buckets], between)
    return result

"""Buckets of one side of two histograms brought together; bounds that custom buckets share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import NO_BUCKETS, Buckets
from appliance.model.histogram_bounds import exponential_bounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram


def aligned(sides: Sequence[Buckets]) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Counts at the same indexes.

    Returns:
        Indexes of all buckets that any side has, and per side float64 of that length, 0 where the
        side has no bucket.
    """
    indexes = sides[0].indexes
    if all(_same(side.indexes, indexes) for side in sides):
        return indexes, [side.counts for side in sides]
    indexes = np.unique(np.concatenate([side.indexes for side in sides]))
    return indexes, [_spread(side, indexes) for side in sides]


def _same(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    return one is other or np.array_equal(one, other)


def _spread(side: Buckets, indexes: NDArray[np.int64]) -> NDArray[np.float64]:
    counts = np.zeros(len(indexes))
    counts[np.searchsorted(indexes, side.indexes)] = side.counts
    return counts


def populated(buckets: Buckets) -> Buckets:
    """Without buckets whose count is 0."""
    used = buckets.counts != 0
    if used.all():
        return buckets
    return Buckets(buckets.indexes[used], buckets.counts[used]) if used.any() else NO_BUCKETS


def beyond(buckets: Buckets, schema: int, threshold: float) -> Buckets:
    """Without the buckets that end at or below a zero threshold (in absolute values)."""
    if threshold <= 0 or not len(buckets.indexes):
        return buckets
    if buckets.indexes[0] * 2.0**-schema > math.log2(threshold) + 1e-6:
        return buckets
    kept = exponential_bounds(schema, buckets.indexes) > threshold
    return buckets if kept.all() else Buckets(buckets.indexes[kept], buckets.counts[kept])


def shared_bounds(one: Histogram, other: Histogram) -> NDArray[np.float64]:
    """float64[bound] that both histograms with custom buckets have."""
    return np.intersect1d(one.custom_values, other.custom_values, assume_unique=True)


def have_same_bounds(one: Histogram, other: Histogram) -> bool:
    """Whether two histograms with custom buckets have the same bounds."""
    return np.array_equal(one.custom_values, other.custom_values)


def mapped(
    buckets: Buckets, bounds: NDArray[np.float64], fewer: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Counts of custom buckets, added up for fewer bounds.

    Args:
        buckets: As they are.
        bounds: Their bounds, float64[bound].
        fewer: Some of these.

    Returns:
        float64[len(fewer) + 1], the last one for observations above all bounds.
    """
    targets = np.full(len(buckets.indexes), len(fewer), dtype=np.intp)
    bounded = buckets.indexes < len(bounds)
    targets[bounded] = np.searchsorted(fewer, bounds[buckets.indexes[bounded]])
    counts = np.zeros(len(fewer) + 1)
    np.add.at(counts, targets, buckets.counts)
    return counts


def dense(counts: NDArray[np.float64]) -> Buckets:
    """Buckets whose indexes are 0, 1, 2 and so on."""
    return Buckets(np.arange(len(counts), dtype=np.int64), counts)

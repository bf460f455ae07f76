"""Zero buckets of different widths: made equal by widening the narrower one.

A zero threshold must not lie within a populated bucket, so that widening may have to go further
than wanted, on both sides in turn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram_bounds import negative_bounds, positive_bounds
from appliance.promql.histograms.buckets import beyond, populated

if TYPE_CHECKING:
    from appliance.model.histogram import Histogram


def widened_zero(histogram: Histogram, threshold: float) -> tuple[float, float]:
    """The zero count that a histogram would have with a larger (or the same) zero threshold.

    Returns:
        The count, and the threshold, which is the end of the bucket in which the wanted threshold
        lies where that bucket is populated.
    """
    if threshold == histogram.zero_threshold:
        return histogram.zero_count, threshold
    lower, upper = positive_bounds(histogram)
    above, below = (-bounds for bounds in negative_bounds(histogram))
    positive, negative = histogram.positive.counts, histogram.negative.counts
    while True:
        inside = int(np.searchsorted(lower, threshold))
        count = histogram.zero_count + float(positive[:inside].sum())
        if inside and upper[inside - 1] > threshold and positive[inside - 1] != 0:
            threshold = float(upper[inside - 1])
        inside = int(np.searchsorted(below, threshold))
        count += float(negative[:inside].sum())
        if inside and above[inside - 1] > threshold and negative[inside - 1] != 0:
            threshold = float(above[inside - 1])
            continue
        return count, threshold


def with_zero_threshold(histogram: Histogram, threshold: float, count: float) -> Histogram:
    """A histogram whose zero bucket holds what lay within a threshold; empty buckets go."""
    return replace(
        histogram,
        zero_threshold=threshold,
        zero_count=count,
        positive=populated(beyond(histogram.positive, histogram.schema, threshold)),
        negative=populated(beyond(histogram.negative, histogram.schema, threshold)),
    )


def common_threshold(one: Histogram, other: Histogram) -> float:
    """The least zero threshold that is in no populated bucket of either histogram."""
    first, second = one.zero_threshold, other.zero_threshold
    while first != second:
        if first > second:
            _, second = widened_zero(other, first)
        if second > first:
            _, first = widened_zero(one, second)
    return first


def with_common_zero(one: Histogram, other: Histogram) -> tuple[Histogram, Histogram]:
    """Two histograms with the same zero threshold."""
    threshold = common_threshold(one, other)
    return _widened(one, threshold), _widened(other, threshold)


def _widened(histogram: Histogram, threshold: float) -> Histogram:
    if histogram.zero_threshold == threshold:
        return histogram
    count, _ = widened_zero(histogram, threshold)
    return with_zero_threshold(histogram, threshold, count)

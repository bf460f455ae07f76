"""Counter resets between successive histograms of a series (FloatHistogram.DetectReset, 3.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import ResetHint
from appliance.promql.histograms.arithmetic import copy_to_schema
from appliance.promql.histograms.buckets import (
    beyond,
    have_same_bounds,
    mapped,
    shared_bounds,
)
from appliance.promql.histograms.zero_bucket import widened_zero

if TYPE_CHECKING:
    from appliance.model.histogram import Buckets, Histogram


def detect_reset(current: Histogram, previous: Histogram) -> bool:
    """Whether the counter was reset between two histograms.

    The hint of the current one decides where it says RESET or NOT_RESET; gauges are treated as
    counters. Otherwise any count that fell is a reset, also a higher resolution, a narrower zero
    bucket, and one that ends within a populated bucket of the previous histogram.
    """
    if current.reset_hint in {ResetHint.RESET, ResetHint.NOT_RESET}:
        return current.reset_hint == ResetHint.RESET
    if current.count < previous.count or (current.is_custom and not previous.is_custom):
        return True
    if current.is_custom and not have_same_bounds(current, previous):
        return _custom_count_fell(current, previous)
    if current.schema > previous.schema or current.zero_threshold < previous.zero_threshold:
        return True
    return _zero_fell(current, previous) or _any_fell(
        current, copy_to_schema(previous, current.schema)
    )


def _zero_fell(current: Histogram, previous: Histogram) -> bool:
    threshold = current.zero_threshold
    zero_count, widened = widened_zero(previous, threshold)
    return widened != threshold or current.zero_count < zero_count


def _any_fell(current: Histogram, previous: Histogram) -> bool:
    """Whether a bucket of the previous histogram has less; both of one schema."""
    return _side_fell(current, current.positive, previous.positive) or _side_fell(
        current, current.negative, previous.negative
    )


def _side_fell(histogram: Histogram, current: Buckets, previous: Buckets) -> bool:
    if not len(previous.indexes):
        return False
    if not histogram.is_custom:
        current, previous = (
            beyond(side, histogram.schema, histogram.zero_threshold) for side in (current, previous)
        )
    if np.array_equal(current.indexes, previous.indexes):
        return bool((current.counts < previous.counts).any())
    kept = np.isin(previous.indexes, current.indexes, assume_unique=True)
    if (previous.counts[~kept] != 0).any():
        return True
    places = np.searchsorted(current.indexes, previous.indexes[kept])
    return bool((current.counts[places] < previous.counts[kept]).any())


def _custom_count_fell(current: Histogram, previous: Histogram) -> bool:
    bounds = shared_bounds(current, previous)
    now, before = (
        mapped(item.positive, item.custom_values, bounds) for item in (current, previous)
    )
    return bool(np.any(now < before))

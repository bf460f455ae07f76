"""Bounds on native histograms that a job may set (Prometheus 3, scrape: bucket limit, factor)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.errors import LimitExceeded
from appliance.model.histogram import MAX_SCHEMA, MIN_SCHEMA
from appliance.model.histogram_bounds import reduced

if TYPE_CHECKING:
    from appliance.model.histogram import Histogram


def highest_schema(min_bucket_factor: float) -> int:
    """The finest resolution whose buckets grow by at least this factor; up to 1 means any."""
    if min_bucket_factor <= 1:
        return MAX_SCHEMA
    level = math.floor(-math.log2(math.log2(min_bucket_factor)))
    return max(MIN_SCHEMA, min(MAX_SCHEMA, level))


def limited(histogram: Histogram, *, max_buckets: int, max_schema: int) -> Histogram:
    """A histogram in a resolution that keeps the limits; custom bounds stay as they are.

    Args:
        histogram: As exposed.
        max_buckets: On both sides together; 0 for no limit.
        max_schema: The finest resolution.

    Raises:
        LimitExceeded: Even the coarsest resolution has too many buckets.
    """
    if not histogram.is_custom and histogram.schema > max_schema:
        histogram = _coarser(histogram, histogram.schema - max_schema)
    while 0 < max_buckets < len(histogram.positive.counts) + len(histogram.negative.counts):
        if histogram.is_custom or histogram.schema <= MIN_SCHEMA:
            raise LimitExceeded(
                "histogram bucket limit exceeded", limit="native_histogram_bucket_limit"
            )
        histogram = _coarser(histogram, 1)
    return histogram


def _coarser(histogram: Histogram, levels: int) -> Histogram:
    return replace(
        histogram,
        schema=histogram.schema - levels,
        positive=reduced(histogram.positive, levels),
        negative=reduced(histogram.negative, levels),
    )

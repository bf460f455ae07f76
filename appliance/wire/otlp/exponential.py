"""Exponential and explicit histograms of OTLP as native histograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from appliance.model.histogram import CUSTOM_SCHEMA, MAX_SCHEMA, MIN_SCHEMA, Buckets, Histogram
from appliance.model.histogram_bounds import reduced

#: Width of the zero bucket when a point names none (as Prometheus').
_ZERO_THRESHOLD = 1e-128


class Unconvertible(Exception):  # noqa: N818 - the house's form
    """A histogram that has no native form; the text says why."""


def exponential(point: Any) -> Histogram:
    """A point of an exponential histogram.

    Raises:
        Unconvertible: Its scale is too small.
    """
    scale = point.scale
    if scale < MIN_SCHEMA:
        raise Unconvertible(
            "cannot convert exponential to native histogram."
            f" Scale must be >= {MIN_SCHEMA}, was {scale}"
        )
    by = max(0, scale - MAX_SCHEMA)
    return Histogram(
        schema=scale - by,
        count=float(point.count),
        sum=point.sum if point.HasField("sum") else 0.0,
        zero_threshold=point.zero_threshold or _ZERO_THRESHOLD,
        zero_count=float(point.zero_count),
        positive=_side(point.positive, by),
        negative=_side(point.negative, by),
    )


def explicit(point: Any) -> Histogram:
    """A point of a histogram with explicit bounds, with custom buckets."""
    bounds = np.array(point.explicit_bounds, dtype=np.float64)
    counts = np.array(point.bucket_counts, dtype=np.float64)
    if len(bounds) and bounds[-1] == np.inf:
        bounds = bounds[:-1]
        counts = np.append(counts[: len(bounds)], counts[len(bounds) :].sum())
    return Histogram(
        schema=CUSTOM_SCHEMA,
        count=float(point.count),
        sum=point.sum if point.HasField("sum") else 0.0,
        positive=_filled(np.arange(len(counts), dtype=np.int64), counts),
        custom_values=bounds,
    )


def _side(side: Any, by: int) -> Buckets:
    """Buckets of one side; OTLP's bucket i is Prometheus' i + 1."""
    counts = np.array(side.bucket_counts, dtype=np.float64)
    indexes = np.arange(len(counts), dtype=np.int64) + side.offset + 1
    buckets = _filled(indexes, counts)
    return reduced(buckets, by) if by else buckets


def _filled(indexes: np.ndarray, counts: np.ndarray) -> Buckets:
    used = counts != 0
    return Buckets(indexes[used], counts[used])

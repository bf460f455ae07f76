"""Estimates from one native histogram: quantiles, fractions, variance (promql/quantile.go, 3.14).

Observations are taken to be spread evenly within custom buckets and the zero bucket, and evenly
on a logarithmic scale within exponential ones. Observations of NaN count, but are in no bucket.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from appliance.model.histogram_bounds import all_buckets

if TYPE_CHECKING:
    from appliance.model.histogram import Histogram
    from appliance.model.histogram_bounds import BucketTable


class Estimate(NamedTuple):
    """A value, and what NaN observations did to it.

    Attributes:
        has_nans: The histogram holds NaN observations that matter here.
    """

    value: float
    has_nans: bool = False


def quantile(histogram: Histogram, rank: float) -> Estimate:
    """The value below which a part of the observations lies.

    Args:
        histogram: Of any kind.
        rank: The part, 0 to 1; below 0 gives -Inf, above 1 +Inf, NaN gives NaN.

    Returns:
        NaN for an empty histogram. With NaN observations `has_nans` holds; the value is NaN when
        the rank falls among them, otherwise they make it too high.
    """
    if rank < 0:
        return Estimate(-math.inf)
    if rank > 1:
        return Estimate(math.inf)
    if histogram.count == 0 or math.isnan(rank):
        return Estimate(math.nan)
    return _quantile(histogram, all_buckets(histogram), rank)


def _quantile(histogram: Histogram, table: BucketTable, part: float) -> Estimate:
    # NaN observations are in no bucket, so that only the way upwards gives the right rank.
    forward = math.isnan(histogram.sum) or part < 0.5
    rank = (part if forward else 1 - part) * histogram.count
    order = slice(None) if forward else slice(None, None, -1)
    counts = table.counts[order]
    if not len(counts):
        return _without_bucket(histogram, rank)
    reached = np.cumsum(counts)
    hits = np.flatnonzero((counts != 0) & (reached >= rank))
    place = int(hits[0]) if len(hits) else len(counts) - 1
    lower, upper, held = (
        float(column[order][place]) for column in (table.lower, table.upper, table.counts)
    )
    count = float(reached[place])
    if histogram.is_custom:
        if lower == -math.inf:
            if upper <= 0:
                return Estimate(upper)
            lower = 0.0
        elif upper == math.inf:
            return Estimate(lower)
    elif lower < 0 < upper:
        lower, upper = _one_sided(histogram, lower, upper)
    count = min(count, histogram.count)
    if count < rank:
        is_nan = math.isnan(histogram.sum)
        return Estimate(math.nan if is_nan else upper, has_nans=is_nan)
    rank = rank - (count - held) if forward else count - rank
    # Differs from Prometheus: up to 3.13 it goes on to the last bucket when it looks for NaN
    # observations and interpolates in that one, so that values lie far outside of all buckets.
    has_nans = math.isnan(histogram.sum) and float(reached[-1]) < histogram.count
    share = rank / held if held else math.nan
    is_linear = histogram.is_custom or lower <= 0 <= upper
    return Estimate(_inside(lower, upper, share, is_linear=is_linear), has_nans)


def _without_bucket(histogram: Histogram, rank: float) -> Estimate:
    """Of a histogram that has no bucket at all."""
    is_nan = math.isnan(histogram.sum)
    return Estimate(
        0.0 if min(0.0, histogram.count) < rank and not is_nan else math.nan, has_nans=is_nan
    )


def _one_sided(histogram: Histogram, lower: float, upper: float) -> tuple[float, float]:
    """Bounds of the zero bucket: it ends at zero where the histogram has one side only."""
    has_positive = len(histogram.positive.indexes) > 0
    has_negative = len(histogram.negative.indexes) > 0
    if has_positive and not has_negative:
        return 0.0, upper
    if has_negative and not has_positive:
        return lower, 0.0
    return lower, upper


def _inside(lower: float, upper: float, share: float, *, is_linear: bool) -> float:
    """The value that has a share of a bucket's observations below it."""
    if is_linear:
        return lower + (upper - lower) * share
    low, high = math.log2(abs(lower)), math.log2(abs(upper))
    if lower > 0:
        return float(np.exp2(low + (high - low) * share))
    return float(-np.exp2(high + (low - high) * (1 - share)))


def fraction(histogram: Histogram, lower: float, upper: float) -> Estimate:
    """The part of the observations that lies between two values.

    Returns:
        NaN for an empty histogram or a bound that is NaN; 0 where `lower >= upper`. NaN
        observations are in no part.
    """
    if histogram.count == 0 or math.isnan(lower) or math.isnan(upper):
        return Estimate(math.nan)
    if lower >= upper:
        return Estimate(0.0)
    table = all_buckets(histogram)
    found, has_nans = histogram.count, False
    if math.isnan(histogram.sum):
        found = float(np.cumsum(table.counts)[-1]) if len(table.counts) else 0.0
        has_nans = found < histogram.count
    low, high = (
        min(rank, found) if rank is not None else found
        for rank in (_rank(histogram, table, lower), _rank(histogram, table, upper))
    )
    return Estimate((high - low) / histogram.count, has_nans)


def _rank(histogram: Histogram, table: BucketTable, value: float) -> float | None:
    """How many observations lie below a value; None when all buckets end below it."""
    rank = 0.0
    rows: list[list[float]] = np.stack([table.lower, table.upper, table.counts], 1).tolist()
    for lower, upper, count in rows:
        is_zero = lower <= 0 <= upper
        if is_zero:
            lower, upper = _one_sided(histogram, lower, upper)  # noqa: PLW2901 - narrowed
        if lower >= value:
            return rank
        if upper > value:
            if not histogram.is_custom and not is_zero:
                return rank + count * share_below(lower, upper, value)
            if lower == -math.inf:
                return count
            return rank + count * (value - lower) / (upper - lower)
        rank += count
    return None


def share_below(lower: float, upper: float, value: float) -> float:
    """The part of an exponential bucket's observations that is below a value in it."""
    low, high, at = (math.log2(abs(bound)) for bound in (lower, upper, value))
    if value > 0:
        return (at - low) / (high - low)
    return 1 - (at - high) / (low - high)


def variance(histogram: Histogram) -> float:
    """The variance of the observations, each bucket's taken to be at its middle."""
    with np.errstate(all="ignore"):
        mean = np.float64(histogram.sum) / np.float64(histogram.count)
        table = all_buckets(histogram)
        used = table.counts != 0
        lower, upper, counts = table.lower[used], table.upper[used], table.counts[used]
        if histogram.is_custom:
            middles = (upper + lower) / 2
        else:
            middles = np.where(upper < 0, -1.0, 1.0) * np.sqrt(upper * lower)
            middles = np.where((lower <= 0) & (upper >= 0), 0.0, middles)
        squares = counts * (middles - mean) * (middles - mean)
        total = math.fsum(squares) if np.isfinite(squares).all() else float(squares.sum())
        return float(np.float64(total) / np.float64(histogram.count))

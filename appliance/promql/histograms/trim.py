"""Parts of native histograms below or above a value: PromQL's `</` and `>/` (TrimBuckets, 3.14).

Buckets wholly on the kept side stay; the one in which the value lies is interpolated, linearly
for custom buckets and the zero bucket, else on a logarithmic scale. The sum is estimated anew from
the middles of what is left. Of a bucket without end nothing is known, so mostly it goes as a whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import Buckets
from appliance.model.histogram_bounds import negative_bounds, positive_bounds
from appliance.promql.histograms.arithmetic import compact

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram


def trim_upper(histogram: Histogram, limit: float) -> Histogram:
    """What lies below the limit (`histogram </ limit`)."""
    return _Trim(histogram, limit, keeps_lower=True).result()


def trim_lower(histogram: Histogram, limit: float) -> Histogram:
    """What lies above the limit (`histogram >/ limit`)."""
    return _Trim(histogram, limit, keeps_lower=False).result()


@dataclass(slots=True)
class _Trim:
    """Trims one histogram.

    Attributes:
        count, sum: Of what is kept.
        is_changed: Whether anything went.
    """

    histogram: Histogram
    limit: float
    keeps_lower: bool
    count: float = 0.0
    sum: float = 0.0
    is_changed: bool = False

    def result(self) -> Histogram:
        source = self.histogram
        with np.errstate(all="ignore"):
            positive = self._side(source.positive, positive_bounds(source), is_positive=True)
            negative = source.negative
            if not source.is_custom:
                negative = self._side(negative, negative_bounds(source), is_positive=False)
            zero_count = self._zero_count()
        if not self.is_changed:
            return source
        return compact(
            replace(
                source,
                count=self.count,
                sum=self.sum,
                positive=positive,
                negative=negative,
                zero_count=zero_count,
            )
        )

    def _side(
        self,
        buckets: Buckets,
        bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
        *,
        is_positive: bool,
    ) -> Buckets:
        counts = buckets.counts.copy()
        for place in np.flatnonzero(counts != 0).tolist():
            bucket = float(bounds[0][place]), float(bounds[1][place]), float(counts[place])
            kept, middle = self._kept(bucket, is_positive=is_positive)
            self.count += kept
            if kept:
                self.sum += middle * kept
            if kept != counts[place]:
                counts[place] = kept
                self.is_changed = True
        return Buckets(buckets.indexes, counts)

    def _kept(
        self, bucket: tuple[float, float, float], *, is_positive: bool
    ) -> tuple[float, float]:
        """How much of a bucket stays, and the middle of it."""
        lower, upper, count = bucket
        limit, linear = self.limit, self.histogram.is_custom
        if upper <= limit if self.keeps_lower else lower >= limit:
            return count, _middle(lower, upper, is_positive=is_positive, linear=linear)
        if not (lower < limit if self.keeps_lower else upper > limit):
            return 0.0, 0.0
        if math.isinf(lower) or math.isinf(upper):
            return self._kept_of_endless(lower, upper, count)
        under = count * _share_under(lower, upper, limit, linear=linear)
        if self.keeps_lower:
            return under, _middle(lower, limit, is_positive=is_positive, linear=linear)
        return count - under, _middle(limit, upper, is_positive=is_positive, linear=linear)

    def _kept_of_endless(self, lower: float, upper: float, count: float) -> tuple[float, float]:
        limit = self.limit
        if lower == -math.inf:
            return _kept_of_bottomless(upper, count, limit, keeps_lower=self.keeps_lower)
        if not self.keeps_lower and limit >= lower:
            return count, limit
        return 0.0, lower

    def _zero_count(self) -> float:
        source, limit = self.histogram, self.limit
        if not source.zero_count > 0:
            return source.zero_count
        lower, upper = -source.zero_threshold, source.zero_threshold
        has_positive = bool((source.positive.counts != 0).any())
        has_negative = bool((source.negative.counts != 0).any())
        if has_positive != has_negative:
            lower, upper = (0.0, upper) if has_positive else (lower, 0.0)
        if limit <= lower:
            share, ends = float(not self.keeps_lower), (lower, upper)
        elif limit >= upper:
            share, ends = float(self.keeps_lower), (lower, upper)
        else:
            ends = (lower, limit) if self.keeps_lower else (limit, upper)
            share = (ends[1] - ends[0]) / (upper - lower)
        kept = source.zero_count * share
        self.is_changed |= kept != source.zero_count
        if kept:
            self.sum += (ends[0] + ends[1]) / 2 * kept
        self.count += kept
        return kept


def _kept_of_bottomless(
    upper: float, count: float, limit: float, *, keeps_lower: bool
) -> tuple[float, float]:
    """How much stays of the lowest custom bucket when the limit is below its end."""
    if keeps_lower:
        if limit > 0 and upper != math.inf:
            return count * limit / upper, limit / 2
        if upper <= 0:
            return count, limit
    elif limit == -math.inf:
        return count, 0.0
    elif limit >= 0 and upper != math.inf:
        return count * (1 - limit / upper), (limit + upper) / 2
    return 0.0, 0.0


def _share_under(lower: float, upper: float, limit: float, *, linear: bool) -> float:
    """The part of a bucket's observations that is below a limit within it."""
    if linear:
        return (limit - lower) / (upper - lower)
    low, high, at = (math.log2(abs(bound)) for bound in (lower, upper, limit))
    if lower > 0 or upper > 0:
        return (at - low) / (high - low)
    return 1 - (at - high) / (low - high)


def _middle(lower: float, upper: float, *, is_positive: bool, linear: bool) -> float:
    """The value that stands for all observations between two bounds."""
    if math.isinf(lower):
        if math.isinf(upper):
            return 0.0
        return upper / 2 if upper > 0 else upper
    if math.isinf(upper):
        return lower
    if linear:
        return (lower + upper) / 2
    middle = math.sqrt(abs(lower * upper))
    return middle if is_positive else -middle

"""Bounds of a native histogram's buckets, bit for bit those of Prometheus.

Prometheus has the mantissas of exponential bounds in a table whose values lie up to four steps
beside the correctly rounded ones; answers print bounds with all their digits, so ours are the same.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import Buckets, Histogram

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FINEST = 256
#: By how many steps the table's value lies below the right one, at 2**(i/256); `a` is one above.
_BELOW = (
    "00000010001000000012001111111111001000100111001100110a1100110011"
    "0000001111221021001000100001000000010a00102200110111001010221111"
    "1010112211211011111111212122212200110010112210221122101121221121"
    "1132112122322232222222333344324311211222213311222132112222432233"
)


def _mantissas() -> NDArray[np.float64]:
    """float64[256] in [0.5, 1)."""
    step = math.ulp(0.5)
    below = [-1 if digit == "a" else int(digit) for digit in _BELOW]
    exact = [math.pow(2, place / _FINEST - 1) for place in range(_FINEST)]
    return np.array([value - step * steps for value, steps in zip(exact, below, strict=True)])


_MANTISSAS = _mantissas()


def exponential_bounds(schema: int, indexes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Upper bounds of positive buckets, float64 like `indexes`; base = 2**(2**-schema)."""
    with np.errstate(over="ignore", under="ignore"):
        if schema < 0:
            exponents = indexes << -schema
            bounds = np.ldexp(1.0, _clipped(exponents))
            overflow = exponents == sys.float_info.max_exp
        else:
            places = (indexes & ((1 << schema) - 1)) << (8 - schema)
            exponents = (indexes >> schema) + 1
            bounds = np.ldexp(_MANTISSAS[places], _clipped(exponents))
            overflow = (places == 0) & (exponents == sys.float_info.max_exp + 1)
    # The last bucket of regular numbers ends at the largest of them; the next is for infinities.
    found: NDArray[np.float64] = np.where(overflow, sys.float_info.max, bounds)
    return found


def _clipped(exponents: NDArray[np.int64]) -> NDArray[np.int32]:
    """Exponents that ldexp can take; beyond these the result is 0 or infinity anyway."""
    return np.clip(exponents, -5000, 5000).astype(np.int32)


def positive_bounds(histogram: Histogram) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper bounds of the positive (or custom) buckets: float64[bucket], ascending."""
    indexes = histogram.positive.indexes
    if histogram.is_custom:
        padded = np.concatenate([[-np.inf], histogram.custom_values, [np.inf]])
        return padded[indexes], padded[indexes + 1]
    return (
        exponential_bounds(histogram.schema, indexes - 1),
        exponential_bounds(histogram.schema, indexes),
    )


def negative_bounds(histogram: Histogram) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper bounds of the negative buckets: float64[bucket], going away from zero."""
    indexes = histogram.negative.indexes
    return (
        -exponential_bounds(histogram.schema, indexes),
        -exponential_bounds(histogram.schema, indexes - 1),
    )


@dataclass(frozen=True, slots=True, eq=False)
class BucketTable:
    """All buckets of a histogram from the lowest to the highest, the zero bucket among them.

    Attributes:
        lower, upper, counts: float64[bucket]; where a bucket overlaps the zero bucket its bound is
            the zero threshold.
        zero: Position of the zero bucket, -1 where there is none (its count is 0).
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    counts: NDArray[np.float64]
    zero: int


def all_buckets(histogram: Histogram) -> BucketTable:
    """All buckets in ascending order, also those with a count of 0."""
    has_zero = not histogram.is_custom and histogram.zero_count > 0
    lower, upper, zero = _all_bounds(
        histogram.schema,
        histogram.zero_threshold,
        histogram.positive.indexes.tobytes(),
        histogram.negative.indexes.tobytes(),
        histogram.custom_values.tobytes(),
        has_zero=has_zero,
    )
    negative = histogram.negative.counts
    if not has_zero and not len(negative):
        return BucketTable(lower, upper, histogram.positive.counts, zero)
    middle = [histogram.zero_count] if has_zero else []
    counts = np.concatenate([negative[::-1], middle, histogram.positive.counts])
    return BucketTable(lower, upper, counts, zero)


@lru_cache(maxsize=1024)
def _all_bounds(
    schema: int,
    threshold: float,
    positive: bytes,
    negative: bytes,
    custom_values: bytes,
    *,
    has_zero: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Lower and upper bounds of all buckets, and the place of the zero bucket or -1.

    Histograms of a series mostly share their layout, and bounds cost more than all else.
    """
    layout = Histogram(
        schema,
        0.0,
        0.0,
        positive=_empty(positive),
        negative=_empty(negative),
        custom_values=np.frombuffer(custom_values),
    )
    lower, upper = positive_bounds(layout)
    if layout.is_custom:
        return lower, upper, -1
    below, above = (bounds[::-1] for bounds in negative_bounds(layout))
    zero = [threshold] if has_zero else []
    return (
        np.concatenate([below, np.negative(zero), np.maximum(lower, threshold)]),
        np.concatenate([np.minimum(above, -threshold), zero, upper]),
        len(below) if has_zero else -1,
    )


def _empty(indexes: bytes) -> Buckets:
    places = np.frombuffer(indexes, dtype=np.int64)
    return Buckets(places, np.zeros(len(places)))


def reduced(buckets: Buckets, levels: int) -> Buckets:
    """Buckets of a schema that is `levels` lower (coarser), counts of merged ones added."""
    if levels == 0 or not len(buckets.indexes):
        return buckets
    targets = ((buckets.indexes - 1) >> levels) + 1
    starts = np.flatnonzero(np.diff(targets, prepend=targets[0] - 1))
    return Buckets(targets[starts], np.add.reduceat(buckets.counts, starts))

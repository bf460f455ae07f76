"""Sums, differences and multiples of native histograms (FloatHistogram's methods, 3.14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import NO_BUCKETS, Buckets, Histogram, ResetHint
from appliance.model.histogram_bounds import reduced
from appliance.promql.histograms.buckets import (
    aligned,
    beyond,
    dense,
    have_same_bounds,
    mapped,
    populated,
    shared_bounds,
)
from appliance.promql.histograms.zero_bucket import with_common_zero

if TYPE_CHECKING:
    from numpy.typing import NDArray


class IncompatibleSchemas(Exception):  # noqa: N818 - it is a kind of failure, as in base/errors
    """Histograms with exponential buckets and such with custom buckets do not go together."""

    def __init__(self) -> None:
        super().__init__(
            "cannot apply this operation on histograms with a mix of exponential and custom bucket"
            " schemas"
        )


@dataclass(frozen=True, slots=True)
class Combined:
    """What two histograms give.

    Attributes:
        has_collision: One follows a counter reset and the other does not (a warning).
        is_reconciled: Custom bounds differed and only shared ones are left (an info).
    """

    histogram: Histogram
    has_collision: bool
    is_reconciled: bool


def add(left: Histogram, right: Histogram) -> Combined:
    """The sum; may hold empty buckets.

    Raises:
        IncompatibleSchemas: One has custom buckets.
    """
    return _combined(left, right, 1.0)


def subtract(left: Histogram, right: Histogram) -> Combined:
    """The difference, with a reset hint as a sum has it; may hold empty buckets.

    The result of PromQL's `-`, rate and the like is a gauge: see `as_gauge`.

    Raises:
        IncompatibleSchemas: One has custom buckets.
    """
    return _combined(left, right, -1.0)


def as_gauge(histogram: Histogram) -> Histogram:
    """The same as a gauge."""
    return replace(histogram, reset_hint=ResetHint.GAUGE)


def scale(histogram: Histogram, factor: float) -> Histogram:
    """All counts and the sum multiplied; by a negative factor it becomes a gauge."""
    return _each(histogram, np.multiply, factor)


def divide(histogram: Histogram, divisor: float) -> Histogram:
    """All counts and the sum divided; by zero there are no buckets left."""
    if divisor == 0:
        histogram = replace(histogram, positive=NO_BUCKETS, negative=NO_BUCKETS)
    return _each(histogram, np.divide, divisor)


def negate(histogram: Histogram) -> Histogram:
    """Times -1, a gauge."""
    return scale(histogram, -1.0)


def compact(histogram: Histogram) -> Histogram:
    """Without empty buckets."""
    positive, negative = populated(histogram.positive), populated(histogram.negative)
    if positive is histogram.positive and negative is histogram.negative:
        return histogram
    return replace(histogram, positive=positive, negative=negative)


def equals(one: Histogram, other: Histogram) -> bool:
    """Whether all is the same, bit by bit, empty buckets too; reset hints do not count."""
    return (
        one.schema == other.schema
        and one.zero_threshold == other.zero_threshold
        and _bits(one) == _bits(other)
        and have_same_bounds(one, other)
        and _same_buckets(one.positive, other.positive)
        and _same_buckets(one.negative, other.negative)
    )


def copy_to_schema(histogram: Histogram, schema: int) -> Histogram:
    """With a lower (or the same) resolution.

    Args:
        histogram: With exponential buckets, unless the schema is its own.
        schema: At most its own.
    """
    levels = histogram.schema - schema
    if levels == 0:
        return histogram
    return replace(
        histogram,
        schema=schema,
        positive=reduced(histogram.positive, levels),
        negative=reduced(histogram.negative, levels),
    )


def combined_hint(left: ResetHint, right: ResetHint) -> tuple[ResetHint, bool]:
    """The reset hint of a sum, and whether RESET and NOT_RESET collide."""
    if left == right:
        return left, False
    hints = {left, right}
    if ResetHint.GAUGE in hints:
        return ResetHint.GAUGE, False
    return ResetHint.UNKNOWN, ResetHint.UNKNOWN not in hints


def on_common_layout(left: Histogram, right: Histogram) -> tuple[Histogram, Histogram]:
    """Exponential histograms with the same zero threshold and schema."""
    if left.zero_threshold != right.zero_threshold:
        left, right = with_common_zero(left, right)
    schema = min(left.schema, right.schema)
    return copy_to_schema(left, schema), copy_to_schema(right, schema)


def outer(histogram: Histogram) -> Histogram:
    """Without what lies in the histogram's own zero bucket, which Prometheus does not add."""
    schema, threshold = histogram.schema, histogram.zero_threshold
    positive = beyond(histogram.positive, schema, threshold)
    negative = beyond(histogram.negative, schema, threshold)
    if positive is histogram.positive and negative is histogram.negative:
        return histogram
    return replace(histogram, positive=positive, negative=negative)


def _combined(left: Histogram, right: Histogram, sign: float) -> Combined:
    if left.is_custom != right.is_custom:
        raise IncompatibleSchemas
    hint, has_collision = combined_hint(left.reset_hint, right.reset_hint)
    is_reconciled = left.is_custom and not have_same_bounds(left, right)
    if not left.is_custom:
        left, right = on_common_layout(left, right)
        right = outer(right)
    with np.errstate(invalid="ignore", over="ignore"):
        found = replace(
            left,
            count=left.count + sign * right.count,
            sum=left.sum + sign * right.sum,
            zero_count=left.zero_count + sign * right.zero_count,
            reset_hint=hint,
        )
        if is_reconciled:
            found = _with_shared_bounds(found, right, sign)
        else:
            found = replace(
                found,
                positive=_merged(left.positive, right.positive, sign),
                negative=_merged(left.negative, right.negative, sign),
            )
    return Combined(found, has_collision, is_reconciled)


def _merged(left: Buckets, right: Buckets, sign: float) -> Buckets:
    if not len(right.indexes):
        return left
    indexes, (ours, theirs) = aligned([left, right])
    return Buckets(indexes, ours + theirs if sign > 0 else ours - theirs)


def _with_shared_bounds(left: Histogram, right: Histogram, sign: float) -> Histogram:
    bounds = shared_bounds(left, right)
    counts = mapped(left.positive, left.custom_values, bounds)
    counts = counts + sign * mapped(right.positive, right.custom_values, bounds)
    return replace(left, custom_values=bounds, positive=populated(dense(counts)))


def _each(histogram: Histogram, operation: np.ufunc, operand: float) -> Histogram:
    totals = np.array([histogram.count, histogram.sum, histogram.zero_count])
    with np.errstate(all="ignore"):
        count, total, zero_count = operation(totals, operand).tolist()
        positive, negative = (
            Buckets(side.indexes, operation(side.counts, operand))
            for side in (histogram.positive, histogram.negative)
        )
    return replace(
        histogram,
        count=count,
        sum=total,
        zero_count=zero_count,
        positive=positive,
        negative=negative,
        reset_hint=ResetHint.GAUGE if operand < 0 else histogram.reset_hint,
    )


def _bits(histogram: Histogram) -> bytes:
    return np.array([histogram.count, histogram.sum, histogram.zero_count]).tobytes()


def _same_buckets(one: Buckets, other: Buckets) -> bool:
    return np.array_equal(one.indexes, other.indexes) and _same_bits(one.counts, other.counts)


def _same_bits(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return one.tobytes() == other.tobytes()

"""Sums and means of many native histograms, with compensated (Kahan-Neumaier) summation.

total = HistogramSum(first)
for histogram in others:
    total.add(histogram)
result = total.total()
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import NO_BUCKETS, Buckets, Histogram
from appliance.promql.histograms.arithmetic import (
    IncompatibleSchemas,
    combined_hint,
    copy_to_schema,
    divide,
    outer,
    scale,
)
from appliance.promql.histograms.buckets import (
    aligned,
    dense,
    have_same_bounds,
    mapped,
    shared_bounds,
)
from appliance.promql.histograms.zero_bucket import (
    common_threshold,
    widened_zero,
    with_zero_threshold,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class HistogramSum:
    """Adds up histograms.

    Attributes:
        has_collision: Some follow a counter reset and others do not (a warning).
        is_reconciled: Custom bounds differed and only shared ones are left (an info).
    """

    def __init__(self, first: Histogram) -> None:
        self.has_collision = False
        self.is_reconciled = False
        self._value = first
        self._error = _emptied(first)

    def add(self, other: Histogram) -> None:
        """Add one more.

        Raises:
            IncompatibleSchemas: Custom buckets meet exponential ones.
        """
        if self._value.is_custom != other.is_custom:
            raise IncompatibleSchemas
        hint, collides = combined_hint(self._value.reset_hint, other.reset_hint)
        self.has_collision |= collides
        if not other.is_custom:
            other = outer(self._on_common_layout(other))
        elif not have_same_bounds(self._value, other):
            self.is_reconciled = True
            other = self._on_shared_bounds(other)
        with np.errstate(invalid="ignore", over="ignore"):
            self._increase(other)
        self._value = replace(self._value, reset_hint=hint)

    def total(self) -> Histogram:
        """The sum; may hold empty buckets."""
        return _plus(self._value, self._error)

    def has_overflow(self) -> bool:
        """Whether any number is infinite."""
        value = self._value
        totals = [value.count, value.sum, value.zero_count]
        sides = [value.positive.counts, value.negative.counts]
        return bool(np.isinf(np.concatenate([totals, *sides])).any())

    def _increase(self, other: Histogram) -> None:
        self._value, self._error = _increased(self._value, self._error, other)

    def _on_common_layout(self, other: Histogram) -> Histogram:
        """Brings all to one zero threshold and schema."""
        value = self._value
        if value.zero_threshold == other.zero_threshold and value.schema == other.schema:
            return other
        threshold = common_threshold(value, other)
        schema = min(value.schema, other.schema)

        def change(histogram: Histogram) -> Histogram:
            return copy_to_schema(_widened(histogram, threshold), schema)

        if value.zero_threshold != threshold or value.schema != schema:
            self._value, self._error = _changed(value, self._error, change)
        return change(other)

    def _on_shared_bounds(self, other: Histogram) -> Histogram:
        bounds = shared_bounds(self._value, other)

        def change(histogram: Histogram) -> Histogram:
            counts = mapped(histogram.positive, histogram.custom_values, bounds)
            return replace(histogram, custom_values=bounds, positive=dense(counts))

        self._value, self._error = _changed(self._value, self._error, change)
        return change(other)


class HistogramMean:
    """The mean of histograms: their sum divided, or, once that overflows, a running mean.

    Attributes:
        has_collision, is_reconciled: As in HistogramSum.
    """

    def __init__(self, first: Histogram) -> None:
        self._sum = HistogramSum(first)
        self._count = 1
        self._is_running = False

    @property
    def has_collision(self) -> bool:
        """Some follow a counter reset and others do not."""
        return self._sum.has_collision

    @property
    def is_reconciled(self) -> bool:
        """Custom bounds differed."""
        return self._sum.is_reconciled

    def add(self, other: Histogram) -> None:
        """Add one more.

        Raises:
            IncompatibleSchemas: Custom buckets meet exponential ones.
        """
        self._count += 1
        if not self._is_running:
            before = self._sum._value, self._sum._error  # noqa: SLF001 - same module
            self._sum.add(other)
            if not self._sum.has_overflow():
                return
            self._is_running = True
            self._rescale(before, lambda item: divide(item, self._count - 1))
        now = self._sum._value, self._sum._error  # noqa: SLF001 - same module
        self._rescale(now, lambda item: scale(item, (self._count - 1) / self._count))
        self._sum.add(divide(other, self._count))

    def _rescale(
        self, parts: tuple[Histogram, Histogram], change: Callable[[Histogram], Histogram]
    ) -> None:
        self._sum._value, self._sum._error = map(change, parts)  # noqa: SLF001 - same module

    def mean(self) -> Histogram:
        """The mean; may hold empty buckets."""
        if self._is_running:
            return self._sum.total()
        parts = self._sum._value, self._sum._error  # noqa: SLF001 - same module
        return _plus(*(divide(item, self._count) for item in parts))


def kahan_add(increase: Floats, total: Floats, error: Floats) -> tuple[Floats, Floats]:
    """One step of Kahan's summation as Neumaier improved it, element by element.

    Returns:
        The new totals and errors; what was meant is their sum.
    """
    new = total + increase
    larger = np.abs(total) >= np.abs(increase)
    lost = np.where(larger, (total - new) + increase, (increase - new) + total)
    return new, np.where(np.isinf(new), 0.0, error + lost)


def _totals(histogram: Histogram) -> Floats:
    return np.array([histogram.count, histogram.sum, histogram.zero_count])


def _with(histogram: Histogram, totals: Floats, sides: Sequence[Buckets]) -> Histogram:
    count, total, zero_count = totals.tolist()
    return replace(
        histogram,
        count=count,
        sum=total,
        zero_count=zero_count,
        positive=sides[0],
        negative=sides[1],
    )


def _increased(value: Histogram, error: Histogram, other: Histogram) -> tuple[Histogram, Histogram]:
    """Value and error after another histogram of the same layout came in."""
    sums, errors = kahan_add(_totals(other), _totals(value), _totals(error))
    sides = [
        _kahan_side(*parts)
        for parts in (
            (other.positive, value.positive, error.positive),
            (other.negative, value.negative, error.negative),
        )
    ]
    return (
        _with(value, sums, [side[0] for side in sides]),
        _with(error, errors, [side[1] for side in sides]),
    )


def _changed(
    value: Histogram, error: Histogram, change: Callable[[Histogram], Histogram]
) -> tuple[Histogram, Histogram]:
    """Value and error in a coarser layout; buckets that become one are added with compensation."""
    base, *layers = (change(layer) for layer in _layers(value))
    found = base, _emptied(base)
    with np.errstate(invalid="ignore", over="ignore"):
        for layer in (*layers, change(error)):
            found = _increased(*found, layer)
    return found


def _layers(histogram: Histogram) -> Iterator[Histogram]:
    """The histogram in parts: all but the buckets, then each bucket."""
    yield replace(histogram, positive=NO_BUCKETS, negative=NO_BUCKETS)
    rest = _with(histogram, np.zeros(3), [NO_BUCKETS, NO_BUCKETS])
    for side in _single(histogram.positive):
        yield replace(rest, positive=side)
    for side in _single(histogram.negative):
        yield replace(rest, negative=side)


def _single(buckets: Buckets) -> Iterator[Buckets]:
    for place in range(len(buckets.indexes)):
        part = slice(place, place + 1)
        yield Buckets(buckets.indexes[part], buckets.counts[part])


def _kahan_side(other: Buckets, value: Buckets, error: Buckets) -> tuple[Buckets, Buckets]:
    indexes, (increase, total, missing) = aligned([other, value, error])
    sums, errors = kahan_add(increase, total, missing)
    return Buckets(indexes, sums), Buckets(indexes, errors)


def _emptied(histogram: Histogram) -> Histogram:
    """The same buckets with nothing in them."""
    positive, negative = (
        Buckets(side.indexes, np.zeros(len(side.indexes)))
        for side in (histogram.positive, histogram.negative)
    )
    return _with(histogram, np.zeros(3), [positive, negative])


def _plus(value: Histogram, error: Histogram) -> Histogram:
    indexes = [aligned(sides) for sides in _pairs(value, error)]
    with np.errstate(invalid="ignore", over="ignore"):
        sides = [Buckets(places, counts + lost) for places, (counts, lost) in indexes]
        return _with(value, _totals(value) + _totals(error), sides)


def _pairs(value: Histogram, error: Histogram) -> list[list[Buckets]]:
    return [[value.positive, error.positive], [value.negative, error.negative]]


def _widened(histogram: Histogram, threshold: float) -> Histogram:
    """With everything up to a threshold in the zero bucket."""
    if histogram.zero_threshold == threshold:
        return histogram
    return with_zero_threshold(histogram, threshold, widened_zero(histogram, threshold)[0])

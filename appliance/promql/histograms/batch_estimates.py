"""Estimates from many native histograms of one layout at once: quantiles, fractions, variances.

The same as `quantile`, one histogram at a time; where a histogram is odd (no bucket reaches the
rank, counts are negative, a result is not finite) it is asked there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import CUSTOM_SCHEMA, Buckets, Histogram
from appliance.model.histogram_batch import COUNT, SUM, TOTALS, ZERO
from appliance.model.histogram_bounds import all_buckets
from appliance.promql.histograms.batching import is_outside_zero
from appliance.promql.histograms.quantile import fraction, quantile, share_below, variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.histogram_batch import HistogramBatch

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """One number per histogram.

    Attributes:
        values: float64[histogram].
        has_nans: bool[histogram], as in `quantile.Estimate`.
    """

    values: Floats
    has_nans: Mask

    @classmethod
    def of(cls, count: int) -> Estimates:
        """All NaN."""
        return cls(np.full(count, np.nan), np.zeros(count, dtype=np.bool_))

    def put(self, rows: NDArray[np.intp], values: Floats, has_nans: Mask) -> None:
        """Set some."""
        self.values[rows] = values
        self.has_nans[rows] = has_nans


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """All buckets in ascending order.

    Attributes:
        lower, upper: float64[bucket].
        counts: float64[histogram, bucket].
        exists: bool[histogram, bucket]; has_positive, has_negative: bool[histogram].
        totals: float64[histogram], the histograms' counts; is_nan: whether their sums are NaN.
    """

    is_custom: bool
    lower: Floats
    upper: Floats
    counts: Floats
    exists: Mask
    has_positive: Mask
    has_negative: Mask
    totals: Floats
    is_nan: Mask

    @classmethod
    def of(cls, batch: HistogramBatch) -> _Table:
        is_custom = batch.schema == CUSTOM_SCHEMA
        layout = Histogram(
            batch.schema,
            1.0,
            0.0,
            batch.zero_threshold,
            0.0 if is_custom else 1.0,
            _unfilled(batch.positive),
            _unfilled(batch.negative),
            batch.custom_values,
        )
        bounds = all_buckets(layout)
        numbers, exists = batch.numbers, batch.existing
        middle = len(batch.positive)
        sides = [numbers[:, TOTALS + middle :][:, ::-1], numbers[:, TOTALS : TOTALS + middle]]
        there = [exists[:, middle:][:, ::-1], exists[:, :middle]]
        if not is_custom:
            zero = numbers[:, ZERO : ZERO + 1]
            there.insert(1, zero > 0)
            sides.insert(1, np.where(zero > 0, zero, 0.0))
        return cls(
            is_custom,
            bounds.lower,
            bounds.upper,
            np.concatenate(sides, axis=1),
            np.concatenate(there, axis=1),
            _any(exists[:, :middle]),
            _any(exists[:, middle:]),
            numbers[:, COUNT],
            np.isnan(numbers[:, SUM]),
        )

    def below(self, sums: Floats, values: Floats, known: Floats) -> Floats:
        """How many observations lie below a value: float64[histogram].

        Args:
            sums: float64[histogram, bucket], cumulated counts.
            values: float64[histogram].
            known: float64[histogram], the answer where all buckets end below.
        """
        found = known.copy()
        if not sums.shape[1]:
            return found
        last = self.exists.shape[1] - 1 - np.argmax(self.exists[:, ::-1], axis=1)
        last = np.where(_any(self.exists), last, -1)
        kinds = self.has_positive * 2 + self.has_negative
        for kind, value in {*zip(kinds.tolist(), values.tolist(), strict=True)}:
            lower, upper = self._bounds(kind)
            hits = np.flatnonzero((lower >= value) | (upper > value))
            if len(hits):
                place = int(hits[0])
                rows = np.flatnonzero((kinds == kind) & (values == value) & (last >= place))
                found[rows] = self._reached(sums, rows, (place, value, lower[place], upper[place]))
        return found

    def _bounds(self, kind: int) -> tuple[Floats, Floats]:
        """Bounds when there are positive buckets only (2), negative ones (1), both or none."""
        is_zero = (self.lower <= 0) & (self.upper >= 0)
        lower = np.where(is_zero, 0.0, self.lower) if kind == 2 else self.lower
        upper = np.where(is_zero, 0.0, self.upper) if kind == 1 else self.upper
        return lower, upper

    def _reached(
        self, sums: Floats, rows: NDArray[np.intp], spot: tuple[int, float, float, float]
    ) -> Floats:
        place, value, lower, upper = spot
        before: Floats = sums[rows, place - 1] if place else np.zeros(len(rows))
        if lower >= value:
            return before
        held: Floats = self.counts[rows, place]
        is_zero = self.lower[place] <= 0 <= self.upper[place]
        if not self.is_custom and not is_zero:
            return np.where(held != 0, before + held * share_below(lower, upper, value), before)
        if lower == -math.inf:
            return held
        return np.where(held != 0, before + held * (value - lower) / (upper - lower), before)


def _any(marks: Mask) -> Mask:
    """bool[histogram], whether any bucket is marked: bool[histogram, bucket]."""
    found: Mask = np.logical_or.reduce(marks, axis=1)
    return found


def _unfilled(indexes: NDArray[np.int64]) -> Buckets:
    return Buckets(indexes, np.zeros(len(indexes)))


def batch_quantiles(batch: HistogramBatch, ranks: Floats) -> Estimates:
    """`quantile` of each histogram; ranks: float64[histogram]."""
    found = Estimates.of(len(batch))
    found.values[ranks < 0] = -math.inf
    found.values[ranks > 1] = math.inf
    asked = (ranks >= 0) & (ranks <= 1) & (batch.numbers[:, COUNT] != 0)
    forward = np.isnan(batch.numbers[:, SUM]) | (ranks < 0.5)
    for is_forward in (True, False):
        rows = np.flatnonzero(asked & (forward == is_forward))
        if len(rows):
            whole = len(rows) == len(batch)
            part = batch if whole else batch.take(rows)
            values, has_nans = _quantiles(part, ranks[rows], forward=is_forward)
            found.put(rows, values, has_nans)
    return found


def _quantiles(batch: HistogramBatch, parts: Floats, *, forward: bool) -> tuple[Floats, Mask]:
    table = _Table.of(batch)
    order = slice(None) if forward else slice(None, None, -1)
    with np.errstate(all="ignore"):
        ranks = (parts if forward else 1 - parts) * table.totals
        counts = table.counts[:, order]
        reached = np.cumsum(counts, axis=1)
        hits = (reached >= ranks[:, np.newaxis]) & (counts != 0)
        known = _any(hits)
        values, has_nans = np.full(len(batch), np.nan), np.zeros(len(batch), dtype=np.bool_)
        rows = np.flatnonzero(known)
        if len(rows):
            places = np.argmax(hits[rows], axis=1)
            spots = _Spots(
                ranks[rows],
                table.lower[order][places],
                table.upper[order][places],
                counts[rows, places],
                reached[rows, places],
            )
            values[rows], is_exact = spots.values(table, rows, forward=forward)
            lacks = reached[rows, -1] < table.totals[rows]
            has_nans[rows] = table.is_nan[rows] & lacks & ~is_exact
    for row in np.flatnonzero(~known).tolist():
        one = batch.take(np.array([row])).rows()[0]
        values[row], has_nans[row] = quantile(one, float(parts[row]))
    return values, has_nans


@dataclass(frozen=True, slots=True, eq=False)
class _Spots:
    """The bucket of each histogram in which its rank lies: float64[histogram] all.

    Attributes:
        held, reached: Observations in that bucket, and up to its end.
    """

    ranks: Floats
    lower: Floats
    upper: Floats
    held: Floats
    reached: Floats

    def values(
        self, table: _Table, rows: NDArray[np.intp], *, forward: bool
    ) -> tuple[Floats, Mask]:
        """The values, and which are a bound of the lowest or highest custom bucket."""
        lower, upper, totals = self.lower, self.upper, table.totals[rows]
        endless, open_above = lower == -math.inf, upper == math.inf
        if table.is_custom:
            lower = np.where(endless, 0.0, lower)
        else:
            is_zero = (lower < 0) & (upper > 0)
            positive, negative = table.has_positive[rows], table.has_negative[rows]
            lower = np.where(is_zero & positive & ~negative, 0.0, lower)
            upper = np.where(is_zero & negative & ~positive, 0.0, upper)
        count = np.where(totals < self.reached, totals, self.reached)
        rank = self.ranks - (count - self.held) if forward else count - self.ranks
        found = _inside(lower, upper, rank / self.held, is_custom=table.is_custom)
        short = np.where(table.is_nan[rows], np.nan, upper)
        found = np.where(count < self.ranks, short, found)
        if not table.is_custom:
            return found, np.zeros(len(rows), dtype=np.bool_)
        lowest, highest = endless & (upper <= 0), ~endless & open_above
        found = np.where(lowest, upper, np.where(highest, lower, found))
        return found, lowest | highest


def _inside(lower: Floats, upper: Floats, share: Floats, *, is_custom: bool) -> Floats:
    """The values that have a share of a bucket's observations below them."""
    linear: Floats = lower + (upper - lower) * share
    if is_custom:
        return linear
    low, high = np.log2(np.abs(lower)), np.log2(np.abs(upper))
    above = np.exp2(low + (high - low) * share)
    below = -np.exp2(high + (low - high) * (1 - share))
    return np.where((lower <= 0) & (upper >= 0), linear, np.where(lower > 0, above, below))


def batch_fractions(batch: HistogramBatch, lower: Floats, upper: Floats) -> Estimates:
    """`fraction` of each histogram; bounds: float64[histogram]."""
    found = Estimates.of(len(batch))
    totals = batch.numbers[:, COUNT]
    valid = (totals != 0) & ~np.isnan(lower) & ~np.isnan(upper)
    found.values[valid & (lower >= upper)] = 0.0
    rows = np.flatnonzero(valid & (lower < upper))
    if not len(rows):
        return found
    if not is_outside_zero(batch):
        for row, one in enumerate(batch.rows()):
            estimate = fraction(one, float(lower[row]), float(upper[row]))
            found.values[row], found.has_nans[row] = estimate
        return found
    table = _Table.of(batch.take(rows))
    with np.errstate(all="ignore"):
        sums = np.cumsum(table.counts, axis=1)
        known = table.totals
        if sums.shape[1]:
            known = np.where(table.is_nan, sums[:, -1], known)
        else:
            known = np.where(table.is_nan, 0.0, known)
        low, high = (
            np.where(known < below, known, below)
            for below in (
                table.below(sums, lower[rows], known),
                table.below(sums, upper[rows], known),
            )
        )
        found.put(rows, (high - low) / table.totals, table.is_nan & (known < table.totals))
    return found


def batch_variances(batch: HistogramBatch) -> Floats:
    """`variance` of each histogram."""
    table = _Table.of(batch)
    with np.errstate(all="ignore"):
        means = batch.numbers[:, SUM] / table.totals
        if table.is_custom:
            middles = (table.upper + table.lower) / 2
        else:
            middles = np.where(table.upper < 0, -1.0, 1.0) * np.sqrt(table.upper * table.lower)
            middles = np.where((table.lower <= 0) & (table.upper >= 0), 0.0, middles)
        away = middles - means[:, np.newaxis]
        squares = np.where(table.counts != 0, table.counts * away * away, 0.0)
        found: Floats = squares.sum(axis=1) / table.totals
        odd = ~np.isfinite(found) | _any(table.counts < 0)
    for row in np.flatnonzero(odd).tolist():
        found[row] = variance(batch.take(np.array([row])).rows()[0])
    return found

"""histogram_over_time and quantile_over_time: buckets by powers of two, and quantiles of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.ast import MetricsOp
from appliance.traceql.metrics.functions import Grouping
from appliance.traceql.metrics.groups import compact
from appliance.traceql.metrics.measure import log2_exponents, measure
from appliance.traceql.metrics.quantile import log2_quantiles
from appliance.traceql.metrics.series import Cells, SeriesMatrix
from appliance.traceql.static import Static, Type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.traceql.ast import Field, MetricsAggregate
    from appliance.traceql.block import Block
    from appliance.traceql.metrics.exemplars import Exemplars
    from appliance.traceql.metrics.labels import Labels
    from appliance.traceql.metrics.steps import Steps

BUCKET = "__bucket"
QUANTILE = "p"

#: Smaller numbers are in no bucket.
_LEAST = 2

#: Buckets of plain numbers are 2 ** 0 to 2 ** 64, those of durations follow, in seconds.
_EXPONENTS = 65
_BOUNDS = np.concatenate([np.exp2(np.arange(_EXPONENTS)), np.exp2(np.arange(_EXPONENTS)) / 1e9])


class Histogram:
    """Spans of each series by buckets.

    Whole numbers and durations count, from 2 up, the latter in nanoseconds; other spans are in no
    series. A bucket's label is its upper bound, that of a duration in seconds.
    """

    def __init__(self, aggregate: MetricsAggregate, steps: Steps, guard: Guard) -> None:
        if aggregate.of is None:
            raise TypeError("the function has a field")
        self._aggregate = aggregate
        self._grouping = Grouping(aggregate, guard, may_be_bare=True)
        self._guard = guard
        self._cells = Cells(steps.count, guard)
        self._numbers: dict[int, int] = {}

    def observe(
        self, block: Block, rows: NDArray[np.int64], steps: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Count spans in buckets."""
        result = np.full(len(rows), -1, dtype=np.int64)
        counted, buckets = self._buckets(block, rows)
        groups = self._grouping.series_of(block, rows[counted])
        if self._grouping.numbers.is_full:
            known = groups >= 0
            counted, buckets, groups = counted[known], buckets[known], groups[known]
        if not len(counted):
            return result
        codes, keys = compact(groups * len(_BOUNDS) + buckets, int(groups.max() + 1) * len(_BOUNDS))
        series = self._series(keys)[codes]
        self._cells.add(len(self._numbers), series * self._cells.steps + steps[counted], None)
        result[counted] = groups if self._aggregate.op is MetricsOp.QUANTILE else series
        return result

    def _buckets(
        self, block: Block, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions of the rows that count, and the bucket of each."""
        measured = measure(block, self._field, rows)
        is_duration = measured.of_type(Type.DURATION)
        is_big = measured.values >= _LEAST
        counted = np.flatnonzero((is_duration | measured.of_type(Type.INT)) & is_big)
        exponents = log2_exponents(measured.values[counted])
        return counted, exponents + np.where(is_duration[counted], _EXPONENTS, 0)

    @property
    def _field(self) -> Field:
        """What is measured."""
        if self._aggregate.of is None:
            raise TypeError("the function has a field")
        return self._aggregate.of

    def _series(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of groups' buckets, `group * len(_BOUNDS) + bucket`."""
        before = len(self._numbers)
        found = [self._numbers.setdefault(key, len(self._numbers)) for key in keys.tolist()]
        self._guard.add_series(len(self._numbers) - before)
        return np.array(found, dtype=np.int64)

    def result(self, exemplars: Exemplars) -> SeriesMatrix:
        """A series for each bucket, or for each quantile."""
        if self._aggregate.op is MetricsOp.QUANTILE:
            return self._quantiles(exemplars)
        labels = [self._bucket_labels(*divmod(key, len(_BOUNDS))) for key in self._numbers]
        values = self._cells.matrix(len(labels))
        return SeriesMatrix(
            labels, values, exemplars.by_series(len(labels)), self._grouping.numbers.is_full
        )

    def _bucket_labels(self, group: int, bucket: int) -> Labels:
        """The labels of a bucket's series."""
        bound = Static(Type.FLOAT, float(_BOUNDS[bucket]))
        return (*self._grouping.numbers.labels[group], (BUCKET, bound))

    def _quantiles(self, exemplars: Exemplars) -> SeriesMatrix:
        """Series of quantiles, in the order of groups."""
        groups = self._grouping.numbers.labels
        keys = np.fromiter(self._numbers, dtype=np.int64, count=len(self._numbers))
        group_of, buckets = np.divmod(keys, len(_BOUNDS))
        counts = self._cells.matrix(len(keys))
        quantiles = self._aggregate.quantiles
        self._guard.add_samples(len(groups) * len(quantiles) * self._cells.steps)
        values = np.empty((len(groups) * len(quantiles), self._cells.steps))
        ordered = np.lexsort((_BOUNDS[buckets], group_of))
        ends = np.cumsum(np.bincount(group_of, minlength=len(groups))).tolist()
        for group, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
            self._guard.check()
            rows = ordered[begin:end]
            first = group * len(quantiles)
            values[first : first + len(quantiles)] = log2_quantiles(
                counts[rows], _BOUNDS[buckets[rows]], quantiles
            )
        labels = [
            (*label, (QUANTILE, Static(Type.FLOAT, float(quantile))))
            for label in groups
            for quantile in quantiles
        ]
        overall = self._overall(counts, buckets)
        chosen = exemplars.by_nearest(len(groups), overall)
        return SeriesMatrix(labels, values, chosen, self._grouping.numbers.is_full)

    def _overall(
        self, counts: NDArray[np.float64], buckets: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """float64[quantile]: the quantiles of all spans of all series."""
        totals = np.zeros(len(_BOUNDS))
        np.add.at(totals, buckets, counts.sum(axis=1))
        order = np.argsort(_BOUNDS, kind="stable")
        quantiles = self._aggregate.quantiles
        return log2_quantiles(totals[order][:, None], _BOUNDS[order], quantiles)[:, 0]

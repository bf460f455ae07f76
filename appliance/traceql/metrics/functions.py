"""The functions of the first stage: spans become series, block by block.

Every function keeps numbers per series and step; a block adds its spans with a few operations on
arrays. Results do not depend on the order of blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from appliance.traceql.ast import MetricsOp
from appliance.traceql.metrics.groups import Values, field_coding, grouped
from appliance.traceql.metrics.labels import NAME, expressible, group_labels
from appliance.traceql.metrics.measure import in_seconds
from appliance.traceql.metrics.series import Cells, SeriesMatrix, SeriesNumbers
from appliance.traceql.printer import print_node
from appliance.traceql.static import NIL, Static, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.traceql.ast import MetricsAggregate
    from appliance.traceql.block import Block
    from appliance.traceql.metrics.exemplars import Exemplars
    from appliance.traceql.metrics.labels import Labels
    from appliance.traceql.metrics.steps import Steps


class FirstStage(Protocol):
    """Makes series of spans."""

    def observe(
        self, block: Block, rows: NDArray[np.int64], steps: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Take spans of a block in.

        Args:
            rows, steps: The spans and the step of each.

        Returns:
            int64[row]: the series of each; -1 for spans that are in none.
        """
        ...

    def result(self, exemplars: Exemplars) -> SeriesMatrix:
        """The series of all spans so far, with the exemplars collected beside them."""
        ...


class Grouping:
    """The series that spans belong to by the fields of `by (…)`.

    Args:
        may_be_bare: Whether a series may be without labels here, as it gets another one later.
    """

    def __init__(
        self, aggregate: MetricsAggregate, guard: Guard, *, may_be_bare: bool = False
    ) -> None:
        self.fields = aggregate.by
        self.names = [print_node(field) for field in aggregate.by]
        self.numbers = SeriesNumbers(guard)
        self._name = Static(Type.STRING, aggregate.op.value)
        self._may_be_bare = may_be_bare
        self._values = [Values() for _ in aggregate.by]
        self._known: dict[tuple[int, ...], int] = {}

    def series_of(self, block: Block, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64[row]; -1 for series that are not counted any more."""
        codings = [field_coding(block, field, rows) for field in self.fields]
        groups = grouped(codings, len(rows))
        is_full = self.numbers.is_full
        parts = [
            values.numbers(coding.values, only_known=is_full)[part].tolist()
            for values, coding, part in zip(self._values, codings, groups.parts, strict=True)
        ]
        keys = zip(*parts, strict=True) if parts else [()] * groups.count
        series = np.fromiter(map(self._series, keys), dtype=np.int64, count=groups.count)
        return series[groups.codes]

    def _series(self, key: tuple[int, ...]) -> int:
        """The series of values by number."""
        series = self._known.get(key)
        if series is not None:
            return series
        if -1 in key:  # a value that came after the last series that is counted
            return -1
        values = zip(self._values, key, strict=True)
        series = self.numbers.number(self.labels([of.statics[number] for of, number in values]))
        if series >= 0:
            self._known[key] = series
        return series

    def labels(self, values: Sequence[Static]) -> Labels:
        """The labels of a group; there always is one, for nothing but nils if need be."""
        labels = group_labels(self.names, values)
        if labels or self._may_be_bare:
            return labels
        return ((self.names[0], expressible(NIL)),) if self.names else ((NAME, self._name),)

    def ensure_one(self) -> None:
        """Without `by (…)` there is a series even when no span has come."""
        if not self.names:
            self.numbers.number(self.labels(()))


class Counting:
    """rate and count_over_time; a step without spans has a zero."""

    def __init__(self, aggregate: MetricsAggregate, steps: Steps, guard: Guard) -> None:
        self._grouping = Grouping(aggregate, guard)
        self._cells = Cells(steps.count, guard)
        self._factor = 1e9 / steps.step_ns if aggregate.op is MetricsOp.RATE else 1.0

    def observe(
        self, block: Block, rows: NDArray[np.int64], steps: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Count spans."""
        series = self._grouping.series_of(block, rows)
        cells = series * self._cells.steps + steps
        known = cells[series >= 0] if self._grouping.numbers.is_full else cells
        self._cells.add(len(self._grouping.numbers), known, None)
        return series

    def result(self, exemplars: Exemplars) -> SeriesMatrix:
        """Counts, or counts by second."""
        self._grouping.ensure_one()
        numbers = self._grouping.numbers
        values = self._cells.matrix(len(numbers)) * self._factor
        return SeriesMatrix(
            numbers.labels, values, exemplars.by_series(len(numbers)), numbers.is_full
        )


class OverTime:
    """min, max, sum and avg of a field; a step without numbers has no point."""

    def __init__(self, aggregate: MetricsAggregate, steps: Steps, guard: Guard) -> None:
        if aggregate.of is None:
            raise TypeError("the function has a field")
        self._field = aggregate.of
        self._op = aggregate.op
        self._grouping = Grouping(aggregate, guard)
        fill = 0.0 if aggregate.op in {MetricsOp.SUM, MetricsOp.AVG} else np.nan
        self._cells = Cells(steps.count, guard, fill)
        self._counts = Cells(steps.count, guard)

    def observe(
        self, block: Block, rows: NDArray[np.int64], steps: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Take numbers in; spans without one are in no series."""
        values = in_seconds(block, self._field, rows)
        series = np.full(len(rows), -1, dtype=np.int64)
        present = np.flatnonzero(~np.isnan(values))
        series[present] = self._grouping.series_of(block, rows[present])
        if self._grouping.numbers.is_full:
            present = present[series[present] >= 0]
        cells = series[present] * self._cells.steps + steps[present]
        self._take_in(cells, values[present])
        return series

    def _take_in(self, cells: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Merge numbers into their cells."""
        count = len(self._grouping.numbers)
        match self._op:
            case MetricsOp.MIN:
                np.fmin.at(self._cells.grow(count), cells, values)
            case MetricsOp.MAX:
                np.fmax.at(self._cells.grow(count), cells, values)
            case _:
                self._cells.add(count, cells, values)
                self._counts.add(count, cells, None)

    def result(self, exemplars: Exemplars) -> SeriesMatrix:
        """One number of each step."""
        numbers = self._grouping.numbers
        values = self._cells.matrix(len(numbers)).copy()
        if self._op in {MetricsOp.SUM, MetricsOp.AVG}:
            counts = self._counts.matrix(len(numbers))
            values[counts == 0] = np.nan
            if self._op is MetricsOp.AVG:
                values /= np.maximum(counts, 1.0)
        return SeriesMatrix(
            numbers.labels, values, exemplars.by_series(len(numbers)), numbers.is_full
        )

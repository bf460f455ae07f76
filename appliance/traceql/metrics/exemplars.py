"""Exemplars: spans that stand for points of series.

A query has at most so many, spread over its range: the range is cut into half as many slots, and
each slot has at most two, of different traces. A trace gives one.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.ast import Intrinsic, IntrinsicField, MetricsAggregate, MetricsOp
from appliance.traceql.expressions.values import statics_of
from appliance.traceql.fields import field_column
from appliance.traceql.metrics.labels import expressible
from appliance.traceql.metrics.measure import in_seconds
from appliance.traceql.metrics.mentioned import mentioned_fields
from appliance.traceql.printer import print_node
from appliance.traceql.results import SpanExemplar
from appliance.traceql.static import Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.ast import Field, MetricsPipeline
    from appliance.traceql.block import Block
    from appliance.traceql.metrics.steps import Steps

#: More are not given, whatever a query asks for.
MOST_EXEMPLARS = 100

_PER_SLOT = 2
_WITH_VALUE = {MetricsOp.MIN, MetricsOp.MAX, MetricsOp.SUM, MetricsOp.AVG, MetricsOp.QUANTILE}
_ALWAYS_SHOWN: tuple[Field, ...] = (
    IntrinsicField(Intrinsic.TRACE_ID, text="trace:id"),
    IntrinsicField(Intrinsic.SPAN_ID, text="span:id"),
    IntrinsicField(Intrinsic.ROOT_SERVICE, text="rootServiceName"),
    IntrinsicField(Intrinsic.ROOT_NAME, text="rootName"),
    IntrinsicField(Intrinsic.DURATION, text="duration"),
)


class Exemplars:
    """Exemplars of one first stage.

    Args:
        limit: How many at most; 0 for none.
        steps: The query's intervals.
        pipeline: What the query mentions is what exemplars show.
    """

    def __init__(self, limit: int, steps: Steps, pipeline: MetricsPipeline) -> None:
        self._limit = min(limit, MOST_EXEMPLARS)
        slots = max(self._limit // _PER_SLOT, 1)
        self._origin_ns = steps.origin_ns
        self._width_ns = -(-(steps.end_ns - steps.origin_ns) // slots)
        self._free = np.full(slots, _PER_SLOT)
        self._first = pipeline.first
        self._fields = _shown_fields(pipeline)
        self._traces: set[bytes] = set()
        self._found: list[tuple[int, SpanExemplar]] = []

    @property
    def is_wanted(self) -> bool:
        """Whether another one may be taken."""
        return len(self._found) < self._limit

    def observe(self, block: Block, rows: NDArray[np.int64], series: NDArray[np.int64]) -> None:
        """Choose some of the spans that were counted.

        Args:
            rows, series: The spans and the series of each, -1 for none.
        """
        if not self.is_wanted:
            return
        counted = np.flatnonzero(series >= 0)
        chosen = counted[self._choose(block, rows[counted])]
        if not len(chosen):
            return
        exemplars = self._exemplars(block, rows[chosen])
        self._found += zip(series[chosen].tolist(), exemplars, strict=True)

    def _choose(self, block: Block, rows: NDArray[np.int64]) -> list[int]:
        """Positions of spans that are taken, whatever their values."""
        slots = (block.columns.numbers("start_ns")[rows] - self._origin_ns - 1) // self._width_ns
        open_rows = np.flatnonzero(self._free[slots] > 0)
        _, first = np.unique(block.trace_of[rows[open_rows]], return_index=True)
        candidates = open_rows[first]
        order = candidates[np.argsort(_shuffled(block, rows[candidates]), kind="stable")]
        chosen: list[int] = []
        for slot, positions in _by_slot(slots[order], order):
            taken = self._take(block, rows, positions[: 8 * _PER_SLOT], int(self._free[slot]))
            self._free[slot] -= len(taken)
            chosen += taken
        return chosen[: self._limit - len(self._found)]

    def _take(
        self, block: Block, rows: NDArray[np.int64], positions: NDArray[np.int64], most: int
    ) -> list[int]:
        """Up to `most` of some positions, of traces that have not given one yet."""
        taken: list[int] = []
        for position in positions.tolist():
            trace = block.traces.ids[block.trace_of[rows[position]]].tobytes()
            if len(taken) < most and trace not in self._traces:
                self._traces.add(trace)
                taken.append(position)
        return taken

    def _exemplars(self, block: Block, rows: NDArray[np.int64]) -> list[SpanExemplar]:
        """Exemplars of spans."""
        starts = block.columns.numbers("start_ns")[rows].tolist()
        names = [print_node(field) for field in self._fields]
        columns = [statics_of(field_column(field, block), rows) for field in self._fields]
        labels = [
            [
                (name, expressible(value))
                for name, value in zip(names, values, strict=True)
                if value.type is not Type.NIL
            ]
            for values in zip(*columns, strict=True)
        ]
        values = self._values(block, rows)
        return [SpanExemplar(*parts) for parts in zip(labels, values, starts, strict=True)]

    def _values(self, block: Block, rows: NDArray[np.int64]) -> list[float]:
        """What was measured; NaN where the point of the series is the value."""
        first = self._first
        if not isinstance(first, MetricsAggregate) or first.of is None:
            return [np.nan] * len(rows)
        if first.op not in _WITH_VALUE:
            return [np.nan] * len(rows)
        values: list[float] = in_seconds(block, first.of, rows).tolist()
        return values

    def by_series(self, count: int) -> Sequence[Sequence[SpanExemplar]]:
        """The exemplars of each of `count` series; nothing when there are none at all."""
        if not self._found:
            return ()
        by_number: defaultdict[int, list[SpanExemplar]] = defaultdict(list)
        for number, exemplar in self._found:
            by_number[number].append(exemplar)
        return [by_number[number] for number in range(count)]

    def by_nearest(
        self, count: int, values: NDArray[np.float64]
    ) -> Sequence[Sequence[SpanExemplar]]:
        """Exemplars of `count` series, each beside the value next to its own: [series * value]."""
        groups = self.by_series(count)
        if not groups:
            return ()
        lists: list[list[SpanExemplar]] = [[] for _ in range(count * len(values))]
        for number, exemplars in enumerate(groups):
            for exemplar in exemplars:
                nearest = int(np.argmin(np.abs(values - exemplar.value)))
                lists[number * len(values) + nearest].append(exemplar)
        return lists


def _by_slot(
    slots: NDArray[np.int64], positions: NDArray[np.int64]
) -> list[tuple[int, NDArray[np.int64]]]:
    """Positions of each slot, in their order."""
    order = np.argsort(slots, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(slots[order])) + 1)
    return [(int(slots[part[0]]), positions[part]) for part in parts if len(part)]


def _shuffled(block: Block, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Numbers without a pattern, always the same for the same span."""
    ids = block.columns.numbers("span_id")[rows].astype(np.uint64)
    return ids * np.uint64(0x9E3779B97F4A7C15)


def _shown_fields(pipeline: MetricsPipeline) -> list[Field]:
    """What an exemplar shows: what tells its trace and span, then what the query speaks of."""
    shown = {print_node(field): field for field in _ALWAYS_SHOWN}
    for field in mentioned_fields(pipeline):
        shown.setdefault(print_node(field), field)
    return list(shown.values())

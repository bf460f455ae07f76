"""The parts of a metrics query that read spans: a pipeline and the function after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.ast import Compare, Intrinsic, IntrinsicField, MetricsOp, SpansetFilter
from appliance.traceql.expressions.evaluate import matching
from appliance.traceql.metrics.compare.comparison import Comparison
from appliance.traceql.metrics.exemplars import Exemplars
from appliance.traceql.metrics.functions import Counting, OverTime
from appliance.traceql.metrics.histogram import Histogram
from appliance.traceql.metrics.mentioned import mentioned_fields
from appliance.traceql.pipeline.fetching import fetched_rows
from appliance.traceql.pipeline.run import run_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.traceql.ast import MetricsPipeline, Pipeline
    from appliance.traceql.block import Block
    from appliance.traceql.metrics.functions import FirstStage
    from appliance.traceql.metrics.series import SeriesMatrix
    from appliance.traceql.metrics.steps import Steps


_OF_TRACES = {
    Intrinsic.TRACE_DURATION,
    Intrinsic.ROOT_NAME,
    Intrinsic.ROOT_SERVICE,
    Intrinsic.CHILD_COUNT,
    Intrinsic.NESTED_SET_LEFT,
    Intrinsic.NESTED_SET_RIGHT,
    Intrinsic.NESTED_SET_PARENT,
    Intrinsic.PARENT,
}


class Leaf:
    """A function and what it has counted so far.

    Attributes:
        pipeline: Which spans it counts.
        stage: Counts them.
        exemplars: Those chosen so far.
    """

    def __init__(self, node: MetricsPipeline, steps: Steps, exemplars: int, guard: Guard) -> None:
        self.pipeline = node.pipeline
        self.stage = _stage(node, steps, guard)
        self.exemplars = Exemplars(exemplars, steps, node)

    def result(self) -> SeriesMatrix:
        """The series of all spans so far."""
        return self.stage.result(self.exemplars)


def _stage(node: MetricsPipeline, steps: Steps, guard: Guard) -> FirstStage:
    """The function of a leaf."""
    if isinstance(node.first, Compare):
        return Comparison(node.first, node.pipeline, steps, guard)
    match node.first.op:
        case MetricsOp.RATE | MetricsOp.COUNT:
            return Counting(node.first, steps, guard)
        case MetricsOp.QUANTILE | MetricsOp.HISTOGRAM:
            return Histogram(node.first, steps, guard)
        case _:
            return OverTime(node.first, steps, guard)


def observe_block(block: Block, leaves: Iterable[Leaf], steps: Steps) -> None:
    """Show a block to all leaves; a pipeline that several have runs once."""
    starts = block.columns.numbers("start_ns")
    in_range = steps.contains(starts)
    if not in_range.any():
        return
    rows_of: dict[Pipeline, NDArray[np.int64]] = {}
    for leaf in leaves:
        rows = rows_of.get(leaf.pipeline)
        if rows is None:
            rows = rows_of[leaf.pipeline] = _rows(leaf.pipeline, block, in_range)
        if len(rows):
            series = leaf.stage.observe(block, rows, steps.numbers(starts[rows]))
            leaf.exemplars.observe(block, rows, series)


def _only_filter(pipeline: Pipeline) -> SpansetFilter | None:
    """The filter that is all of a pipeline."""
    only = pipeline.elements[0] if len(pipeline.elements) == 1 else None
    return only if isinstance(only, SpansetFilter) else None


def _rows(pipeline: Pipeline, block: Block, in_range: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Spans of the pipeline's spansets that start in the range; one may be in several sets."""
    only = _only_filter(pipeline)
    if only is None:
        rows = run_pipeline(pipeline, block).rows
        return rows[in_range[rows]]
    kept = in_range & matching(only.expression, block)
    fetched = fetched_rows(pipeline, block)
    return np.flatnonzero(kept) if len(fetched) == block.count else fetched[kept[fetched]]


def needs_whole_traces(node: MetricsPipeline) -> bool:
    """Whether other spans of a trace matter for what is counted of a span."""
    return (
        _only_filter(node.pipeline) is None
        or isinstance(node.first, Compare)
        or any(
            field.is_parent or (isinstance(field, IntrinsicField) and field.intrinsic in _OF_TRACES)
            for field in mentioned_fields(node)
        )
    )

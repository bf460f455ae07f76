"""Runs metrics queries (Grafana Tempo, "TraceQL metrics").

Spans are counted at their start. Filters see whole traces, also spans outside the range; only those
that start within it are counted. Answers are exact: the hint `sample` changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.traceql.ast import Compare, MetricsOperation, MetricsPipeline
from appliance.traceql.block import Block
from appliance.traceql.counting import CountingGuard
from appliance.traceql.metrics.arithmetic import combine
from appliance.traceql.metrics.exemplars import MOST_EXEMPLARS
from appliance.traceql.metrics.labels import sort_key
from appliance.traceql.metrics.leaves import Leaf, needs_whole_traces, observe_block
from appliance.traceql.metrics.second_stage import apply_stage
from appliance.traceql.metrics.series import MOST_SERIES
from appliance.traceql.metrics.steps import instant_steps, range_steps
from appliance.traceql.results import MetricSeries, MetricsResult
from appliance.traceql.static import FALSE, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.model.sources import Guard, SpanSource
    from appliance.traceql.ast import Hint, MetricsExpression, Query
    from appliance.traceql.metrics.series import SeriesMatrix
    from appliance.traceql.metrics.steps import Steps
    from appliance.traceql.results import SpanExemplar

#: How far from the range blocks are looked at for the other spans of traces, where they matter.
_MARGIN_NS = 120 * 10**9

_PARTIAL = (
    "Response exceeds maximum series limit of {limit}, a partial response is returned."
    " Warning: the accuracy of each individual value is not guaranteed."
)


@dataclass(frozen=True, slots=True)
class MetricsRequest:
    """What a metrics query is asked for.

    Attributes:
        start_ns, end_ns: The range; the start is not in it, the end is. A range query widens it to
            multiples of its step.
        step_ns: Of a range query; 0 for the default.
        exemplars: How many at most, of a range query; the query's own hint counts more.
        max_series: More are cut off, and the answer says so; 0 for all.
    """

    start_ns: int
    end_ns: int
    step_ns: int = 0
    exemplars: int = 0
    max_series: int = 1000


def query_range(
    source: SpanSource, query: Query, request: MetricsRequest, guard: Guard
) -> MetricsResult:
    """Series with a point for each step.

    Raises:
        BadInput: It is no metrics query, or the range or the step make no sense.
        LimitExceeded, TimedOut: As the guard says.
    """
    steps = range_steps(request.start_ns, request.end_ns, request.step_ns)
    return _run(source, query, replace(request, step_ns=steps.step_ns), steps, guard)


def query_instant(
    source: SpanSource, query: Query, request: MetricsRequest, guard: Guard
) -> MetricsResult:
    """Series with one point for the whole range, at its end; without exemplars.

    Raises:
        BadInput: It is no metrics query, or the range is empty.
        LimitExceeded, TimedOut: As the guard says.
    """
    steps = instant_steps(request.start_ns, request.end_ns)
    return _run(source, query, request, steps, guard)


def _run(
    source: SpanSource, query: Query, request: MetricsRequest, steps: Steps, guard: Guard
) -> MetricsResult:
    """Count spans block by block, then make the answer."""
    if query.metrics is None:
        raise BadInput("not a metrics query")
    exemplars = 0 if steps.is_instant else _exemplar_limit(query.hints, request.exemplars)
    leaves = {node: Leaf(node, steps, exemplars, guard) for node in set(_leaves_of(query.metrics))}
    counting, spans = CountingGuard(guard), 0
    margin_ns = _MARGIN_NS if any(map(needs_whole_traces, leaves)) else 0
    first_ns, after_ns = steps.origin_ns + 1 - margin_ns, steps.end_ns + 1 + margin_ns
    with source.whole_traces(max(first_ns, 0), after_ns, counting) as blocks:
        for columns in blocks:
            guard.check()
            live = columns.live
            spans += columns.count if live is None else int(np.count_nonzero(live))
            observe_block(Block(columns, guard), leaves.values(), steps)
    matrix = _evaluate(query.metrics, leaves)
    result = _answer(matrix, steps, 0 if _has_compare(query.metrics) else request.max_series)
    return replace(result, inspected_spans=spans, inspected_bytes=counting.bytes)


def _leaves_of(node: MetricsExpression) -> Iterator[MetricsPipeline]:
    """The pipelines of an expression."""
    if isinstance(node, MetricsOperation):
        yield from _leaves_of(node.left)
        yield from _leaves_of(node.right)
    else:
        yield replace(node, then=())


def _has_compare(node: MetricsExpression) -> bool:
    """Whether the query compares; then series are many, and bounded otherwise."""
    return isinstance(node, MetricsPipeline) and isinstance(node.first, Compare)


def _exemplar_limit(hints: Sequence[Hint], wanted: int) -> int:
    """`with (exemplars=10)` and `with (exemplars=false)` count more than the request."""
    given = [hint.value for hint in hints if hint.name == "exemplars"]
    counts = [one.value for one in given if one.type is Type.INT and isinstance(one.value, int)]
    if counts:
        wanted = counts[0]
    elif FALSE in given:
        wanted = 0
    return min(max(wanted, 0), MOST_EXEMPLARS)


def _evaluate(node: MetricsExpression, leaves: dict[MetricsPipeline, Leaf]) -> SeriesMatrix:
    """The series of an expression."""
    if isinstance(node, MetricsOperation):
        left, right = _evaluate(node.left, leaves), _evaluate(node.right, leaves)
        matrix = combine(node.op, left, right)
    else:
        matrix = leaves[replace(node, then=())].result()
    for stage in node.then:
        matrix = apply_stage(stage, matrix)
    return matrix


def _answer(matrix: SeriesMatrix, steps: Steps, limit: int) -> MetricsResult:
    """Series that have points, sorted; no more than `limit` unless it is 0."""
    matrix = matrix.with_values(matrix.values)
    order = sorted(range(len(matrix.labels)), key=lambda row: sort_key(matrix.labels[row]))
    is_cut = limit > 0 and len(order) > limit
    series = [
        MetricSeries(
            matrix.labels[row],
            matrix.values[row],
            _attached(matrix.exemplars[row], matrix, row, steps) if matrix.exemplars else (),
        )
        for row in (order[:limit] if is_cut else order)
    ]
    message = _PARTIAL.format(limit=limit if is_cut else MOST_SERIES)
    is_partial = is_cut or matrix.is_partial
    return MetricsResult(series, steps.times_ns, message=message if is_partial else "")


def _attached(
    exemplars: Sequence[SpanExemplar], matrix: SeriesMatrix, row: int, steps: Steps
) -> list[SpanExemplar]:
    """Exemplars by time, as far as their step has a point, which is the value of those without."""
    times = np.array([exemplar.timestamp_ns for exemplar in exemplars], dtype=np.int64)
    points = matrix.values[row][steps.numbers(times)].tolist()
    attached = [
        replace(exemplar, value=point) if np.isnan(exemplar.value) else exemplar
        for exemplar, point in zip(exemplars, points, strict=True)
        if not np.isnan(point)
    ]
    return sorted(attached, key=lambda exemplar: exemplar.timestamp_ns)

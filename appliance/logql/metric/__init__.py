"""Metric queries of LogQL: range aggregations over log entries, and what is done with them.

Each node of a query becomes a `Frame`, series over all steps at once; nothing runs per entry or
per step in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.logql.ast import Literal, Variants, VectorAggregation, children
from appliance.logql.metric.context import Context
from appliance.logql.metric.evaluate import evaluate_frame, folded
from appliance.logql.metric.frame import constant_frame, matrix_of, vector_of
from appliance.logql.metric.steps import steps_of
from appliance.model.value import QueryResult, Scalar

if TYPE_CHECKING:
    from appliance.logql.ast import Metric, Query
    from appliance.logql.request import Request
    from appliance.model.sources import Guard, LogSource


def evaluate_metric(
    query: Metric, source: LogSource, request: Request, guard: Guard
) -> QueryResult:
    """The value of a metric query; see `engine.evaluate`."""
    query = folded(query)
    if isinstance(query, Variants):
        raise BadInput("multi variant queries are disabled for this instance")
    steps = steps_of(request)
    if isinstance(query, Literal):
        if request.is_instant:
            return QueryResult(Scalar(int(steps.times_ms[0]), query.value))
        return QueryResult(matrix_of(constant_frame(query.value, steps), steps))
    frame = evaluate_frame(query, Context(source, request, guard, steps))
    if len(frame) > request.max_series:
        raise BadInput(
            f"maximum number of series ({request.max_series}) reached for a single query;"
            " consider reducing query cardinality by adding more specific stream selectors,"
            " reducing the time range, or aggregating results with functions like sum(), count()"
            " or topk()"
        )
    if request.is_instant:
        return QueryResult(vector_of(frame, steps, keeps_order=_is_sorted(query)))
    return QueryResult(matrix_of(frame, steps))


def _is_sorted(query: Query) -> bool:
    """Whether any part of a query sorts, which makes its order that of the result."""
    if isinstance(query, VectorAggregation) and query.op in {"sort", "sort_desc"}:
        return True
    return any(_is_sorted(child) for child in children(query))

"""Evaluation of LogQL: a query over a source of log chunks becomes a value.

Log queries become `Streams`. Metric queries become a `Vector` (instant) or a `Matrix`; a number
alone becomes a `Scalar`, or a `Matrix` of one series without labels in a range query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.logql.ast import Pipeline
from appliance.logql.request import Request, Statistics
from appliance.model.value import QueryResult

if TYPE_CHECKING:
    from appliance.logql.ast import Query
    from appliance.model.sources import Guard, LogSource

__all__ = ["Request", "Statistics", "evaluate"]


def evaluate(query: Query, source: LogSource, request: Request, guard: Guard) -> QueryResult:
    """The value of a query.

    Raises:
        BadInput: A metric query met entries that a stage could not read, gave too many series, or
            asks for what cannot be had (400 in Loki).
        QueryFailed: Series of the two sides of an operation do not match one to one (500 in Loki).
        LimitExceeded, TimedOut: As the guard says.
    """
    if isinstance(query, Pipeline):
        from appliance.logql.log_query import streams_of  # noqa: PLC0415 - not for metric queries

        return QueryResult(streams_of(query, source, request, guard))
    from appliance.logql.metric import evaluate_metric  # noqa: PLC0415 - not for log queries

    return evaluate_metric(query, source, request, guard)


def load() -> None:
    """Import what the first queries would wait for; takes about 0.2 s, in any thread."""
    import appliance.logql.log_query  # noqa: PLC0415
    import appliance.logql.metric  # noqa: F401, PLC0415

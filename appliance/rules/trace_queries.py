"""Instant queries of rules over traces: TraceQL metrics over a window that ends at a time.

A series has the labels of its group, named as Prometheus can name them: `resource.service.name`
becomes `resource_service_name`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput, QueryFailed
from appliance.model.labels import Labels
from appliance.model.value import Annotations, Matrix, QueryResult, Vector
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.metrics.labels import expressible
from appliance.traceql.metrics.run import MetricsRequest, query_instant, query_range
from appliance.traceql.parser import parse_query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.base.clock import Clock
    from appliance.model.sources import Guard, SpanSource
    from appliance.traceql.ast import Query
    from appliance.traceql.results import MetricSeries
    from appliance.traceql.static import Static

_NS = 10**6
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")
#: Of queries in templates.
_TEMPLATE_WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """The expression of a rule, and over how much time it is evaluated."""

    query: Query
    window_ms: int

    @classmethod
    def parse(cls, text: str, window_ms: int) -> TraceQuery:
        """An expression.

        Raises:
            BadInput: It is not TraceQL, or finds spans rather than giving numbers.
        """
        query = parse_query(text)
        if query.metrics is None:
            raise BadInput("not a metrics query: it finds spans; add a function such as `| rate()`")
        return cls(query, window_ms)


@dataclass(frozen=True, slots=True)
class TraceQueries:
    """Evaluates TraceQL metrics over spans."""

    source: Callable[[], SpanSource]
    clock: Clock
    limits: QueryLimits

    def ask(self, text: str, at_ms: int) -> QueryResult:
        """The value of an expression at a time, over the minute before.

        Raises:
            BadInput: It cannot be parsed.
            QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        return self.evaluate(TraceQuery.parse(text, _TEMPLATE_WINDOW_MS), text, at_ms)

    def evaluate(self, expression: TraceQuery, _text: str, at_ms: int) -> QueryResult:
        """The same with the expression parsed, over its own window.

        Raises:
            BadInput, QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        wanted = MetricsRequest(
            (at_ms - expression.window_ms) * _NS,
            at_ms * _NS,
            max_series=self.limits.max_log_series,
        )
        guard = QueryGuard(self.limits, self.clock)
        found = query_instant(self.source(), expression.query, wanted, guard)
        labels = _labels(found.series)
        values = np.array([one.values[0] for one in found.series], dtype=np.float64)
        remarks = Annotations(warnings=(found.message,) if found.message else ())
        return QueryResult(Vector(at_ms, labels, values), remarks)

    def evaluate_range(
        self, expression: TraceQuery, first_ms: int, last_ms: int, guard: Guard
    ) -> QueryResult:
        """The same at times one window apart, all of them multiples of it: a Matrix.

        Where a series has no spans in a window it may have a 0, which `evaluate` never gives.

        Raises:
            BadInput, QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        step_ns = expression.window_ms * _NS
        wanted = MetricsRequest(
            first_ms * _NS - step_ns,
            last_ms * _NS,
            step_ns=step_ns,
            max_series=self.limits.max_log_series,
        )
        found = query_range(self.source(), expression.query, wanted, guard)
        times_ms = np.asarray(found.steps_ns) // _NS
        within = (times_ms >= first_ms) & (times_ms <= last_ms)
        series = []
        for labels, one in zip(_labels(found.series), found.series, strict=True):
            values = np.asarray(one.values)
            kept = within & ~np.isnan(values)
            series.append((labels, times_ms[kept], values[kept]))
        return QueryResult(Matrix(series))


def _labels(series: Sequence[MetricSeries]) -> list[Labels]:
    """Labels of series as rules name them.

    Raises:
        QueryFailed: Two of them are the same then.
    """
    labels = [
        Labels.of((_name(name), _text_of(value)) for name, value in one.labels) for one in series
    ]
    if len(set(labels)) < len(labels):
        raise QueryFailed("two series have the same labels when they are named for rules")
    return labels


def _name(field: str) -> str:
    name = _NOT_IN_NAMES.sub("_", field.replace('"', ""))
    return f"_{name}" if name[:1].isdigit() else name


def _text_of(static: Static) -> str:
    value = expressible(static).value
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)

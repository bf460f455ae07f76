"""Metrics queries over a few spans, and their answers as plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.metrics.run import MetricsRequest, query_instant, query_range
from appliance.traceql.parser import parse_query
from appliance.traceql.results import MetricsResult
from tests.spans import PlainSpan, PlainSpans

S = 10**9
START = 1_700_000_000 * S
STEP = 10 * S

Points = dict[str, list[float | None]]


def spans_at(*seconds: float, trace: int = 1, **fields: object) -> list[PlainSpan]:
    """Spans of one trace that start some seconds after START."""
    return [
        PlainSpan(trace=trace, span=1000 * trace + number, start_ns=START + int(at * S), **fields)  # type: ignore[arg-type]  # fields of a span
        for number, at in enumerate(seconds, 1)
    ]


def ask(
    query: str, spans: Sequence[PlainSpan], *, exemplars: int = 0, max_series: int = 1000
) -> MetricsResult:
    """A range query from START on with three steps: at 0, 10 and 20 seconds."""
    request = MetricsRequest(START, START + 2 * STEP, STEP, exemplars, max_series)
    return query_range(PlainSpans(spans), parse_query(query), request, guard())


def guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), ManualClock())


def points(query: str, spans: Sequence[PlainSpan]) -> Points:
    """The points of each series by its labels, `a=x b=y`; None where there is none."""
    return shown(ask(query, spans))


def shown(result: MetricsResult) -> Points:
    return {
        named(labels=series.labels): [
            None if math.isnan(value) else value for value in series.values.tolist()
        ]
        for series in result.series
    }


def named(*, labels: Sequence[tuple[str, object]]) -> str:
    return " ".join(f"{name}={getattr(value, 'value', value)}" for name, value in labels)


def instant(query: str, spans: Sequence[PlainSpan]) -> dict[str, float]:
    """The values of an instant query over the 20 seconds after START."""
    request = MetricsRequest(START, START + 2 * STEP)
    result = query_instant(PlainSpans(spans), parse_query(query), request, guard())
    assert result.steps_ns.tolist() == [START + 2 * STEP]
    return {name: values[0] or 0.0 for name, values in shown(result).items()}

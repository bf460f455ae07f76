"""Calls, errors and latencies over time."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.over_time import Line, Points, lines
from tests.spans import PlainSpan, PlainSpans

S = 10**9
SPANS = [
    PlainSpan(1, 1, "a", "web", start_ns=1 * S, duration_ns=10),
    PlainSpan(2, 2, "a", "web", start_ns=2 * S, duration_ns=30, status=2),
    PlainSpan(3, 3, "b", "web", start_ns=2 * S, duration_ns=50),
    PlainSpan(4, 4, "a", "web", start_ns=2 * S, duration_ns=90, kind=3),
    PlainSpan(5, 5, "a", "db", start_ns=3 * S, duration_ns=7),
]


def ask(*, by_operation: bool, services: list[str]) -> list[Line]:
    points = Points(services, [2], by_operation, S, 4 * S, S, 2 * S)
    guard = QueryGuard(QueryLimits(), ManualClock())
    return list(lines(PlainSpans(SPANS, 2), points, guard))


def test_points_look_back_over_their_range() -> None:
    guard = QueryGuard(QueryLimits(), ManualClock())
    (line,) = ask(by_operation=False, services=["web"])
    assert line.key == ("web", "")
    assert line.rates(2 * S).tolist() == [0.5, 1.5, 1.0, 0.0]
    assert line.error_ratios()[:3].tolist() == [0, pytest.approx(1 / 3), 0.5]
    assert np.isnan(line.error_ratios()[3])
    assert line.quantiles_ns(0.5, guard)[:3].tolist() == [10, 30, 40]
    assert np.isnan(line.quantiles_ns(0.5, guard)[3])


def test_a_line_for_each_service_and_operation() -> None:
    found = ask(by_operation=True, services=["web", "db", "none"])
    assert [line.key for line in found] == [("db", "a"), ("web", "a"), ("web", "b")]
    assert [line.rates(2 * S).tolist() for line in found] == [
        [0, 0, 0.5, 0.5],
        [0.5, 1, 0.5, 0],
        [0, 0.5, 0.5, 0],
    ]
    assert ask(by_operation=False, services=["none"]) == []

"""Calls between services."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.edges import dependencies, service_edges
from appliance.traces.window import Window
from tests.spans import PlainSpan, PlainSpans

S = 10**9
SPANS = [
    PlainSpan(1, 1, "GET /", "web", start_ns=S),
    PlainSpan(1, 2, "call", "web", parent=1, kind=3, start_ns=2 * S),
    PlainSpan(1, 3, "GET /x", "api", parent=2, start_ns=3 * S, duration_ns=100),
    PlainSpan(1, 4, "SELECT", "db", parent=3, start_ns=4 * S, status=2, duration_ns=70),
    PlainSpan(2, 5, "GET /x", "api", start_ns=5 * S),
    PlainSpan(2, 6, "SELECT", "db", parent=5, start_ns=6 * S, duration_ns=30),
    PlainSpan(2, 7, "SELECT", "db", parent=99, start_ns=6 * S),
    PlainSpan(3, 8, "job", "", start_ns=7 * S),
]


def guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), ManualClock())


@pytest.mark.parametrize("block_size", [1, 3, 100])
def test_calls_are_counted_by_pair(block_size: int) -> None:
    source = PlainSpans(SPANS, block_size)
    assert dependencies(source, Window(), guard()) == [("api", "db", 2), ("web", "api", 1)]


def test_only_calls_that_start_in_the_window_count() -> None:
    source = PlainSpans(SPANS)
    assert dependencies(source, Window(4 * S, 5 * S), guard()) == [("api", "db", 1)]
    assert dependencies(source, Window(8 * S), guard()) == []
    assert service_edges(source, Window(8 * S), guard()) == []


@pytest.mark.parametrize("block_size", [2, 100])
def test_edges_have_errors_and_latencies(block_size: int) -> None:
    first, second = service_edges(PlainSpans(SPANS, block_size), Window(), guard())
    assert (first.parent, first.child, first.calls, first.errors) == ("api", "db", 2, 1)
    assert first.p50_ns == 50
    assert first.p99_ns == pytest.approx(np.quantile([30, 70], 0.99))
    assert (first.max_ns, second.max_ns) == (70, 100)
    assert (second.parent, second.child, second.calls, second.errors) == ("web", "api", 1, 0)

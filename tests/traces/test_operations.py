"""Figures per operation, against numpy on plain lists."""

from __future__ import annotations

import random

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.operations import operation_stats
from appliance.traces.window import Window
from tests.spans import PlainSpan, PlainSpans

some = random.Random(3)
SPANS = [
    PlainSpan(
        number,
        number,
        some.choice(["a", "b"]),
        some.choice(["web", "db"]),
        start_ns=number,
        duration_ns=some.randrange(10**6),
        kind=some.choice([2, 3]),
        status=some.choice([0, 2]),
    )
    for number in range(1, 200)
]


def test_figures_are_exact() -> None:
    guard = QueryGuard(QueryLimits(), ManualClock())
    found = operation_stats(PlainSpans(SPANS, 17), Window(), guard)
    assert [(one.service, one.name, one.kind) for one in found] == sorted(
        {(span.service, span.name, ("", "", "server", "client")[span.kind]) for span in SPANS}
    )
    for one in found:
        kind = {"server": 2, "client": 3}[one.kind]
        mine = [
            span
            for span in SPANS
            if (span.service, span.name, span.kind) == (one.service, one.name, kind)
        ]
        durations = [span.duration_ns for span in mine]
        assert (one.calls, one.errors) == (len(mine), sum(span.status == 2 for span in mine))
        quantiles = np.quantile(durations, [0.5, 0.95, 0.99])
        assert [one.p50_ns, one.p95_ns, one.p99_ns] == pytest.approx(quantiles.tolist())
        assert one.mean_ns == pytest.approx(np.mean(durations))
        assert one.max_ns == max(durations)
        assert one.error_ratio == one.errors / one.calls


def test_a_window_and_a_service_narrow_it() -> None:
    guard = QueryGuard(QueryLimits(), ManualClock())
    source = PlainSpans(SPANS)
    assert sum(one.calls for one in operation_stats(source, Window(10, 20), guard)) == 10
    only = operation_stats(source, Window(), guard, service="db")
    assert {one.service for one in only} == {"db"}
    assert operation_stats(source, Window(), guard, service="none") == []

"""Rate, errors and duration of services, against plain lists."""

from __future__ import annotations

import random

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.red import Red, red
from appliance.traces.window import Window
from tests.spans import PlainSpan, PlainSpans

some = random.Random(5)
SPANS = [
    PlainSpan(
        number,
        number,
        "op",
        some.choice(["web", "db"]),
        parent=some.choice([0, 1]),
        start_ns=number,
        duration_ns=some.randrange(10**6),
        kind=some.choice([1, 2, 3, 5]),
        status=some.choice([0, 0, 2]),
        resource={"service.version": "1" if number < 150 else "2"},
    )
    for number in range(1, 300)
]


def run(spans: list[PlainSpan], window: Window, service: str | None = None) -> Red:
    guard = QueryGuard(QueryLimits(), ManualClock())
    return red(PlainSpans(spans, 31), window, guard, buckets=10, service=service)


def test_requests_are_what_came_in_from_outside() -> None:
    for one in run(SPANS, Window(0, 1000)).services:
        mine = [span for span in SPANS if span.service == one.service]
        asked = [span for span in mine if span.kind in {2, 5} or not span.parent]
        durations = [span.duration_ns for span in asked]
        assert (one.spans, one.requests) == (len(mine), len(asked))
        assert one.errors == sum(span.status == 2 for span in asked)
        assert not one.is_every_span
        quantiles = np.quantile(durations, [0.5, 0.95, 0.99]).tolist()
        assert [one.p50_ns, one.p95_ns, one.p99_ns] == pytest.approx(quantiles)
        assert one.max_ns == max(durations)
        assert one.last_ns == max(span.start_ns for span in mine)
        for bucket, (calls, errors) in enumerate(
            zip(one.calls_over_time, one.errors_over_time, strict=True)
        ):
            inside = [span for span in asked if span.start_ns // 100 == bucket]
            assert calls == len(inside)
            assert errors == sum(span.status == 2 for span in inside)


def test_versions_come_with_their_first_span() -> None:
    [db, web] = run(SPANS, Window(0, 1000)).services
    for one in (db, web):
        mine = [span.start_ns for span in SPANS if span.service == one.service]
        late = min(at for at in mine if at >= 150)
        assert one.versions == [("1", min(mine)), ("2", late)]


def test_a_service_without_requests_counts_all_its_spans() -> None:
    inner = [PlainSpan(1, n, "step", "job", parent=9, start_ns=n, kind=1) for n in (1, 2, 3)]
    [one] = run(inner, Window(0, 10)).services
    assert (one.is_every_span, one.requests) == (True, 3)


def test_one_service_has_its_latency_over_time() -> None:
    spans = [
        PlainSpan(n, n, "op", "web", start_ns=at, duration_ns=took)
        for n, (at, took) in enumerate([(5, 100), (6, 300), (95, 40)], start=1)
    ]
    found = run([*spans, PlainSpan(9, 9, "op", "db", start_ns=50)], Window(0, 100), "web")
    assert [one.service for one in found.services] == ["web"]
    assert found.latency.p50_ns == [200, *[None] * 8, 40]
    assert found.latency.p99_ns[0] == pytest.approx(298)


def test_an_empty_window_has_no_services() -> None:
    assert run(SPANS, Window(5000, 6000)).services == []

"""A trace as columns."""

from __future__ import annotations

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.view import TraceView, columns_of, view_trace
from tests.spans import PlainEvent, PlainLink, PlainSpan

SPANS = [
    PlainSpan(
        1, 1, "GET /", "web", start_ns=1000, duration_ns=900, resource={"service.version": "2"}
    ),
    PlainSpan(
        1,
        2,
        "SELECT",
        "db",
        parent=1,
        start_ns=1100,
        duration_ns=200,
        kind=3,
        status=2,
        status_message="no such table",
        attributes={"db.system": "sqlite", "rows": 3},
        events=[PlainEvent("exception", 1200)],
        links=[PlainLink(9, 9)],
    ),
    PlainSpan(
        1,
        3,
        "GET /",
        "web",
        parent=77,
        start_ns=1500,
        attributes={"http.response.status_code": 404},
    ),
]


def view(spans: list[PlainSpan], most: int = 100) -> TraceView:
    guard = QueryGuard(QueryLimits(), ManualClock())
    return view_trace([span.stored() for span in spans], guard, most=most)


def test_columns_hold_each_text_once_and_times_from_the_start() -> None:
    found = columns_of(view(SPANS))
    assert found == {
        "texts": ["web", "db", "GET /", "SELECT"],
        "ids": [f"{number:016x}" for number in (1, 2, 3)],
        "parents": [-1, 0, -1],
        "services": [0, 1, 0],
        "names": [2, 3, 2],
        "kinds": [2, 3, 2],
        "starts": [0, 100, 500],
        "durations": [900, 200, 1000],
        "errors": [1],
        "orphans": [2],
        "extras": {
            "1": {"events": [200], "links": 1, "saying": "sqlite", "message": "no such table"},
            "2": {"saying": "404"},
        },
        "versions": {"web": ["2"]},
    }


def test_the_trace_is_named_after_the_first_span_without_a_parent() -> None:
    orphan_first = [PlainSpan(1, 5, "late", parent=4, start_ns=10), *SPANS]
    found = view(orphan_first)
    assert found.spans[found.root].name == "GET /"
    assert (found.start_ns, found.end_ns) == (10, 2500)
    only = view(orphan_first[:1])
    assert only.spans[only.root].name == "late"


def test_a_large_trace_is_cut_and_says_so() -> None:
    found = view(SPANS, most=2)
    assert (len(found.spans), found.total) == (2, 3)

"""The newest traces for the home page."""

from __future__ import annotations

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.summary import summarize
from appliance.traces.window import Window
from tests.spans import PlainSpan, PlainSpans

S = 10**9


def test_summaries_name_root_count_spans_and_errors() -> None:
    source = PlainSpans(
        [
            PlainSpan(1, 1, "GET /", "web", start_ns=9 * S, duration_ns=9_000_000),
            PlainSpan(
                1, 2, "SELECT", "db", 1, start_ns=9 * S + 1000, duration_ns=9 * 10**6, status=2
            ),
            PlainSpan(2, 3, "orphan", "db", parent=99, start_ns=5 * S),
            PlainSpan(3, 4, "old", "web", start_ns=S),
        ]
    )
    guard = QueryGuard(QueryLimits(), ManualClock())
    newest, second = summarize(source, Window(2 * S, 10 * S), guard, limit=5)
    assert (newest.trace_id[-1], newest.root_service, newest.root_name) == (1, "web", "GET /")
    assert (newest.spans, newest.errors, second.errors) == (2, 1, 0)
    assert (newest.start_ns, newest.duration_ns) == (9 * S, 9_001_000)
    assert (second.root_service, second.root_name) == ("db", "orphan")
    assert [item.trace_id[-1] for item in summarize(source, Window(), guard, limit=1)] == [1]

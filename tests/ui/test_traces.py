"""Traces and services as pages list them."""

from __future__ import annotations

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.view import view_trace
from appliance.ui.services import merged
from appliance.ui.traces import summary_of, tree_rows
from tests.spans import PlainSpan

SPANS = [
    PlainSpan(1, 1, "root", "web", start_ns=100, duration_ns=50),
    PlainSpan(1, 2, "late", "db", parent=1, start_ns=130, status=2),
    PlainSpan(1, 3, "early", "web", parent=1, start_ns=110, kind=3),
    PlainSpan(1, 4, "inner", "web", parent=3, start_ns=112),
]
VIEW = view_trace(
    sorted((span.stored() for span in SPANS), key=lambda one: one.span),
    QueryGuard(QueryLimits(), ManualClock()),
    most=100,
)


def test_rows_follow_the_tree() -> None:
    rows = tree_rows(VIEW, most=10)
    assert [(row.depth, row.name) for row in rows] == [
        (0, "root"),
        (1, "early"),
        (2, "inner"),
        (1, "late"),
    ]
    assert (rows[1].kind, rows[1].start_ns, rows[3].is_error) == ("client", 10, True)
    assert len(tree_rows(VIEW, most=2)) == 2


def test_summary_counts_by_service() -> None:
    found = summary_of(VIEW)
    assert (found["root_service"], found["root_name"], found["has_root"]) == ("web", "root", True)
    assert (found["span_count"], found["error_count"]) == (4, 1)
    assert found["service_counts"] == [["web", 3, 0], ["db", 1, 1]]
    assert found["start_ns"] == "100"


def test_services_known_by_name_only_come_last() -> None:
    rows = [{"service": "b", "requests": 1}, {"service": "a", "requests": 5}]
    found = merged(rows, {"traces": ["a", "old"], "logs": ["a", "c"], "metrics": []})
    assert [(row["service"], row["signals"]) for row in found] == [
        ("a", ["traces", "logs"]),
        ("b", ["traces"]),
        ("c", ["logs"]),
        ("old", ["traces"]),
    ]

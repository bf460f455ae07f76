"""What a span has to be like."""

from __future__ import annotations

import pytest

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.criteria import SpanCriteria, matching
from appliance.traces.window import EARLIEST_NS, LATEST_NS
from tests.spans import PlainEvent, PlainLink, PlainSpan, PlainSpans

SPANS = [
    PlainSpan(1, 1, "GET /", "web", kind=2, attributes={"n": 3.5, "user": "ann", "ok": True}),
    PlainSpan(
        2, 2, "SELECT", "db", kind=3, status=2, status_message="gone", resource={"zone": "eu"}
    ),
    PlainSpan(
        3,
        3,
        "work",
        "web",
        kind=1,
        status=1,
        events=[PlainEvent("exception", 5, {"exception.type": "Oops"})],
        links=[PlainLink(9, 9, {"why": "retry"})],
        scope_name="lib",
        scope_version="1.2",
        scope={"kind": "auto"},
    ),
    PlainSpan(4, 4, "list", "web", kind=0, attributes={"n": [1, 2], "big": 2**60, "error": True}),
]


def found(criteria: SpanCriteria) -> list[int]:
    guard = QueryGuard(QueryLimits(), ManualClock())
    numbers = []
    for columns in PlainSpans(SPANS).scan(EARLIEST_NS, LATEST_NS, guard):
        ids = columns.numbers("span_id")
        numbers += ids[matching(columns, criteria)].tolist()
    return sorted(numbers)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"n": "3.5"}, [1]),
        ({"n": "[1,2]"}, [4]),
        ({"big": str(2**60)}, [4]),
        ({"big": str(2**60 + 1)}, []),
        ({"ok": "true"}, [1]),
        ({"ok": "1"}, []),
        ({"zone": "eu"}, [2]),
        ({"resource.zone": "eu"}, [2]),
        ({"resource.user": "ann"}, []),
        ({"resource.service.name": "db"}, [2]),
        ({"error": "true"}, [2, 4]),
        ({"error": "1"}, [2]),
        ({"error": "false"}, [1, 3]),
        ({"error": "maybe"}, []),
        ({"span.kind": "server"}, [1]),
        ({"span.kind": "CLIENT"}, [2]),
        ({"span.kind": "unspecified"}, [4]),
        ({"span.status": "OK"}, [3]),
        ({"otel.status_code": "ERROR"}, [2]),
        ({"otel.status_description": "gone"}, [2]),
        ({"otel.scope.name": "lib"}, [3]),
        ({"scope.version": "1.2"}, [3]),
        ({"kind": "auto"}, [3]),
        ({"event": "exception"}, [3]),
        ({"exception.type": "Oops"}, [3]),
        ({"why": "retry"}, [3]),
        ({"user": "ann", "n": "3.5"}, [1]),
        ({"user": "ann", "zone": "eu"}, []),
        ({"user": ""}, []),
    ],
)
def test_tags_are_looked_up_everywhere(tags: dict[str, str], expected: list[int]) -> None:
    assert found(SpanCriteria(tags=tags)) == expected


def test_all_conditions_hold_for_one_span() -> None:
    assert found(SpanCriteria(service="web", operation="work", tags={"event": "exception"})) == [3]
    assert found(SpanCriteria(service="db", operation="work")) == []
    assert found(SpanCriteria(min_duration_ns=1000, max_duration_ns=1000)) == [1, 2, 3, 4]
    assert found(SpanCriteria(min_duration_ns=1001)) == []

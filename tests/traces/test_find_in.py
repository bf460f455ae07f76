"""Texts inside one trace."""

from __future__ import annotations

import pytest

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.find_in import find_spans
from tests.spans import PlainEvent, PlainLink, PlainSpan

SPANS = [
    PlainSpan(1, 1, "GET /", "web", attributes={"http.route": "/Cart", "user": "ann"}),
    PlainSpan(1, 2, "SELECT", "db", attributes={"rows": 12}, status=2, status_message="Lock wait"),
    PlainSpan(1, 3, "job", "cron", events=[PlainEvent("retry", 1, {"why": "lock"})]),
    PlainSpan(1, 4, "job", "cron", links=[PlainLink(2, 2, {"kind": "batch"})]),
]


def find(text: str, most: int = 10) -> tuple[list[int], bool]:
    guard = QueryGuard(QueryLimits(), ManualClock())
    ids, is_partial = find_spans([span.stored() for span in SPANS], text, guard, most=most)
    return [int.from_bytes(one) for one in ids], is_partial


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("cart", [1]),
        ("LOCK", [2, 3]),
        ("retry", [3]),
        ("batch", [4]),
        ("http.route=cart", [1]),
        ("route=/cart", [1]),
        ("span.rows=12", [2]),
        ('user="ann"', [1]),
        ("oute=cart", []),
        ("service.name=web", [1]),
        ("resource.service.name=cron", [3, 4]),
        ("user=", [1]),
        ("nothing", []),
    ],
)
def test_texts_and_pairs_are_found(text: str, wanted: list[int]) -> None:
    assert find(text) == (wanted, False)


def test_more_than_wanted_is_told() -> None:
    assert find("lock", most=1) == ([2], True)
    assert find("lock", most=2) == ([2, 3], False)

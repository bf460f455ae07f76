from __future__ import annotations

from typing import Any

from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.ui.notifications import attempt_row, bounded, receiver_rows, told_apart

SECOND = 10**9
LABELS = {"f1": Labels.of({"alertname": "Down"})}


def event(kind: EventKind, second: int, **detail: Any) -> AlertEvent:
    given = {"integration": "webhook", "url": "http://hook.test/<secret>", "method": "POST"}
    return AlertEvent(second * SECOND, kind, ("f1",), "g", "hook", given | detail, second)


def test_an_answer_that_is_no_success_is_a_failure() -> None:
    good = attempt_row(event(EventKind.ATTEMPT, 1, status=202), LABELS)
    assert (good.is_ok, good.outcome, good.alerts) == (True, "202", (("f1", "Down"),))
    refused = attempt_row(event(EventKind.ATTEMPT, 2, status=404, answer="no"), LABELS)
    assert (refused.is_ok, refused.outcome, refused.answer) == (False, "answered 404", "no")
    broken = attempt_row(event(EventKind.ATTEMPT, 3, error="connection refused"), LABELS)
    assert (broken.is_ok, broken.outcome) == (False, "connection refused")


def test_a_failure_is_told_once() -> None:
    gave_up = AlertEvent(5 * SECOND, EventKind.FAILED, ("f1",), "g", "hook", {"error": "404"}, 5)
    template = AlertEvent(9 * SECOND, EventKind.FAILED, ("f1",), "g", "hook", {"error": "bad"}, 9)
    attempt = event(EventKind.ATTEMPT, 4, status=404)
    rows = [attempt_row(one, LABELS) for one in (template, gave_up, attempt)]
    assert [row.id for row in told_apart(rows)] == [9, 4]


def test_receivers_with_failures_come_first() -> None:
    rows = [attempt_row(event(EventKind.ATTEMPT, 4, status=500), LABELS)]
    found = receiver_rows([("a", {"email": 1}), ("hook", {"webhook": 2})], rows)
    assert [(one.name, one.sent, one.failed, one.last_error) for one in found] == [
        ("hook", 0, 1, "answered 500"),
        ("a", 0, 0, ""),
    ]


def test_a_page_of_long_requests_is_bounded() -> None:
    fingerprints = tuple(f"{number:016x}" for number in range(10_000))
    detail = {"body": "x" * 100_000, "answer": "y" * 100_000, "url": "http://hook.test/"}
    many = AlertEvent(SECOND, EventKind.ATTEMPT, fingerprints, "g", "hook", detail, 1)
    rows = bounded([attempt_row(many, {})] * 200)
    assert (len(rows), rows[0].alert_count) == (200, 10_000)
    assert sum(len(row.request + row.answer) + len(str(row.alerts)) for row in rows) < 1_000_000
    assert len(rows[0].request) > 10_000
    assert rows[-1].request.endswith("x …")

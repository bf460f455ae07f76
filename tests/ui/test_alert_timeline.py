"""The record of an alert in words."""

from __future__ import annotations

from typing import Any

from appliance.model.alert_event import AlertEvent, EventKind
from appliance.ui.alert_timeline import timeline, timeline_row

ATTEMPT: dict[str, Any] = {
    "integration": "slack",
    "index": 1,
    "method": "POST",
    "url": "https://hooks.test/<secret:url>",
    "headers": {"A": "b"},
    "body": '{"text":"x"}',
    "status": 200,
    "answer": "ok",
    "seconds": 0.5,
    "attempt": 1,
}


def event(number: int, kind: EventKind, **detail: Any) -> AlertEvent:
    return AlertEvent(number, kind, ("f",), "g", "team", detail, number)


def test_an_attempt_has_its_request_and_answer() -> None:
    row = timeline_row(event(1, EventKind.ATTEMPT, **ATTEMPT))
    assert (row.target, row.code, row.tone, row.seconds) == ("team · slack[1]", 200, "good", 0.5)
    assert row.request == "POST https://hooks.test/<secret:url>"
    assert (row.headers, row.payload, row.answer) == ("A: b", '{\n  "text": "x"\n}', "ok")
    assert row.detail == ""


def test_the_same_over_and_over_is_one_entry() -> None:
    failed = {**ATTEMPT, "status": 503}
    events = [event(9 - i, EventKind.ATTEMPT, **failed) for i in range(5)]
    events.insert(2, event(7, EventKind.FAILED, integration="slack", index=1, error="no"))
    events.append(event(1, EventKind.ATTEMPT, **ATTEMPT))
    rows = timeline(events)
    assert [(row.kind, row.code, row.count) for row in rows] == [
        ("attempt", 503, 5),
        ("failed", 0, 1),
        ("attempt", 200, 1),
    ]


def test_what_tells_little_is_shown_on_request() -> None:
    events = [event(2, EventKind.FLUSHED, firing=1), event(1, EventKind.FIRING, value=3, at_ms=5)]
    assert [row.kind for row in timeline(events)] == ["firing"]
    assert [row.kind for row in timeline(events, has_routine=True)] == ["flushed", "firing"]
    assert timeline(events)[0].detail == "value 3"

"""What a tick means for an integration: every case of the original, in a table."""

from __future__ import annotations

import pytest

from appliance.model.notification import LogEntry, LogKey
from appliance.notify.delivery.decision import Reason, decide

KEY = LogKey("{}", "r", "webhook", 0)
HOUR = 3_600_000_000_000
NOW = 100 * HOUR


def entry(firing: str, resolved: str = "", *, age: int = 0) -> LogEntry:
    return LogEntry(KEY, NOW - age, frozenset(firing), frozenset(resolved), NOW + HOUR)


@pytest.mark.parametrize(
    ("told", "firing", "resolved", "reason"),
    [
        (None, "a", "", Reason.FIRST),
        (None, "", "a", Reason.NONE),
        (None, "", "", Reason.NONE),
        (entry("a"), "a", "", Reason.NONE),
        (entry("a"), "ab", "", Reason.NEW_ALERTS),
        (entry("ab"), "bc", "", Reason.NEW_ALERTS),
        (entry("ab"), "a", "", Reason.NONE),
        (entry("ab"), "a", "b", Reason.SOME_RESOLVED),
        (entry("a", "b"), "a", "b", Reason.NONE),
        (entry("a", "bc"), "a", "b", Reason.NONE),
        (entry("a"), "", "a", Reason.ALL_RESOLVED),
        (entry("", "a"), "", "a", Reason.NONE),
        (entry("", "a"), "", "b", Reason.NONE),
        (entry("", "a"), "a", "", Reason.FIRST),
        (entry("a", age=HOUR), "a", "", Reason.NONE),
        (entry("a", age=HOUR + 1), "a", "", Reason.REPEAT),
        (entry("", "a", age=9 * HOUR), "", "a", Reason.NONE),
        (entry("a", age=-HOUR), "a", "", Reason.NONE),
        (entry("a", age=-HOUR - 1), "a", "", Reason.REPEAT),  # the clock was wrong then
        (entry("a", age=NOW), "a", "", Reason.FIRST),  # announced, and then the process was killed
        (entry("a", age=NOW), "ab", "", Reason.FIRST),
        (entry("a", age=NOW), "", "a", Reason.ALL_RESOLVED),
    ],
)
def test_decisions(told: LogEntry | None, firing: str, resolved: str, reason: Reason) -> None:
    found = decide(
        *(told, frozenset(firing), frozenset(resolved)),
        now_ns=NOW,
        repeat_ns=HOUR,
        send_resolved=True,
    )
    assert found is reason


@pytest.mark.parametrize(
    ("told", "firing", "resolved", "reason"),
    [
        (entry("ab"), "a", "b", Reason.NONE),
        (entry("a"), "", "a", Reason.ALL_RESOLVED),
        (entry("ab", age=2 * HOUR), "a", "b", Reason.REPEAT),
    ],
)
def test_without_resolved_ones(told: LogEntry, firing: str, resolved: str, reason: Reason) -> None:
    found = decide(
        *(told, frozenset(firing), frozenset(resolved)),
        now_ns=NOW,
        repeat_ns=HOUR,
        send_resolved=False,
    )
    assert found is reason

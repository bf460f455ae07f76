"""What became of alerts is told once."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance.alertmanager.alert_table import Reported
from appliance.alertmanager.mute.inhibit import Inhibition
from appliance.alertmanager.mute.muter import Suppression
from appliance.alertmanager.tracker import Tracker
from appliance.model.alert import Alert
from tests.alertmanager.world import labels_of

if TYPE_CHECKING:
    from appliance.alertmanager.views import AlertChange
    from appliance.model.alert_event import AlertEvent

A = Alert(labels_of("A"), {"summary": "s"}, 10, 100, 10, generator_url="http://p")
SILENCED = Suppression(("s1",))


class Heard(Tracker):
    """A tracker and all it told."""

    def __init__(self) -> None:
        super().__init__(self)
        self.events: list[AlertEvent] = []
        self.changes: list[AlertChange] = []
        self.listeners.append(self.changes.append)

    def record(self, *events: AlertEvent) -> None:
        self.events += events

    def told(self) -> tuple[list[str], list[str]]:
        found = (
            [event.kind.value for event in self.events],
            [change.kind.value for change in self.changes],
        )
        self.events.clear()
        self.changes.clear()
        return found


def test_an_alert_begins_and_ends_once() -> None:
    heard = Heard()
    heard.report(Reported(A, None), 20)
    event = heard.events[0]
    assert event.fingerprints == (A.fingerprint,)
    assert event.detail == {
        "labels": {"alertname": "A"},
        "annotations": {"summary": "s"},
        "starts_ns": 10,
        "ends_ns": 100,
        "generator_url": "http://p",
    }
    heard.tell_firing(A, 20)
    heard.tell_firing(A, 20)
    heard.report(Reported(replace(A, ends_ns=200), A), 30)
    assert heard.told() == (["received"], ["firing"])
    over = replace(A, ends_ns=40)
    heard.report(Reported(over, A), 40)
    heard.report(Reported(over, over), 41)
    assert heard.told() == (["resolved"], ["resolved"])
    assert (heard.firing(), heard.is_firing(A.fingerprint)) == ([], False)


def test_an_alert_that_never_fired_is_recorded_and_nobody_is_told() -> None:
    heard = Heard()
    heard.report(Reported(replace(A, ends_ns=15), None), 20)
    assert heard.events[0].detail["resolved"] is True
    assert heard.told() == (["received"], [])


def test_what_holds_an_alert_back_is_told_when_it_changes() -> None:
    heard = Heard()
    heard.report(Reported(A, None), 20)
    heard.suppress(A, SILENCED, 20)
    heard.tell_firing(A, 20)
    assert heard.changes[0].suppression == SILENCED
    assert heard.told() == (["received", "suppressed"], ["firing"])
    heard.suppress(A, SILENCED, 21)
    assert heard.told() == ([], [])
    both = replace(SILENCED, inhibited_by=(Inhibition("f2", "rule", ("am.yml", 7)),))
    heard.suppress(A, both, 22)
    assert heard.events[0].detail == {
        "silenced_by": ["s1"],
        "inhibited_by": ["f2"],
        "muted_by": [],
        "inhibit_rule": "rule",
        "inhibit_place": "am.yml:7",
    }
    assert heard.suppression_of(A.fingerprint) == both
    assert heard.told() == (["suppressed"], [])
    assert [heard.count(one) for one in ("active", "suppressed", "unprocessed")] == [0, 1, 0]
    heard.suppress(A, Suppression(), 23)
    assert heard.told() == (["unsuppressed"], ["released"])
    heard.suppress(A, Suppression(muted_by=("night",)), 24)
    assert heard.told() == ([], ["suppressed"])  # of groups that are muted the groups tell
    heard.suppress(replace(A, labels=labels_of("B"), fingerprint=""), SILENCED, 25)
    assert heard.told() == ([], [])


def test_ends_that_moved_are_found_when_they_come() -> None:
    heard = Heard()
    heard.report(Reported(A, None), 20)
    heard.tell_firing(A, 20)
    heard.report(Reported(replace(A, ends_ns=300), A), 30)
    heard.told()
    heard.end(100, most=9)
    assert (heard.told(), heard.next_end_ns()) == (([], []), 300)
    heard.report(Reported(replace(A, ends_ns=250), A), 110)
    assert heard.next_end_ns() == 250
    heard.end(250, most=9)
    assert heard.told() == (["resolved"], ["resolved"])
    heard.end(300, most=9)
    assert (heard.told(), heard.next_end_ns()) == (([], []), None)


def test_restored_alerts_are_told_of_only_when_they_are_over() -> None:
    heard = Heard()
    heard.restore(replace(A, ends_ns=30), 60, SILENCED)
    heard.suppress(A, SILENCED, 50)
    heard.end(59, most=9)
    assert heard.told() == ([], [])
    heard.end(60, most=9)
    assert heard.told() == (["resolved"], ["resolved"])


def test_a_listener_that_fails_hinders_nobody(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()

    def fail(_: AlertChange) -> None:
        raise RuntimeError("broken")

    heard.listeners.insert(0, fail)
    heard.report(Reported(A, None), 20)
    with caplog.at_level(logging.ERROR):
        heard.tell_firing(A, 20)
    assert heard.told()[1] == ["firing"]
    assert "broken" in caplog.text


def test_an_alert_that_only_a_time_interval_holds_back_counts_as_active() -> None:
    heard = Heard()
    heard.report(Reported(A, None), 20)
    heard.suppress(A, Suppression(muted_by=("nights",)), 20)
    assert [heard.count(one) for one in ("active", "suppressed")] == [1, 0]

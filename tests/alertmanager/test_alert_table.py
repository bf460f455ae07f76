"""Alerts and how reports of them are merged."""

from __future__ import annotations

import pytest

from appliance.alertmanager.alert_table import AlertTable
from appliance.model.alert import Alert
from tests.alertmanager.world import labels_of


def alert(start: int, end: int, *, at: int = 0, timeout: bool = False, labels: str = "A") -> Alert:
    return Alert(labels_of(labels), {"at": str(at)}, start, end, at, has_timeout=timeout)


@pytest.mark.parametrize(
    ("old", "new", "start", "end"),
    [
        # both over: the later end; the earlier start
        (alert(10, 50, at=60), alert(20, 40, at=70), 10, 50),
        (alert(20, 40, at=60), alert(10, 50, at=70), 10, 50),
        # still firing: what was made up gives way, what the sender said stays if it is later
        (alert(10, 90, at=20, timeout=True), alert(15, 80, at=30), 10, 80),
        (alert(10, 90, at=20), alert(15, 80, at=30), 10, 90),
        (alert(10, 90, at=20), alert(15, 95, at=30), 10, 95),
        # resolved now
        (alert(10, 90, at=20), alert(10, 30, at=30), 10, 30),
        # another occurrence
        (alert(10, 50, at=20), alert(50, 90, at=60), 50, 90),
        (alert(10, 50, at=20), alert(60, 90, at=60), 60, 90),
        # told of late: what was updated later holds
        (alert(10, 50, at=60), alert(20, 45, at=30), 10, 50),
    ],
)
def test_reports_of_one_occurrence_are_merged(old: Alert, new: Alert, start: int, end: int) -> None:
    table = AlertTable(max_alerts=9, per_name=0)
    assert table.put(old).before is None
    reported = table.put(new)
    assert (reported.alert.starts_ns, reported.alert.ends_ns) == (start, end)
    assert reported.before is old
    assert table.get(old.fingerprint) is reported.alert
    newest = old if old.updated_ns > new.updated_ns else new
    assert reported.alert.annotations == newest.annotations


def test_alerts_that_are_over_are_removed_unless_held() -> None:
    table = AlertTable(max_alerts=9, per_name=1)
    over, held, firing = (alert(0, end, labels=f"A,i={end}") for end in (10, 11, 90))
    for one in (over, held, firing):
        table.put(one)
    assert table.remove_resolved(20, held={held.fingerprint}) == [over.fingerprint]
    assert table.all() == [held, firing]
    assert over.fingerprint not in table
    assert table.remove_resolved(99, held=()) == [held.fingerprint, firing.fingerprint]
    assert not table.has_too_many("A", 0)
    assert len(table) == 0


def test_limits_count_alerts_that_fire_by_name_and_all_in_sum() -> None:
    table = AlertTable(max_alerts=3, per_name=2)
    table.put(alert(0, 10, labels="A,i=1"))
    assert not table.has_too_many("A", 5)
    table.put(alert(0, 90, labels="A,i=2"))
    assert table.has_too_many("A", 5)
    assert not table.has_too_many("A", 10)
    assert not table.has_too_many("B", 5)
    assert not table.is_full()
    table.put(alert(0, 90, labels="B"))
    assert table.is_full()

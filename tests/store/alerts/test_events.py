"""Events are found by alert, group, receiver, kind, time and number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.base.errors import BadInput
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.store.alerts.store import AlertStore
from tests.store.alerts.build import NOW_NS, alert, event

ONE, TWO, THREE = alert(1), alert(2), alert(3)
GROUP, OTHER = "{}:{a=1}", "{}:{a=2}"
EVENTS = [
    event(1, ONE),
    event(2, TWO, kind=EventKind.ROUTED),
    event(3, ONE, TWO, kind=EventKind.FLUSHED),
    event(4, TWO, THREE, kind=EventKind.FLUSHED),
    replace(event(5, ONE, TWO, kind=EventKind.ATTEMPT), group_key=GROUP, receiver="team"),
    replace(event(6, THREE, kind=EventKind.ATTEMPT), group_key=GROUP, receiver="boss"),
    replace(event(7, kind=EventKind.FAILED), group_key=OTHER, receiver="team"),
    replace(event(8, kind=EventKind.SILENCED), detail={}),
]


def numbers(events: list[AlertEvent]) -> list[int]:
    return [one.at_ns - NOW_NS for one in events]


@pytest.fixture
def filled(store: AlertStore) -> AlertStore:
    ids = list(store.append_events(EVENTS[:3]).result(5))
    ids += list(store.append_events(EVENTS[3:]).result(5))
    assert ids == list(range(1, 9))
    return store


def test_events_come_back_as_they_were(filled: AlertStore) -> None:
    assert filled.events() == [replace(one, id=i) for i, one in enumerate(EVENTS, start=1)]
    assert filled.event(5) == replace(EVENTS[4], id=5)
    assert filled.event(9) is None
    assert filled.event(0) is None


def test_events_by_alert(filled: AlertStore) -> None:
    assert numbers(filled.events(fingerprints=[ONE.fingerprint])) == [1, 3, 5]
    assert numbers(filled.events(fingerprints=[THREE.fingerprint])) == [4, 6]
    both = [ONE.fingerprint, THREE.fingerprint]
    assert numbers(filled.events(fingerprints=both)) == [1, 3, 4, 5, 6]
    assert filled.events(fingerprints=["no", "f" * 16]) == []


def test_events_by_group_and_receiver(filled: AlertStore) -> None:
    assert numbers(filled.events(group_key=GROUP)) == [5, 6]
    assert numbers(filled.events(receiver="team")) == [5, 7]
    assert numbers(filled.events(group_key=GROUP, receiver="team")) == [5]
    assert filled.events(group_key="none") == []


def test_conditions_are_combined(filled: AlertStore) -> None:
    one = [ONE.fingerprint]
    assert numbers(filled.events(kinds=[EventKind.FLUSHED, EventKind.FAILED])) == [3, 4, 7]
    assert numbers(filled.events(fingerprints=one, kinds=[EventKind.FLUSHED])) == [3]
    assert numbers(filled.events(fingerprints=one, receiver="team")) == [5]
    assert numbers(filled.events(fingerprints=one, start_ns=NOW_NS + 3)) == [3, 5]
    assert numbers(filled.events(fingerprints=one, end_ns=NOW_NS + 3)) == [1]
    assert numbers(filled.events(start_ns=NOW_NS + 3, end_ns=NOW_NS + 5)) == [3, 4]


def test_events_in_pages_from_either_end(filled: AlertStore) -> None:
    assert numbers(filled.events(limit=2)) == [1, 2]
    assert numbers(filled.events(limit=2, after_id=2)) == [3, 4]
    assert numbers(filled.events(limit=2, newest_first=True)) == [8, 7]
    assert numbers(filled.events(limit=2, newest_first=True, before_id=7)) == [6, 5]
    newest = filled.events(fingerprints=[ONE.fingerprint], limit=1, newest_first=True)
    assert numbers(newest) == [5]


def test_one_bad_fingerprint_refuses_the_call(filled: AlertStore) -> None:
    with pytest.raises(BadInput):
        filled.append_events([event(9), AlertEvent(1, EventKind.ACKED, ("x",))]).result(5)
    assert len(filled.events()) == 8


def test_labels_in_the_detail_are_known(store: AlertStore) -> None:
    one, two = dict(ONE.labels), dict(TWO.labels)
    told = [
        replace(event(1, ONE), detail={"labels": one}),
        replace(event(2, TWO), detail={"labels": TWO.labels}),
        replace(event(3, THREE), detail={"labels": "not these"}),
        replace(event(4, ONE, THREE), detail={"labels": two}),
    ]
    store.append_events(told).result(5)
    names = [ONE.fingerprint, TWO.fingerprint, THREE.fingerprint]
    assert store.known_labels(names) == {names[0]: Labels.of(one), names[1]: Labels.of(two)}


def test_large_and_odd_details_come_back(store: AlertStore) -> None:
    details: list[dict[str, Any]] = [
        {"body": "ä" * 100_000, "status": 200, "seconds": 0.5, "list": [1, {"a": None}]},
        {"half": "\ud800", "number": 2**70},
        {"1": {"2": "keys"}},
    ]
    store.append_events([replace(event(1), detail=one) for one in details]).result(5)
    assert [one.detail for one in store.events()] == details
    assert store.disk_bytes() < 400_000


def test_one_set_of_many_alerts_is_stored_once(store: AlertStore) -> None:
    many = [alert(number) for number in range(2000)]
    for number in range(3):
        told = [event(number * 2, *many), event(number * 2 + 1, *many, kind=EventKind.NOTIFIED)]
        store.append_events(told).result(5)
    found = store.events(fingerprints=[many[7].fingerprint])
    assert len(found) == 6
    assert found[0].fingerprints == tuple(one.fingerprint for one in many)
    with store._database.reader() as connection:
        assert connection.execute("SELECT count(*) FROM member").fetchone()[0] == 2000

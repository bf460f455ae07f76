"""Alerts that wait for an addressee: the newest report of each, bounded, tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from appliance.base.clock import ManualClock
from appliance.base.errors import LimitExceeded, Unavailable
from appliance.base.tasks import spawn
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.notify.outbox import Outbox, PatientSink

MINUTE_NS = 60 * 10**9


def alert(name: str, *, starts_ns: int = 0, ends_ns: int = MINUTE_NS) -> Alert:
    return Alert(Labels.of({"alertname": name}), {}, starts_ns, ends_ns, starts_ns)


class Other:
    """Another Alertmanager that may be down."""

    def __init__(self) -> None:
        self.is_down = False
        self.calls: list[list[str]] = []
        self.alerts: list[Alert] = []

    async def put(self, alerts: Sequence[Alert]) -> None:
        self.calls.append([each.name for each in alerts])
        if self.is_down:
            raise Unavailable("down")
        self.alerts += alerts


def test_only_the_newest_report_of_an_alert_waits() -> None:
    outbox = Outbox(lambda _: None)
    outbox.put([alert("a"), alert("b"), alert("a", ends_ns=5)])
    assert [(one.name, one.ends_ns) for one in outbox.take(9)] == [("a", 5), ("b", MINUTE_NS)]


def test_a_full_one_drops_what_has_waited_longest() -> None:
    dropped: list[int] = []
    outbox = Outbox(dropped.append, capacity=2)
    outbox.put([alert("a"), alert("b"), alert("c")])
    assert [one.name for one in outbox.take(9)] == ["b", "c"]
    assert sum(dropped) == 1


def test_what_comes_back_is_first_unless_it_is_out_of_date() -> None:
    dropped: list[int] = []
    outbox = Outbox(dropped.append)
    outbox.put([alert("a"), alert("b"), alert("old"), alert("gone", ends_ns=-20 * MINUTE_NS)])
    taken = outbox.take(9)
    outbox.put([alert("c"), replace(taken[2], ends_ns=7)])
    outbox.give_back(taken, now_ns=0)
    assert [(one.name, one.ends_ns) for one in outbox.take(9)] == [
        ("a", MINUTE_NS),
        ("b", MINUTE_NS),
        ("old", 7),
        ("c", MINUTE_NS),
    ]
    assert sum(dropped) == 1


async def test_alerts_are_passed_on_when_the_other_one_is_back() -> None:
    clock, other, dropped = ManualClock(0), Other(), list[int]()
    sink = PatientSink(other, clock, dropped.append, name="other")
    task = asyncio.create_task(sink.run())
    other.is_down = True
    await sink.put([alert("a"), alert("short", ends_ns=-15 * MINUTE_NS + 2 * 10**9)])
    await clock.advance(0)
    await sink.put([alert("b")])
    await clock.advance(1)
    assert other.calls == [["a", "short"], ["a", "short", "b"]]
    other.is_down = False
    await clock.advance(1.9)
    assert len(other.calls) == 2
    await clock.advance(0.2)
    assert [one.name for one in other.alerts] == ["a", "short", "b"]
    assert sum(dropped) == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_those_that_there_is_no_room_for_hold_up_nobody() -> None:
    clock = ManualClock(0)
    taken: list[str] = []

    async def send(alerts: Sequence[Alert]) -> None:
        if any(one.name.startswith("too-many") for one in alerts):
            raise LimitExceeded("too many", limit="alertmanager.max_alerts")
        taken.extend(one.name for one in alerts)

    outbox = Outbox(lambda _: None)
    outbox.put([alert("too-many-1"), alert("too-many-2"), alert("over"), alert("other")])
    task = spawn(outbox.deliver(send, clock, name="it", most=2), name="test")
    await clock.advance(1)
    assert taken == ["over", "other"]
    assert [one.name for one in outbox.take(9)] == ["too-many-1", "too-many-2"]
    task.cancel()

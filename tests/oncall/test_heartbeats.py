"""Signs of life: others' that are missing, and our own."""

from __future__ import annotations

from pathlib import Path

from tests.notify.receiving import receiving
from tests.oncall.duty import Duty, oncall_of

EXPECTED = """\
heartbeats:
  expected:
  - {name: eu, every: 5m, grace: 1m, labels: {severity: P1, team: ops}, annotations: {runbook: x}}
"""
OUTGOING = "heartbeats: {{outgoing: [{{name: hc, url: '{}/ping/secret', every: 1m}}]}}"


def missing(duty: Duty) -> list[dict[str, str]]:
    now_ns = duty.clock.now_ns()
    return [
        dict(one.labels)
        for one in duty.am.firing()
        if one.name == "HeartbeatMissing" and not one.is_resolved(now_ns)
    ]


async def test_a_heartbeat_that_does_not_come_is_an_alert_until_it_is_back(tmp_path: Path) -> None:
    async with Duty(tmp_path, EXPECTED) as duty:
        await duty.advance(3)
        await duty.oncall.expected.beat("eu")
        await duty.advance(5.5)
        assert missing(duty) == []
        await duty.advance(1)
        labels = {
            "alertname": "HeartbeatMissing",
            "heartbeat": "eu",
            "severity": "P1",
            "team": "ops",
        }
        assert missing(duty) == [labels]
        assert duty.metric("appliance_heartbeat_missing", heartbeat="eu") == 1
        await duty.advance(60)
        assert missing(duty) == [labels]
        [alert] = duty.am.firing()
        assert alert.annotations["runbook"] == "x"
        await duty.oncall.expected.beat("eu")
        await duty.settle()
        assert missing(duty) == []
        told = [(one["state"], one["direction"]) for one in duty.happened("heartbeat")]
        assert told == [("missing", "expected"), ("back", "expected")]
        await duty.advance(2)
        assert [one.status for one in duty.sent if one.receiver == "team"][-1] == "resolved"


async def test_one_that_never_came_is_missed_too(tmp_path: Path) -> None:
    async with Duty(tmp_path, EXPECTED) as duty:
        await duty.advance(5.5)
        assert missing(duty) == []
        await duty.advance(1)
        assert len(missing(duty)) == 1


async def test_a_restart_neither_raises_nor_hides_it(tmp_path: Path) -> None:
    async with Duty(tmp_path, EXPECTED) as duty:
        await duty.oncall.expected.beat("eu")
    await duty.clock.advance(3600)  # nothing could come meanwhile
    async with duty.again(EXPECTED) as later:
        await later.advance(5)
        assert missing(later) == []
        assert later.oncall.expected.get("eu").seen_ns == duty.begin_ns
        await later.advance(2)
        assert len(missing(later)) == 1
    await duty.clock.advance(3600)
    async with later.again(EXPECTED) as last:
        await last.advance(0.1)
        assert len(missing(last)) == 1
        assert last.happened("heartbeat") == []


async def test_an_alert_of_others_counts_as_a_sign_of_life(tmp_path: Path) -> None:
    text = "heartbeats: {expected: [{name: us, every: 2m, match: 'alertname=Watchdog,cluster=us'}]}"
    async with Duty(tmp_path, text) as duty:
        for _ in range(5):
            await duty.fire("Watchdog,cluster=us", hours=0.1)
            await duty.advance(1)
        await duty.fire("Watchdog,cluster=eu", hours=10)
        assert missing(duty) == []
        await duty.advance(3)
        assert len(missing(duty)) == 1
        await duty.fire("Watchdog,cluster=us", hours=0.1)
        await duty.advance(1.5)
        assert missing(duty) == []


async def test_one_that_is_not_expected_any_more_is_not_missing(tmp_path: Path) -> None:
    async with Duty(tmp_path, EXPECTED) as duty:
        await duty.advance(7)
        assert len(missing(duty)) == 1
        await duty.oncall.apply(oncall_of("{}"), tmp_path)
        await duty.settle()
        assert missing(duty) == []
        assert duty.store.documents("heartbeat") == {}


async def test_ours_is_sent_only_while_the_watchdog_keeps_arriving(tmp_path: Path) -> None:
    async with receiving() as receiver:
        text = OUTGOING.format(receiver.address)
        async with Duty(tmp_path, text) as duty:
            await duty.advance(2.1)
            assert receiver.requests == []
            for _ in range(4):
                await duty.fire("Watchdog", hours=0.05)
                await duty.advance(1)
                await wait_for(duty, "sent")
            assert {one.path for one in receiver.requests} == {"/ping/secret"}
            count = len(receiver.requests)
            assert count in {3, 4}
            await duty.advance(5)  # three minutes after the last report it is over
            await wait_for(duty, "silent")
            stopped = len(receiver.requests)
            assert stopped <= count + 3
            await duty.advance(10)
            assert len(receiver.requests) == stopped
            told = [(one["state"], one["heartbeat"]) for one in duty.happened("heartbeat")]
            assert told == [("silent", "hc"), ("sent", "hc"), ("silent", "hc")]


async def test_a_ping_that_fails_is_counted_and_its_address_not_shown(tmp_path: Path) -> None:
    async with receiving() as receiver:
        receiver.usual = lambda _: (500, "no")
        text = OUTGOING.format(receiver.address)
        async with Duty(tmp_path, text) as duty:
            await duty.fire("Watchdog")
            await duty.advance(1)
            await wait_for(duty, "failed")
            [ping] = duty.oncall.outgoing.pings
            assert ping.error == "the server answers 500"
            name = "appliance_heartbeat_pings_total"
            assert duty.metric(name, heartbeat="hc", result="failed") == 1
            assert "secret" not in str(duty.happened("heartbeat"))


async def wait_for(duty: Duty, state: str) -> None:
    """The request goes over a real connection."""
    for _ in range(200):
        if duty.oncall.outgoing.pings[0].state == state:
            return
        await duty.settle()
    raise AssertionError(duty.oncall.outgoing.pings)

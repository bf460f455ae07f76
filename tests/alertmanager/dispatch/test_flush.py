"""What flushes hold, and what the record is told of them."""

from __future__ import annotations

from appliance.model.alert_event import EventKind
from appliance.model.matcher import Matcher, MatchOp
from tests.alertmanager.world import ROUTE, World, names, resolved

MUTED = (
    ROUTE.replace(
        "receivers:", "  routes: [{receiver: a, mute_time_intervals: [night]}]\nreceivers:"
    )
    + """\
time_intervals:
  - {name: night, time_intervals: [{times: [{start_time: '22:14', end_time: '22:15'}]}]}
"""  # the world begins at 22:13:20
)


async def test_alerts_that_fire_are_told_with_their_labels_order_and_moment() -> None:
    async with World() as world:
        alerts = [world.alert(f"A,i={i},job={job}") for i, job in ((1, "b"), (2, "a"), (3, "b"))]
        await world.put(*alerts)
        await world.advance(5)
        await world.put(resolved(alerts[2], world.clock.now_ns()))
        (told,) = await world.advance(10)
    assert names(told.flush.alerts) == ["2", "1", "3"]
    assert told.flush.now_ns == world.begin_ns + 10 * 10**9
    assert (told.firing, told.resolved) == (["2", "1"], ["3"])


async def test_short_intervals_leave_time_for_a_notification() -> None:
    async with World(ROUTE.replace("60s", "1s")) as world:
        await world.put(world.alert("A"))
        (told, *_) = await world.advance(10)
    assert told.flush.timeout_seconds == 10


async def test_the_record_has_where_alerts_went_and_what_was_flushed() -> None:
    async with World() as world:
        alert, other = world.alert("A,i=1"), world.alert("A,i=2")
        await world.put(alert, other)
        await world.advance(80)
        routed = [one for one in world.events if one.kind is EventKind.ROUTED]
        assert len(routed) == 1, "one event for all that came at once"
        assert routed[0].fingerprints == (alert.fingerprint, other.fingerprint)
        assert (routed[0].group_key, routed[0].receiver) == ('{}:{alertname="A"}', "r")
        assert routed[0].detail == {"route": "{}", "path": [], "place": "am.yml:2"}
        flushed = [one for one in world.events if one.kind is EventKind.FLUSHED]
        assert [one.detail for one in flushed] == [{"firing": 2, "resolved": 0}]
        await world.put(resolved(alert, world.clock.now_ns()))
        await world.advance(60)
        assert world.events[-1].detail == {"firing": 1, "resolved": 1}


async def test_a_group_that_becomes_mute_is_recorded_once_each_way() -> None:
    async with World(MUTED) as world:
        await world.put(world.alert("A", timeout=10_000))
        told = await world.advance(300)
        assert [one.at for one in told] == [10, 130, 190, 250]
        mutes = [one for one in world.events if one.group_key and "muted_by" in one.detail]
        assert [(one.kind.value, one.detail["muted_by"]) for one in mutes] == [
            ("suppressed", ["night"]),
            ("unsuppressed", []),
        ]
        assert world.metric(
            "alertmanager_notifications_suppressed_total", reason="mute_time_interval"
        )


async def test_inhibition_counts_before_silences() -> None:
    config = ROUTE + "inhibit_rules: [{source_matchers: [s=1], target_matchers: [t=1]}]\n"
    async with World(config) as world:
        await world.silence(Matcher("t", MatchOp.REGEX, ".+"))
        await world.put(world.alert("S,s=1"), world.alert("T,t=1"), world.alert("T,t=2"))
        await world.advance(10)
        name = "alertmanager_notifications_suppressed_total"
        assert world.metric(name, reason="inhibition") == 1
        assert world.metric(name, reason="silence") == 1

"""The Alertmanager as a whole, on a clock that stands still."""

from __future__ import annotations

import asyncio

import pytest

from appliance.alertmanager.deps import AlertmanagerOptions
from appliance.alertmanager.views import ChangeKind
from appliance.base.errors import BadInput, LimitExceeded, StorageFull
from appliance.base.tasks import spawn
from appliance.model.matcher import Matcher, MatchOp
from tests.alertmanager.world import ROUTE, World, name, resolved

A = Matcher("alertname", MatchOp.EQUAL, "A")
CHILDREN = (
    ROUTE.rstrip()
    + """
inhibit_rules:
  - name: down
    source_matchers: [severity=critical]
    target_matchers: [severity=warning]
    equal: [s]
time_intervals:
  - {name: never, time_intervals: [{years: ['1999']}]}
  - {name: always, time_intervals: [{}]}
"""
)


def child(text: str, config: str = CHILDREN) -> str:
    """The configuration with a route below the root."""
    return config.replace("receivers:", f"  routes: [{text}]\nreceivers:")


async def test_alerts_of_a_group_are_told_of_together_after_group_wait() -> None:
    async with World() as world:
        await world.put(world.alert("A,i=1"))
        await world.advance(5)
        await world.put(world.alert("A,i=2"), world.alert("B,i=3"))
        told = await world.advance(15)
    assert [(one.at, one.key, one.firing) for one in told] == [
        (10, '{}:{alertname="A"}', ["1", "2"]),
        (15, '{}:{alertname="B"}', ["3"]),
    ]
    flush = told[0].flush
    assert (flush.receiver, flush.repeat_ns, flush.timeout_seconds) == ("r", 3600 * 10**9, 60)
    assert dict(flush.group_labels) == {"alertname": "A"}


async def test_ticks_go_on_every_group_interval_from_the_first_flush() -> None:
    async with World() as world:
        await world.put(world.alert("A", timeout=1000))
        told = await world.advance(200)
    assert [one.at for one in told] == [10, 70, 130, 190]


async def test_an_old_alert_flushes_its_new_group_at_once_but_no_group_that_waits() -> None:
    async with World() as world:
        await world.put(world.alert("A,i=1", starts=-11))
        assert [one.at for one in world.told] == [0]
        await world.put(world.alert("B,i=2"))
        await world.put(world.alert("B,i=3", starts=-11))
        told = await world.advance(59)
    assert [(one.at, one.firing) for one in told] == [(10, ["2", "3"])]


async def test_resolved_alerts_are_told_of_once_and_the_group_is_forgotten() -> None:
    async with World() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.advance(20)
        await world.put(resolved(alert, world.clock.now_ns()))
        assert world.am.alerts() == []
        told = await world.advance(500)
        assert [(one.at, one.firing, one.resolved) for one in told] == [(70, [], ["A"])]
        assert world.am.groups() == []
        assert world.metric("alertmanager_dispatcher_aggregation_groups") == 0
        await world.put(world.alert("A"))
        again = await world.advance(20)
    assert [one.at for one in again] == [530]


async def test_what_could_not_be_told_stays_in_the_group() -> None:
    async with World() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.advance(20)
        world.succeeds = False
        await world.put(resolved(alert, world.clock.now_ns()))
        await world.advance(120)
        world.succeeds = True
        told = await world.advance(200)
    assert [(one.at, one.resolved) for one in told] == [(190, ["A"])]


async def test_an_alert_that_fires_again_during_its_resolved_flush_stays() -> None:
    async with World() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.advance(20)
        await world.put(resolved(alert, world.clock.now_ns()))
        world.gate = asyncio.Event()
        await world.advance(50)
        await world.put(world.alert("A"))
        world.gate.set()
        world.gate = None
        told = await world.advance(60)
        assert world.store.alerts
    assert [(one.at, one.firing) for one in told] == [(130, ["A"])]


async def test_alerts_end_by_themselves() -> None:
    async with World() as world:
        await world.put(world.alert("A", ends=30))
        told = await world.advance(80)
        assert world.changes[-1].kind is ChangeKind.RESOLVED
        assert world.changes[-1].at_ns == world.begin_ns + 30 * 10**9
    assert [(one.at, one.firing, one.resolved) for one in told] == [
        (10, ["A"], []),
        (70, [], ["A"]),
    ]


async def test_a_slow_receiver_is_never_told_of_a_group_twice_at_once() -> None:
    async with World(
        child("{receiver: a, matchers: [t=1], continue: true}, {receiver: b}")
    ) as world:
        world.gate = asyncio.Event()
        await world.put(world.alert("A,t=1", timeout=1000))
        told = await world.advance(200)
        assert sorted((one.receiver, one.at) for one in told) == [("a", 10), ("b", 10)]
        world.gate.set()
        world.gate = None
        told = await world.advance(1)
        assert sorted((one.receiver, one.at) for one in told) == [("a", 200), ("b", 200)]
        told = await world.advance(60)
    assert sorted((one.receiver, one.at) for one in told) == [("a", 250), ("b", 250)]


async def test_a_busy_receiver_is_given_a_bounded_number_of_groups() -> None:
    options = AlertmanagerOptions(flushes_per_receiver=3)
    async with World(options=options) as world:
        world.gate = asyncio.Event()
        await world.put(*(world.alert(f"A{i}") for i in range(10)))
        assert len(await world.advance(15)) == 3
        world.gate.set()
        assert len(await world.advance(1)) == 7


async def test_a_clock_that_is_set_back_or_ahead_does_not_stop_groups() -> None:
    async with World() as world:
        await world.put(world.alert("A", timeout=10_000))
        await world.advance(20)
        world.clock.offset_ns = -5000 * 10**9
        assert [one.at for one in await world.advance(60)] == [70]
        world.clock.offset_ns = 9000 * 10**9
        assert [one.at for one in await world.advance(60)] == [130]
        world.clock.offset_ns = 20_000 * 10**9
        told = await world.advance(60)
        assert [(one.at, one.resolved) for one in told] == [(190, ["A"])]
        assert world.changes[-1].kind is ChangeKind.RESOLVED


async def test_silenced_alerts_are_left_out_and_the_silence_is_named() -> None:
    async with World() as world:
        silence = await world.silence(Matcher("i", MatchOp.EQUAL, "1"))
        await world.put(world.alert("A,i=1"), world.alert("A,i=2"), world.alert("B,i=1"))
        told = await world.advance(20)
        assert [(one.key, one.firing) for one in told] == [('{}:{alertname="A"}', ["2"])]
        views = {name(view.alert) + view.alert.name: view for view in world.am.alerts()}
        assert views["1A"].silenced_by == (silence,)
        assert views["1A"].state == "suppressed"
        assert (views["2A"].silenced_by, views["2A"].state) == ((), "active")
        suppressed = world.metric("alertmanager_notifications_suppressed_total", reason="silence")
        assert suppressed == 2
        assert world.metric("alertmanager_alerts", state="suppressed") == 2
        assert world.metric("alertmanager_alerts", state="active") == 1
        await world.am.silences.expire(silence)
        told = await world.advance(60)
    assert [one.firing for one in told] == [["1", "2"], ["1"]]


async def test_resolved_while_silenced_is_not_told_unless_wanted() -> None:
    for wanted in (False, True):
        options = AlertmanagerOptions(send_resolved_when_silenced=wanted)
        async with World(options=options) as world:
            told, untold = world.alert("A,i=1"), world.alert("A,i=2")
            await world.put(told)
            await world.advance(20)
            await world.silence(A)
            await world.put(untold)
            await world.advance(60)
            now_ns = world.clock.now_ns()
            await world.put(resolved(told, now_ns), resolved(untold, now_ns))
            found = await world.advance(120)
            assert [one.resolved for one in found] == ([["1"]] if wanted else [])
            assert world.am.groups() == []


async def test_inhibited_alerts_are_left_out_and_the_inhibitor_is_named() -> None:
    async with World(CHILDREN) as world:
        source = world.alert("Down,severity=critical,s=x")
        await world.put(world.alert("Slow,severity=warning,s=x"), source)
        await world.put(world.alert("Slow,severity=warning,s=y,i=other"))
        told = await world.advance(20)
        assert sorted(one.firing[0] for one in told) == ["Down", "other"]
        view = next(one for one in world.am.alerts() if one.inhibited_by)
        assert view.inhibited_by == (source.fingerprint,)
        assert view.suppression.inhibited_by[0].rule == "down"
        assert view.suppression.inhibited_by[0].place == ("am.yml", 9)
        held_back = [one for one in world.events if one.kind.value == "suppressed"]
        assert held_back[0].detail["inhibit_rule"] == "down"
        assert held_back[0].detail["inhibit_place"] == "am.yml:9"
        await world.put(resolved(source, world.clock.now_ns()))
        told = await world.advance(60)
    assert sorted(one.firing for one in told if one.firing) == [["Slow", "other"]]


@pytest.mark.parametrize(
    ("interval", "reason"),
    [
        ("mute_time_intervals: [never, always]", "mute_time_interval"),
        ("active_time_intervals: [never]", "active_time_interval"),
    ],
)
async def test_muted_routes_take_alerts_and_tell_nothing(interval: str, reason: str) -> None:
    async with World(child(f"{{receiver: a, {interval}}}")) as world:
        await world.put(world.alert("A"))
        assert await world.advance(20) == []
        assert world.metric("alertmanager_notifications_suppressed_total", reason=reason) == 1
        group = world.am.groups()[0]
        expected = ("never",) if reason.startswith("active") else ("always",)
        assert group.muted_by == group.alerts[0].muted_by == expected
        assert group.alerts[0].state == "suppressed"
        assert world.am.alerts()[0].state == "active"
        assert [change.suppression.muted_by for change in world.changes] == [expected]
        kinds = world.kinds()
    assert kinds == ["received", "routed", "suppressed"]


async def test_a_restart_loses_nothing_and_notes_what_had_been_told() -> None:
    async with World() as world:
        first, second = world.alert("A,i=1"), world.alert("A,i=2", starts=-20)
        await world.put(first, second, world.alert("B,i=3"))
        await world.advance(20)
        silence = await world.silence(A)
        await world.put(resolved(first, world.clock.now_ns()))
    async with world.again() as later:
        await later.advance(1)
        assert later.am.silences.get(silence).matchers == (A,)
        assert sorted(name(view.alert) for view in later.am.alerts()) == ["2", "3"]
        assert [one.key for one in later.told] == ['{}:{alertname="B"}']
        await later.am.silences.expire(silence)
        told = await later.advance(60)
        assert sorted((one.firing, one.resolved) for one in told) == [(["2"], []), (["3"], [])]
        assert [change.kind for change in later.changes] == [ChangeKind.RELEASED]
        assert set(later.kinds()) == {"flushed", "silenced", "unsuppressed"}


async def test_alerts_that_are_over_and_told_of_do_not_outlive_a_restart() -> None:
    async with World() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.put(resolved(alert, world.clock.now_ns()))
        assert len(world.store.alerts) == 1
        await world.advance(20)
        assert world.store.alerts == {}
        await world.put(resolved(alert, world.clock.now_ns()))
        assert await world.advance(100) == []  # told already: no group is made for it


async def test_an_alert_whose_end_came_while_the_server_was_down_may_be_reported() -> None:
    async with World() as world:
        lost, back = (
            world.alert("Lost,i=lost", timeout=240),
            world.alert("Back,i=back", timeout=240),
        )
        await world.put(lost, back)
        await world.advance(20)
    await world.clock.advance(600)
    async with world.again() as later:
        assert await later.advance(100) == []
        await later.put(later.alert("Back,i=back", starts=-720))
        told = await later.advance(200)
        assert (["back"], []) in [(one.firing, one.resolved) for one in told]
        assert [(one.at, one.resolved) for one in told if one.resolved] == [(860, ["lost"])]
        assert [change.alert.name for change in later.changes] == ["Lost"]


async def test_reports_are_told_of_though_they_cannot_be_stored() -> None:
    async with World() as world:
        world.store.fails = StorageFull("no room")
        with pytest.raises(StorageFull):
            await world.put(world.alert("A"))
        assert [one.firing for one in await world.advance(20)] == [["A"]]


async def test_a_caller_that_goes_away_leaves_no_half_of_its_reports_behind() -> None:
    async with World() as world:
        # Several slices, but not so many that a group of them is sorted in a thread.
        alerts = [world.alert(f"A,i={i}") for i in range(900)]
        call = spawn(world.am.put(alerts), name="call")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.cancel()
        await world.advance(20)
        assert [len(one.firing) for one in world.told] == [900]
        assert len(world.store.alerts) == 900


async def test_limits_refuse_new_alerts_only() -> None:
    options = AlertmanagerOptions(max_alerts=2, per_alertname_limit=1, max_groups=1)
    async with World(options=options) as world:
        await world.put(world.alert("A,i=1"), world.alert("A,i=2"))
        assert world.metric("alertmanager_alerts_limited_total") == 1
        assert world.metric("alertmanager_alerts_per_alert_limit") == 1
        with pytest.raises(LimitExceeded, match="2 alerts are not taken: there are 2 already"):
            await world.put(*(world.alert(one) for one in ("B", "C", "D", "A,i=1")))
        assert sorted(view.alert.name for view in world.am.alerts()) == ["A", "B"]
        assert len(world.am.groups()) == 1
        refused = "alertmanager_dispatcher_aggregation_group_limit_reached_total"
        assert world.metric(refused) == 1


async def test_resolved_alerts_are_forgotten_after_a_while() -> None:
    async with World(options=AlertmanagerOptions(gc_seconds=100)) as world:
        alert = world.alert("A")
        world.succeeds = False
        await world.put(alert)
        await world.put(resolved(alert, world.clock.now_ns()))
        await world.advance(105)
        assert world.store.alerts  # nobody could be told yet
        world.succeeds = True
        await world.advance(105)
        assert world.store.alerts == {}
        await world.put(world.alert("A"))
        assert world.changes[-1].kind is ChangeKind.FIRING


async def test_a_new_configuration_keeps_times_of_groups_that_stay() -> None:
    async with World() as world:
        await world.put(world.alert("A,t=1", timeout=9000), world.alert("B,t=2", timeout=9000))
        await world.advance(30)
        await world.apply(child("{receiver: a, matchers: [t=2]}", ROUTE))
        assert [(one.at, one.key) for one in await world.advance(35)] == [
            (30, '{}/{t="2"}:{alertname="B"}')
        ]
        assert str(world.am.directory) == "/new"
        assert [(one.at, one.key) for one in await world.advance(10)] == [
            (70, '{}:{alertname="A"}')
        ]
        await world.apply(ROUTE.replace("60s", "20s"))
        told = await world.advance(25)
    assert [(one.at, one.key[-3:-1]) for one in told] == [(75, 'B"'), (90, 'A"'), (95, 'B"')]


async def test_a_configuration_that_cannot_be_used_changes_nothing() -> None:
    async with World() as world:
        before = world.am.tree

        def refuse(*_: object) -> object:
            raise BadInput("no such template")

        object.__setattr__(world.am._deps, "pipeline", refuse)
        with pytest.raises(BadInput):
            await world.apply(ROUTE)
        assert world.am.tree is before


async def test_a_flush_under_way_goes_on_through_a_new_configuration() -> None:
    async with World() as world:
        alert = world.alert("A", timeout=1000)
        await world.put(alert)
        await world.advance(20)
        await world.put(resolved(alert, world.clock.now_ns()))
        gate = world.gate = asyncio.Event()
        await world.advance(50)
        await world.apply(ROUTE)
        world.gate = None
        assert await world.advance(100) == []  # the flush under way is still the only one
        gate.set()
        await world.advance(1)
        assert world.am.groups() == []
        assert world.store.alerts == {}
        assert await world.advance(100) == []


async def test_route_labels_are_filled_in_when_they_are_templates() -> None:
    config = child("{receiver: a, labels: {team: x, n: 'has {{ n }}'}}", ROUTE)
    async with World(config) as world:
        await world.put(world.alert("A,i=1"), world.alert("A,i=2"))
        told = await world.advance(20)
        assert told[0].flush.route_labels == {"team": "x", "n": "has 2"}
        assert world.am.groups()[0].route_labels == {"team": "x", "n": "has 2"}
        assert world.expanded == 1
        await world.put(world.alert("A,i=3"))
        assert world.am.groups()[0].route_labels["n"] == "has 3"


async def test_a_route_label_that_cannot_be_filled_in_loses_no_notification() -> None:
    config = child("{receiver: a, labels: {bad: '{{ broken }}', n: 'has {{ n }}'}}", ROUTE)
    async with World(config) as world:
        await world.put(world.alert("A"))
        told = await world.advance(20)
        assert told[0].flush.route_labels == {"bad": "{{ broken }}", "n": "has 1"}
        assert world.am.groups()[0].route_labels == told[0].flush.route_labels


async def test_views_have_receivers_states_and_times() -> None:
    config = child("{receiver: b, matchers: [t=1], continue: true}, {receiver: a}", ROUTE)
    async with World(config) as world:
        await world.put(world.alert("B,t=1"), world.alert("A"))
        await world.advance(20)
        receivers = {view.alert.name: view.receivers for view in world.am.alerts()}
        assert receivers == {"A": ("a",), "B": ("b", "a")}
        groups = world.am.groups()
        assert [(one.receiver, one.labels.get("alertname")) for one in groups] == [
            ("a", "A"),
            ("a", "B"),
            ("b", "B"),
        ]
        assert groups[1].alerts[0].receivers == ("a", "b")
        assert groups[0].route.place == ("am.yml", 7)
        assert groups[0].last_flush_ns == world.begin_ns + 10 * 10**9
        assert groups[0].next_flush_ns == world.begin_ns + 70 * 10**9


async def test_the_record_and_listeners_hear_of_changes_only() -> None:
    async with World() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.put(world.alert("A", summary="changed"))
        await world.advance(200)
        assert world.kinds() == ["received", "routed", "flushed"]
        silence = await world.silence(A)
        await world.advance(1)
        await world.am.silences.expire(silence)
        await world.advance(1)
        assert world.kinds() == ["silenced", "suppressed", "silenced", "unsuppressed"]
        await world.put(resolved(alert, world.clock.now_ns()))
        await world.advance(100)
        assert world.kinds() == ["resolved", "flushed"]
        kinds = [change.kind for change in world.changes]
    assert kinds == [
        ChangeKind.FIRING,
        ChangeKind.SUPPRESSED,
        ChangeKind.RELEASED,
        ChangeKind.RESOLVED,
    ]


async def test_an_alert_that_begins_silenced_is_told_to_listeners_with_its_silence() -> None:
    async with World() as world:
        silence = await world.silence(A)
        await world.put(world.alert("A"))
    assert [(one.kind, one.suppression.silenced_by) for one in world.changes] == [
        (ChangeKind.FIRING, (silence,))
    ]


async def test_a_notification_under_way_may_finish_when_the_server_stops() -> None:
    async with World() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.put(resolved(alert, world.clock.now_ns()))
        world.gate = asyncio.Event()
        await world.advance(20)
        asyncio.get_running_loop().call_later(0.01, world.gate.set)
    assert world.store.alerts == {}

"""Every sentence of an explanation is true: each situation, and what then happens."""

from __future__ import annotations

import pytest

from appliance.alertmanager.explain.facts import RuleFact
from appliance.alertmanager.explain.values import Status, Verdict
from appliance.base.errors import NotFound
from appliance.model.matcher import Matcher, MatchOp
from tests.alertmanager.explain.explained import Explained, integration, text
from tests.alertmanager.world import labels_of, resolved


async def is_told_at(world: Explained, at_ns: int) -> None:
    """The receiver is told once more then, not a second before."""
    before = len(world.sinks["r"].sent)
    await world.advance(world.seconds(at_ns) - world.now() - 1)
    assert len(world.sinks["r"].sent) == before
    await world.advance(1)
    assert len(world.sinks["r"].sent) == before + 1


async def test_waits_for_group_wait_and_is_told_then() -> None:
    async with Explained() as world:
        await world.put(world.alert("A"))
        found = await world.explain("A")
        one = integration(found)

        assert (found.status, one.verdict) == (Status.FIRING, Verdict.WAITING)
        assert (world.seconds(one.next_ns), one.next_reason) == (10.0, "first notification")
        assert "waits for group_wait" in text(found)
        assert [told.at for told in await world.advance(10)] == [10.0]


async def test_told_and_repeated_when_it_says() -> None:
    async with Explained() as world:
        await world.put(world.alert("A", timeout=10_000))
        await world.advance(15)
        one = integration(await world.explain("A"))

        assert one.verdict is Verdict.TOLD
        assert world.seconds(one.told_ns) == 10.0
        assert one.last is not None
        assert (one.last.outcome, one.last.status) == ("notified", 200)
        await is_told_at(world, one.next_ns)
        assert [message.reason for message in world.sinks["r"].sent][1:] == [one.next_reason]


async def test_a_new_alert_waits_for_group_interval() -> None:
    async with Explained() as world:
        await world.put(world.alert("A,i=1"))
        await world.advance(15)
        await world.put(world.alert("A,i=2"))
        found = await world.explain("A,i=2")
        one = integration(found)

        assert one.verdict is Verdict.WAITING
        assert (world.seconds(one.next_ns), one.next_reason) == (70.0, "new alerts added")
        assert "waits for group_interval" in text(found)


async def test_silenced_until_the_silence_ends() -> None:
    async with Explained() as world:
        await world.put(world.alert("A", timeout=10_000))
        silence = await world.silence(Matcher("alertname", MatchOp.EQUAL, "A"), ends=100)
        await world.advance(20)
        found = await world.explain("A")
        one = integration(found)

        assert one.verdict is Verdict.HELD
        assert [(held.id, held.created_by) for held in found.silences] == [(silence, "me")]
        assert "by me: why" in text(found)
        assert world.seconds(one.next_ns) == 130.0
        await is_told_at(world, one.next_ns)


async def test_inhibited_by_whom_through_which_rule() -> None:
    async with Explained() as world:
        await world.put(world.alert("Down,node=n1"), world.alert("A,severity=warn,node=n1"))
        found = await world.explain("A,node=n1")

        assert integration(found).verdict is Verdict.HELD
        (source,) = found.inhibitions
        assert (source.labels, source.rule) == (labels_of("Down,node=n1"), "down")
        assert (source.place[0], source.equal) == ("am.yml", ("node",))
        assert 'inhibited by Down node="n1"' in text(found)
        assert "both have the same node" in text(found)


async def test_muted_by_a_time_interval() -> None:
    async with Explained() as world:
        await world.put(world.alert("A,team=night"))
        found = await world.explain("A")

        assert integration(found).verdict is Verdict.HELD
        assert found.groups[0].mute.names == ("always",)
        assert "for two weeks at least by the time interval always" in text(found)


async def test_muted_until_the_interval_ends() -> None:
    # The clock begins at 22:13:20 UTC.
    config = """\
route:
  receiver: r
  group_wait: 10s
  routes: [{matchers: ['alertname!=""'], mute_time_intervals: [m]}]
time_intervals:
- name: m
  time_intervals: [{times: [{start_time: '20:00', end_time: '22:47'}], location: 'UTC'}]
receivers: [{name: r}]
"""
    async with Explained(config) as world:
        await world.put(world.alert("A", timeout=100_000))
        await world.advance(60)
        found = await world.explain("A")

        assert world.seconds(found.groups[0].mute_until_ns) == (47 - 13) * 60 - 20
        await is_told_at(world, integration(found).next_ns)


async def test_a_delivery_that_failed_is_tried_again() -> None:
    async with Explained() as world:
        world.sinks["r"].error = "no room"
        await world.put(world.alert("A"))
        await world.advance(15)
        found = await world.explain("A")
        one = integration(found)

        assert one.verdict is Verdict.FAILING
        assert one.last is not None
        assert (one.last.error, one.last.status) == ("no room", 500)
        assert "no room" in text(found)
        world.sinks["r"].error = ""
        await is_told_at(world, one.next_ns)


async def test_the_end_is_told() -> None:
    async with Explained() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.advance(15)
        await world.put(resolved(alert, world.clock.now_ns()))
        one = integration(await world.explain("A"))
        assert (one.verdict, one.next_reason) == (Verdict.END_WAITING, "all alerts resolved")
        assert world.seconds(one.next_ns) == 70.0

        await world.advance(60)
        found = await world.explain("A")
        assert (found.status, integration(found).verdict) == (Status.RESOLVED, Verdict.END_TOLD)
        assert integration(found).next_ns == 0


async def test_the_end_is_kept_from_who_does_not_want_it() -> None:
    async with Explained() as world:
        alert = world.alert("A,team=quiet")
        await world.put(alert)
        await world.advance(15)
        await world.put(resolved(alert, world.clock.now_ns()))
        found = await world.explain("A")

        assert integration(found).verdict is Verdict.END_KEPT
        assert integration(found).next_ns == 0
        assert "send_resolved is false" in text(found)
        await world.advance(120)
        assert integration(await world.explain("A")).verdict is Verdict.END_KEPT


async def test_over_before_anybody_could_be_told() -> None:
    async with Explained() as world:
        alert = world.alert("A")
        await world.put(alert)
        await world.advance(5)
        await world.put(resolved(alert, world.clock.now_ns()))

        assert integration(await world.explain("A")).verdict is Verdict.MISSED


async def test_nobody_is_told_by_a_receiver_without_integrations() -> None:
    async with Explained() as world:
        await world.put(world.alert("A,team=nobody"))
        found = await world.explain("A")

        assert found.groups[0].integrations == ()
        assert "nobody is told: the receiver nobody has no integrations" in text(found)


async def test_what_would_become_of_an_alert_that_never_came() -> None:
    async with Explained() as world:
        found = await world.explain("A,team=quiet")

        assert (found.status, integration(found).verdict) == (Status.UNKNOWN, Verdict.WOULD)
        assert "would be told 10s after it begins to fire" in text(found)
        assert '✓ {team="quiet"} (am.yml:8) takes it → quiet' in text(found)


async def test_an_alert_that_pends_and_its_rule() -> None:
    async with Explained() as world:
        now_ms = world.clock.now_ms()
        world.rule_facts.append(
            RuleFact(
                *("A", "g", "r.yml", 7, "x > 1", 60_000),
                hold_ms=300_000,
                health="ok",
                evaluated_ms=now_ms,
                state="pending",
                value=3.0,
                active_ms=now_ms,
            )
        )
        found = await world.explain("A")

        assert found.status is Status.PENDING
        assert "rule: A of group g (r.yml:7)" in text(found)
        assert "fires at 2023-11-14T22:18:20Z at the earliest; value 3" in text(found)


async def test_a_rule_that_fires_but_is_not_sent_here() -> None:
    async with Explained() as world:
        world.rule_facts.append(
            RuleFact(
                *("A", "g", "r.yml", 7, "x > 1", 60_000),
                state="firing",
                value=1.0,
                sent_to=("http://other",),
                is_sent_here=False,
            )
        )
        found = await world.explain("A")

        assert integration(found).verdict is Verdict.ELSEWHERE
        assert "sent to http://other, not to this Alertmanager" in text(found)


async def test_labels_that_rules_set_are_imagined() -> None:
    async with Explained() as world:
        labels = (("team", "quiet"),)
        world.rule_facts.append(RuleFact("A", "g", "r.yml", 7, "x", 60_000, labels=labels))
        found = await world.explain("A")

        assert found.labels == labels_of("A,team=quiet")
        assert [group.route.receiver for group in found.groups] == ["quiet"]


async def test_a_fingerprint_nobody_told_of() -> None:
    async with Explained() as world:
        with pytest.raises(NotFound, match="no alert has the fingerprint"):
            await world.explainer.of_fingerprint("0123456789abcdef")

"""Who is paged and when, on a clock that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oncall.duty import ONCALL, Duty
from tests.oncall.duty import ROUTING as ROUTED

P0 = [(0.0, "pd-alice"), (5.0, "pd-bob"), (15.0, "pd-carol")]


@pytest.mark.parametrize(
    ("severity", "minutes", "pages"),
    [("P0", 29, P0), ("P1", 120, [(0.0, "pd-alice"), (15.0, "pd-bob")]), ("P2", 60, [])],
)
async def test_each_severity_has_its_steps(
    tmp_path: Path, severity: str, minutes: float, pages: list[tuple[float, str]]
) -> None:
    async with Duty(tmp_path) as duty:
        await duty.fire(f"Down,severity={severity}")
        await duty.advance(minutes)
        assert duty.pages() == pages
        assert "team" in {one.receiver for one in duty.sent}


async def test_the_manager_is_paged_again_until_somebody_reacts(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(46)
        assert duty.pages() == [*P0, (30.0, "pd-carol"), (45.0, "pd-carol")]
        await duty.ack(alert)
        await duty.advance(60)
        assert len(duty.pages()) == 5


async def test_an_ack_stops_it(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(7)
        await duty.ack(alert)
        await duty.advance(120)
        assert duty.pages() == P0[:2]
        told = duty.happened("escalated")
        assert [(one["what"], one.get("step"), one.get("users")) for one in told] == [
            ("page", 1, ["alice"]),
            ("page", 2, ["bob"]),
            ("stopped", None, None),
        ]
        assert told[-1]["why"] == "acked"


async def test_the_team_is_told_again_though_somebody_takes_care(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.ack(alert)
        await duty.advance(30)
        assert [one.receiver for one in duty.sent].count("team") == 3


async def test_receivers_that_are_paged_are_not_told_again_of_what_is_acked(tmp_path: Path) -> None:
    routing = "receiver: team\n  routes: [{receiver: pd-alice}]"
    text = ROUTED.replace("receiver: team", routing)
    async with Duty(tmp_path, routing=text) as duty:
        [alert] = await duty.fire("Slow,severity=P3")
        await duty.advance(15)
        assert len(duty.pages()) == 2
        await duty.ack(alert)
        assert await duty.advance(60) == []
        await duty.resolve(alert)
        assert [one.status for one in await duty.advance(2)] == ["resolved"]


async def test_resolution_stops_it_and_is_told_to_whoever_was_paged(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(7)
        await duty.resolve(alert)
        await duty.advance(60)
        assert duty.pages() == P0[:2]
        assert duty.pages(status="resolved") == [(7.0, "pd-alice"), (7.0, "pd-bob")]
        assert duty.store.documents("escalation") == {}
        assert duty.oncall.escalations.all() == []


async def test_silenced_alerts_page_nobody_and_afterwards_it_begins_anew(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        await duty.silence("Down", minutes=20)
        await duty.fire("Down,severity=P0")
        await duty.advance(10)
        assert duty.pages() == []
        await duty.advance(20)
        assert duty.pages() == [(20.0, "pd-alice"), (25.0, "pd-bob")]


async def test_a_silence_stops_what_has_begun(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        await duty.fire("Down,severity=P0")
        await duty.advance(2)
        await duty.silence("Down", minutes=600)
        await duty.advance(60)
        assert duty.pages() == P0[:1]


async def test_inhibited_alerts_page_nobody(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        await duty.fire("Slow,severity=P1", "Down,severity=P0")
        await duty.advance(16)
        assert duty.pages() == P0


async def test_a_thousand_alerts_page_once(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        alerts = await duty.fire(*(f"Down,severity=P0,i={i}" for i in range(1000)))
        await duty.advance(6)
        assert duty.pages() == P0[:2]
        page = next(one for one in duty.sent if one.receiver == "pd-alice")
        assert len(page.message.alerts) == 1000
        await duty.ack(alerts[0], kind="group")
        await duty.fire("Down,severity=P0,i=late")
        await duty.advance(60)
        assert duty.pages() == P0[:2]


async def test_one_acked_alert_of_two_goes_on(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        first, _ = await duty.fire("Down,severity=P0,i=1", "Down,severity=P0,i=2")
        await duty.ack(first)
        await duty.advance(6)
        assert duty.pages() == P0[:2]
        assert [len(one.message.alerts) for one in duty.sent if one.receiver == "pd-bob"] == [1]


async def test_an_ack_that_expires_lets_it_begin_anew(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(2)
        await duty.ack(alert, minutes=30)
        await duty.advance(36)
        assert duty.pages() == [(0.0, "pd-alice"), (32.0, "pd-alice"), (37.0, "pd-bob")]
        assert [one["via"] for one in duty.happened("unacked")] == ["expiry"]


async def test_a_restart_neither_repeats_nor_forgets_a_step(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        await duty.fire("Down,severity=P0")
        await duty.advance(4)
        assert duty.pages() == P0[:1]
    async with duty.again() as later:
        await later.advance(4)
        assert later.pages() == [(5.0, "pd-bob")]
    await duty.clock.advance(12 * 60)  # down while the third is due
    async with later.again() as last:
        await last.advance(1)
        assert last.pages() == [(20.0, "pd-carol")]


async def test_a_page_that_was_not_delivered_is_tried_again_after_a_restart(tmp_path: Path) -> None:
    duty = Duty(tmp_path)
    duty.collectors["pd-alice"].fails = 1000
    async with duty:
        await duty.fire("Down,severity=P0")
        await duty.advance(2)
        assert duty.pages() == []
    async with duty.again() as later:
        await later.advance(1)
        assert later.pages() == [(2.0, "pd-alice")]


async def test_a_failing_receiver_does_not_hold_up_the_next_step(tmp_path: Path) -> None:
    duty = Duty(tmp_path)
    duty.collectors["pd-alice"].fails = 1000
    async with duty:
        await duty.fire("Down,severity=P0")
        await duty.advance(6)
        assert duty.pages() == [(5.0, "pd-bob")]
        duty.collectors["pd-alice"].fails = 0
        await duty.advance(1)
        assert [receiver for _, receiver in duty.pages()] == ["pd-bob", "pd-alice"]


async def test_an_end_while_the_server_was_down_is_told_to_whoever_was_paged(
    tmp_path: Path,
) -> None:
    async with Duty(tmp_path) as duty:
        await duty.fire("Down,severity=P0", hours=0.1)
        await duty.advance(5.5)
        assert len(duty.pages()) == 2
    await duty.clock.advance(3600)
    async with duty.again() as later:
        await later.advance(10)
        assert later.pages() == []
        assert [one for _, one in later.pages(status="resolved")] == ["pd-alice", "pd-bob"]


async def test_acks_outlive_a_restart(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(1)
        await duty.ack(alert)
    async with duty.again() as later:
        await later.advance(30)
        assert later.pages() == []
        ack = later.oncall.acks.of(alert.fingerprint)
        assert ack is not None
        assert (ack.by, ack.comment) == ("alice", "mine")
        await later.resolve(alert)
        assert later.oncall.acks.all() == []
        assert later.store.documents("ack") == {}


async def test_handoff_decides_at_the_time_of_the_page(tmp_path: Path) -> None:
    """The clock begins at 22:13:20 UTC: between the steps the day ends."""
    text = """\
users: {alice: {receivers: pd-alice}, bob: {receivers: pd-bob}}
rotas: {r: {users: [alice, bob], every: 1d, handoff: "22:30", start: 2023-11-13}}
policies: {all: {steps: [{rota: r}, {after: 10m, rota: r}, {after: 20m, rota: r}]}}
"""
    async with Duty(tmp_path, text) as duty:
        await duty.fire("Down")
        await duty.advance(30)
        assert duty.pages() == [(0.0, "pd-alice"), (10.0, "pd-alice"), (20.0, "pd-bob")]


async def test_overrides_page_somebody_else(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        now_ns = duty.clock.now_ns()
        await duty.oncall.override("primary", "bob", (now_ns, now_ns + 3600 * 10**9), by="alice")
        await duty.fire("Down,severity=P0")
        await duty.advance(1)
        assert duty.pages() == [(0.0, "pd-bob")]
    async with duty.again() as later:
        assert later.oncall.roster.schedules["primary"].user_at(now_ns) == ("bob", "override")


async def test_a_step_without_anybody_goes_to_the_next_at_once(tmp_path: Path) -> None:
    text = ONCALL.replace(
        "{users: [alice], every: 1d", "{users: [alice], start: 2099-01-01, every: 1d"
    )
    async with Duty(tmp_path, text) as duty:
        await duty.fire("Down,severity=P0")
        await duty.advance(1)
        assert duty.pages() == [(0.0, "pd-bob")]
        assert duty.metric("appliance_oncall_unmanned_steps_total", policy="P0") == 1


async def test_pages_say_who_and_why_and_have_a_link(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(1)
        message = next(one.message for one in duty.sent if one.receiver == "pd-alice")
        annotations = message.alerts[0].annotations
        assert annotations["escalation"] == "step 1 of P0, for alice"
        assert annotations["summary"] == "Down,severity=P0"
        token = annotations["ack_url"].removeprefix("http://am/ack/")
        claim = duty.oncall.links.read(token, duty.clock.now_ns())
        assert (claim.kind, claim.key, claim.by) == ("group", duty.group_key(alert), "alice")
        for sent in duty.sent:
            token = sent.message.links["ack"].removeprefix("http://am/ack/")
            assert duty.oncall.links.read(token, duty.clock.now_ns()).key == claim.key


async def test_time_to_ack_is_measured_by_severity(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        first, second = await duty.fire("Down,severity=P0", "Other,severity=P1")
        await duty.advance(6)
        await duty.ack(first)
        await duty.ack(first, minutes=5)
        await duty.ack(second)
        name = "appliance_oncall_time_to_ack_seconds"
        assert duty.metric(f"{name}_sum", severity="P0") == 360
        assert duty.metric(f"{name}_count", severity="P0") == 1
        assert duty.metric("appliance_oncall_late_acks_total", severity="P0") == 1
        assert duty.metric("appliance_oncall_late_acks_total", severity="P1") is None


async def test_another_configuration_goes_on_where_its_policy_stays(tmp_path: Path) -> None:
    from tests.oncall.duty import oncall_of

    async with Duty(tmp_path) as duty:
        await duty.fire("Down,severity=P0")
        await duty.advance(1)
        changed = ONCALL.replace("secondary: {users: [bob]}", "secondary: {users: [carol]}")
        await duty.oncall.apply(oncall_of(changed), tmp_path)
        await duty.advance(5)
        assert duty.pages() == [(0.0, "pd-alice"), (5.0, "pd-carol")]
        await duty.oncall.apply(oncall_of("{}"), tmp_path)
        await duty.advance(60)
        assert len(duty.pages()) == 2
        assert duty.happened("escalated")[-1]["why"] == "configuration"

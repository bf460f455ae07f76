"""What explanations say of on-call duty is true."""

from __future__ import annotations

from pathlib import Path

from appliance.oncall.facts import DutyFacts
from tests.oncall.duty import Duty


async def test_an_escalation_under_way_and_its_next_step(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(1)
        (found,) = DutyFacts(duty.oncall).escalations(alert.fingerprint)
        assert (found.steps_done, found.told, found.next_who) == (1, ("alice",), "secondary")
        assert found.stopped == ""
        minutes = (found.next_ns - duty.clock.now_ns()) / 60e9
        await duty.advance(minutes - 0.1)
        assert len(duty.pages()) == 1
        await duty.advance(0.2)
        assert duty.pages()[1:] == [(5.0, "pd-bob")]


async def test_an_acknowledgement_keeps_receivers_that_were_paged_quiet(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("Down,severity=P0")
        facts = DutyFacts(duty.oncall)
        assert list(facts.acks(alert.fingerprint)) == []
        assert not facts.keeps_quiet("pd-alice", [alert.fingerprint])
        await duty.ack(alert)

        (ack,) = facts.acks(alert.fingerprint)
        assert ack.at_ns == duty.clock.now_ns()
        assert facts.keeps_quiet("pd-alice", [alert.fingerprint])
        assert not facts.keeps_quiet("team", [alert.fingerprint])
        (found,) = facts.escalations(alert.fingerprint)
        assert (found.stopped, found.next_ns) == ("acked", 0)

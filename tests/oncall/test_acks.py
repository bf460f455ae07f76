"""Acknowledgements: when they hold and when they end; links; PagerDuty's webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from appliance.base.errors import BadInput, NotFound
from appliance.oncall.acks import Ack
from appliance.oncall.links import Claim, Links
from appliance.oncall.pagerduty import is_signed, read_event
from tests.oncall.duty import ROUTING, Duty, routing_of


async def test_an_ack_ends_with_its_alert_and_one_of_a_group_with_the_last(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        one, other = await duty.fire("A,i=1", "A,i=2")
        await duty.ack(one)
        await duty.ack(one, kind="group")
        assert [ack.kind for ack in duty.oncall.acks.all()] == ["alert", "group"]
        await duty.resolve(one)
        assert [ack.kind for ack in duty.oncall.acks.all()] == ["group"]
        assert duty.oncall.acks.of(other.fingerprint) is not None
        await duty.resolve(other)
        assert duty.oncall.acks.all() == []
        await duty.fire("A,i=1")
        assert duty.oncall.acks.of(one.fingerprint) is None


async def test_what_does_not_fire_cannot_be_acknowledged(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        now_ns = duty.clock.now_ns()
        with pytest.raises(NotFound):
            await duty.oncall.acks.add(Ack("alert", "0" * 16, "me", "", now_ns))
        with pytest.raises(NotFound):
            await duty.oncall.acks.remove("alert", "0" * 16, by="me")
        [alert] = await duty.fire("A")
        past = Ack("alert", alert.fingerprint, "me", "", now_ns, expires_ns=now_ns - 1)
        with pytest.raises(BadInput):
            await duty.oncall.acks.add(past)


async def test_events_say_who_and_how(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("A")
        await duty.ack(alert)
        await duty.oncall.acks.remove("alert", alert.fingerprint, by="bob")
        [acked], [unacked] = duty.happened("acked"), duty.happened("unacked")
        assert acked == {"by": "alice", "comment": "mine", "via": "api", "of": "alert"}
        assert unacked == {"by": "bob", "via": "api", "of": "alert"}


async def test_other_routes_let_go_of_groups_that_are_gone(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("A,i=1")
        await duty.ack(alert, kind="group")
        changed = ROUTING.replace("group_by: [alertname]", "group_by: [alertname, i]")
        await duty.am.apply(routing_of(changed), tmp_path)
        await duty.oncall.apply(duty.oncall.config, tmp_path)
        assert duty.oncall.acks.all() == []


async def test_expired_acks_are_not_taken_up_after_a_restart(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("A")
        await duty.ack(alert, minutes=10)
    await duty.clock.advance(3600)
    async with duty.again() as later:
        assert later.oncall.acks.all() == []


def test_links_are_for_who_has_the_key_and_until_they_expire(tmp_path: Path) -> None:
    links = Links(tmp_path / "key")
    claim = Claim("group", '{}:{alertname="Ä"}', "alice", 100)
    token = links.token(claim)
    assert Links(tmp_path / "key").read(token, 99) == claim
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadInput):
        links.read(token, 100)
    body, _, signature = token.partition(".")
    other = Links(tmp_path / "other")
    for forged in (
        other.token(claim),
        f"{body}.",
        body,
        "",
        f"{body}x.{signature}",
        f"{body}.{signature[:-2]}",
        "ä.ö",
        "\udc80.x",
    ):
        with pytest.raises(NotFound):
            links.read(forged, 0)


async def test_whoever_acknowledges_at_pagerduty_does_so_here(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        await duty.fire("Down,severity=P0")
        await duty.advance(1)
        page = duty.oncall.escalations.all()[0].pages[0]
        taken = await duty.oncall.incident(read_event(body("acknowledged", page.key)))
        assert taken
        [ack] = duty.oncall.acks.all()
        assert (ack.by, ack.via) == ("Ann Example", "pagerduty")
        await duty.advance(30)
        assert len(duty.pages()) == 1
        assert await duty.oncall.incident(read_event(body("unacknowledged", page.key)))
        assert duty.oncall.acks.all() == []
        assert not await duty.oncall.incident(read_event(body("resolved", page.key)))
        assert not await duty.oncall.incident(read_event(body("acknowledged", "other")))


async def test_incidents_of_routes_count_too(tmp_path: Path) -> None:
    async with Duty(tmp_path) as duty:
        [alert] = await duty.fire("A")
        event = read_event(body("acknowledged", duty.group_key(alert)))
        assert await duty.oncall.incident(event)
        assert duty.oncall.acks.of(alert.fingerprint) is not None


def body(what: str, key: str) -> bytes:
    data = {
        "id": "P1",
        "type": "incident",
        "incident_key": hashlib.sha256(key.encode()).hexdigest(),
    }
    event = {
        "event_type": f"incident.{what}",
        "resource_type": "incident",
        "agent": {"id": "U1", "type": "user_reference", "summary": "Ann Example"},
        "data": data,
    }
    return json.dumps({"event": event}).encode()


def test_signatures_of_webhooks() -> None:
    right = "v1=" + hmac.new(b"s", b"body", hashlib.sha256).hexdigest()
    assert is_signed(b"body", "s", right)
    assert is_signed(b"body", "s", f"v1=00, {right}")
    for wrong in ("", "v1=", right[:-1], right.replace("v1", "v2"), "\udc80"):
        assert not is_signed(b"body", "s", wrong)
    for bad in (b"", b"[]", b"{}", b'{"event": 1}', b'{"event": {}}'):
        with pytest.raises(BadInput):
            read_event(bad)

"""Acknowledgements, links, rotas, heartbeats over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from appliance.api.alertmanager.routes import AlertmanagerApiDeps, make_app
from appliance.oncall.links import Claim
from tests.api.serving import Answer, Client, http_deps, serving
from tests.oncall.duty import ONCALL, Duty

JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def served(
    folder: Path, oncall: str = ONCALL, **changes: Any
) -> AsyncIterator[tuple[Client, Duty]]:
    async with Duty(folder, oncall) as duty:

        async def flush() -> None:
            pass

        deps = AlertmanagerApiDeps(
            duty.am,
            duty.store,
            flush,
            lambda: duty.pipeline,
            lambda: "http://pages.test",
            oncall=lambda: duty.oncall,
        )
        http = http_deps(clock=duty.clock, telemetry=duty.telemetry, **changes)
        async with serving(make_app(http, deps)) as client:
            yield client, duty


async def post(client: Client, path: str, document: Any) -> Answer:
    return await client.post(path, data=json.dumps(document), headers=dict(JSON))


async def test_alerts_are_acked_and_shown_as_such(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, duty):
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(1)
        path = f"/api/ui/alerts/{alert.fingerprint}"
        shown = (await client.get(path)).json
        assert shown["ack"] is None
        assert shown["escalation"]["state"] == "running"
        given = {
            "fingerprints": [alert.fingerprint],
            "by": "ann",
            "comment": "on it",
            "seconds": 60,
        }
        answer = await post(client, "/api/ui/alerts/ack", given)
        assert answer.status == 200, answer.text
        shown = (await client.get(path)).json
        assert (shown["ack"]["by"], shown["ack"]["comment"]) == ("ann", "on it")
        assert shown["ack"]["until"] == shown["ack"]["at"].replace(":14:20", ":15:20")
        assert shown["escalation"]["state"] == "acked"
        listed = (await client.get("/api/ui/alerts/acks")).json["acks"]
        assert [one["alerts"] for one in listed] == [[alert.fingerprint]]
        given = {"filter": ["severity=P0"], "by": "ann"}
        assert (await post(client, "/api/ui/alerts/unack", given)).status == 200
        assert (await client.get("/api/ui/alerts/acks")).json["acks"] == []


async def test_acks_by_labels_and_of_groups(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, duty):
        alerts = await duty.fire("A,i=1", "A,i=2", "B,i=1")
        given = {"filter": ['alertname=~"A|C"', "i!=3"], "by": "ann"}
        found = (await post(client, "/api/ui/alerts/ack", given)).json["acks"]
        assert {one["key"] for one in found} == {one.fingerprint for one in alerts[:2]}
        given = {"group": duty.group_key(alerts[2]), "by": "ann"}
        found = (await post(client, "/api/ui/alerts/ack", given)).json["acks"]
        assert found[0]["alerts"] == [alerts[2].fingerprint]


async def test_what_is_no_ack_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, duty):
        [alert] = await duty.fire("A")
        one = {"fingerprints": [alert.fingerprint]}
        for document, status in (
            ([], 400),
            ({}, 400),
            (one, 400),
            ({"by": "x"}, 400),
            (one | {"by": "x", "group": "g"}, 400),
            (one | {"by": 1}, 400),
            (one | {"by": "x", "seconds": -1}, 400),
            (one | {"by": "x", "until": "soon"}, 400),
            ({"by": "x", "filter": "A"}, 400),
            ({"by": "x", "filter": ["=="]}, 400),
            ({"by": "x", "filter": ["alertname=B"]}, 404),
            ({"by": "x", "group": "g"}, 404),
            ({"by": "x", "fingerprints": ["0" * 16]}, 404),
        ):
            answer = await post(client, "/api/ui/alerts/ack", document)
            assert answer.status == status, (document, answer.text)
        assert duty.oncall.acks.all() == []


async def test_looking_at_a_link_does_nothing_and_the_button_acks(tmp_path: Path) -> None:
    """Without the token that all else wants."""
    async with served(tmp_path, token="t", is_open=False) as (client, duty):
        [alert] = await duty.fire("Down,severity=P0,x=<b>")
        await duty.advance(1)
        page = next(one for one in duty.sent if one.receiver == "pd-alice")
        path = page.message.alerts[0].annotations["ack_url"].removeprefix("http://am")
        shown = await client.get(path)
        assert shown.status == 200
        assert shown.headers["Content-Type"].startswith("text/html")
        assert "x=&lt;b&gt;" in shown.text
        assert 'value="alice"' in shown.text
        assert "script" not in shown.headers["Content-Security-Policy"]
        assert duty.oncall.acks.all() == []
        assert (await client.request("HEAD", path)).status in {200, 405}
        assert duty.oncall.acks.all() == []
        done = await client.post(path, data={"by": "Ann <a>", "comment": "on it"})
        assert done.status == 200
        assert "Acknowledged by Ann &lt;a&gt;" in done.text
        ack = duty.oncall.acks.of(alert.fingerprint)
        assert ack is not None
        assert (ack.by, ack.comment, ack.via) == ("Ann <a>", "on it", "link")
        await duty.advance(30)
        assert duty.pages() == [(0.0, "pd-alice")]
        assert (await client.get("/api/ui/alerts/acks")).status == 401


async def test_links_that_are_forged_or_old_do_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, duty):
        [alert] = await duty.fire("A")
        claim = Claim("alert", alert.fingerprint, "", duty.clock.now_ns() + 10**9)
        token = duty.oncall.links.token(claim)
        for path, status in ((f"/ack/x{token}", 404), ("/ack/x", 404)):
            assert (await client.get(path)).status == status
            assert (await client.post(path, data={"by": "x"})).status == status
        await duty.advance(1)
        assert (await client.post(f"/ack/{token}", data={"by": "x"})).status == 410
        assert duty.oncall.acks.all() == []
        claim = Claim("alert", "0" * 16, "", duty.clock.now_ns() + 10**9)
        shown = await client.get(f"/ack/{duty.oncall.links.token(claim)}")
        assert "do not fire any more" in shown.text


async def test_pagerduty_acks_by_its_signature(tmp_path: Path) -> None:
    text = ONCALL + "pagerduty: {webhook_secret: s3cret}\n"
    async with served(tmp_path, text, token="t", is_open=False) as (client, duty):
        await duty.fire("Down,severity=P0")
        await duty.advance(1)
        page = duty.oncall.escalations.all()[0].pages[0]
        key = hashlib.sha256(page.key.encode()).hexdigest()
        event = {"event_type": "incident.acknowledged", "data": {"incident_key": key}}
        body = json.dumps({"event": event}).encode()
        refused = await client.post("/api/pagerduty/webhook", data=body)
        assert refused.status == 401
        signature = "v1=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
        headers = {"X-PagerDuty-Signature": signature}
        taken = await client.post("/api/pagerduty/webhook", data=body, headers=headers)
        assert taken.json == {"taken": True}
        assert [one.via for one in duty.oncall.acks.all()] == ["pagerduty"]


async def test_who_is_on_call_and_stand_ins(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, duty):
        await duty.fire("Down,severity=P0")
        await duty.advance(6)
        shown = (await client.get("/api/ui/oncall")).json
        assert [(one["name"], one["now"]["user"]) for one in shown["rotas"]] == [
            ("primary", "alice"),
            ("secondary", "bob"),
            ("manager", "carol"),
        ]
        [escalation] = shown["escalations"]
        assert [page["targets"][0]["user"] for page in escalation["pages"]] == ["alice", "bob"]
        assert all(page["targets"][0]["delivered"] for page in escalation["pages"])
        assert escalation["next_step"] == 3
        given = {"rota": "primary", "user": "bob", "to": "2023-11-15T00:00:00Z", "by": "x"}
        made = await post(client, "/api/ui/oncall/overrides", given)
        assert made.status == 200, made.text
        shown = (await client.get("/api/ui/oncall")).json
        assert shown["rotas"][0]["now"]["user"] == "bob"
        assert shown["rotas"][0]["now"]["until"] == "2023-11-15T00:00:00.000Z"
        assert shown["rotas"][0]["next"]["user"] == "alice"
        path = "/api/ui/oncall/rotas/primary?end=2023-11-16T00:00:00Z"
        shifts = (await client.get(path)).json["shifts"]
        assert [(one["user"], one["source"]) for one in shifts] == [
            ("bob", "override"),
            ("alice", "turns"),
        ]
        path = f"/api/ui/oncall/overrides/{made.json['id']}"
        assert (await client.request("DELETE", path)).status == 200
        assert (await client.request("DELETE", path)).status == 404
        assert (await client.get("/api/ui/oncall/overrides")).json == {"overrides": []}
        for bad in (given | {"rota": "x"}, given | {"user": "x"}):
            assert (await post(client, "/api/ui/oncall/overrides", bad)).status == 404
        for bad in ({}, given | {"to": "2000-01-01T00:00:00Z"}, given | {"to": "x"}):
            assert (await post(client, "/api/ui/oncall/overrides", bad)).status == 400
        assert (await client.get("/api/ui/oncall/rotas/x")).status == 404


async def test_heartbeats_come_with_their_token(tmp_path: Path) -> None:
    text = "heartbeats: {expected: [{name: a, every: 1m}, {name: b, every: 1m, token: own}]}"
    async with served(tmp_path, text, token="t", is_open=False) as (client, duty):
        for path, headers, status in (
            ("/api/heartbeat/a", {}, 401),
            ("/api/heartbeat/a", {"Authorization": "Bearer t"}, 200),
            ("/api/heartbeat/b", {"Authorization": "Bearer t"}, 401),
            ("/api/heartbeat/b", {"Authorization": "Bearer own"}, 200),
            ("/api/heartbeat/b?token=own", {}, 200),
            ("/api/heartbeat/b?token=x", {}, 401),
        ):
            for method in ("GET", "POST"):
                answer = await client.request(method, path, headers=dict(headers))
                assert answer.status == status, (path, headers, answer.text)
        assert (await client.get("/api/heartbeat/c?token=t")).status == 404
        headers = {"Authorization": "Bearer t"}
        shown = (await client.get("/api/ui/heartbeats", headers=headers)).json
        assert [(one["name"], one["state"]) for one in shown["expected"]] == [
            ("a", "alive"),
            ("b", "alive"),
        ]
        assert duty.oncall.expected.get("a").seen_ns == duty.clock.now_ns()

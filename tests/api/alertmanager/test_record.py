"""What is asked of alerts beyond the original: the record, tests of receivers, replay, routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.api.alertmanager_app import Api, alertmanager_api

FINGERPRINT = "a0c07763372b5353"
CONFIG = """\
route: {receiver: team, group_by: [alertname], group_wait: 10s}
receivers:
- {name: team, webhook_configs: [{url: 'http://127.0.0.1:PORT/hook?token=SECRET'}]}
- {name: nobody}
"""


@asynccontextmanager
async def receiver(status: int = 200) -> AsyncIterator[tuple[int, list[dict[str, Any]]]]:
    """A server that is told of alerts: its port, and what it was told."""
    told: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        told.append(await request.json() | {"query": request.query_string})
        return web.Response(status=status, text="well received")

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1], told
    finally:
        await runner.cleanup()


@asynccontextmanager
async def notified(directory: Path) -> AsyncIterator[tuple[Api, list[dict[str, Any]]]]:
    """An alert whose receiver has been told."""
    async with (
        receiver() as (port, told),
        alertmanager_api(directory, CONFIG.replace("PORT", str(port))) as api,
    ):
        await api.fire(alertname="A", team="a")
        await api.clock.advance(10)
        for _ in range(200):
            if any(one["kind"] == "notified" for one in await events(api)):
                break
            await asyncio.sleep(0)
        yield api, told


async def events(api: Api, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/api/ui/alerts/events{query}"))["events"]
    return found


async def kinds(api: Api, query: str = "") -> list[str]:
    return [one["kind"] for one in await events(api, query)]


async def test_the_chain_from_an_alert_to_the_answer(tmp_path: Path) -> None:
    async with notified(tmp_path) as (api, told):
        found = await events(api, "?order=asc")
        labels = (await api.get("/api/ui/alerts/events"))["labels"]
    assert [one["kind"] for one in found] == [
        "received", "routed", "flushed", "attempt", "notified",
    ]  # fmt: skip
    assert labels == {FINGERPRINT: {"alertname": "A", "team": "a"}}
    attempt = found[3]
    assert attempt["receiver"] == "team"
    assert attempt["fingerprints"] == [FINGERPRINT]
    assert attempt["detail"]["status"] == 200
    assert attempt["detail"]["answer"] == "well received"
    assert "SECRET" not in str(found)
    assert told[0]["query"] == "token=SECRET"


async def test_filters_of_the_record(tmp_path: Path) -> None:
    async with notified(tmp_path) as (api, _):
        newest = await events(api)
        ids = [one["id"] for one in newest]
        assert ids == sorted(ids, reverse=True)
        assert await kinds(api, "?kind=received&kind=attempt") == ["attempt", "received"]
        assert await kinds(api, "?receiver=nobody") == []
        assert len(await events(api, f"?fingerprint={FINGERPRINT}")) == len(newest)
        assert await kinds(api, "?filter=team%3Da&kind=received") == ["received"]
        assert await kinds(api, "?filter=team%3Db") == []
        assert await kinds(api, "?start=2030-01-01T00:00:00Z") == []
        assert await kinds(api, "?start=9999-12-31T23:59:59Z") == []
        assert await kinds(api, "?end=9999-12-31T23:59:59Z") == await kinds(api)
        assert await kinds(api, "?end=1000000000") == []
        group = newest[0]["group_key"]
        assert group
        assert {one["group_key"] for one in await events(api, f"?group={group}")} == {group}


async def test_the_record_is_read_in_pages(tmp_path: Path) -> None:
    async with notified(tmp_path) as (api, _):
        whole = [one["id"] for one in await events(api)]
        for order, parameter in (("desc", "before"), ("asc", "after")):
            found: list[int] = []
            query = f"?limit=2&order={order}"
            while True:
                page = await api.get(f"/api/ui/alerts/events{query}")
                found += [one["id"] for one in page["events"]]
                if page["next"] is None:
                    break
                query = f"?limit=2&order={order}&{parameter}={page['next']}"
            assert found == (whole if order == "desc" else whole[::-1])


@pytest.mark.parametrize(
    "query", ["kind=nope", "order=up", "limit=0", "limit=x", "limit=5001", "start=x", "filter=x"]
)
async def test_questions_that_are_refused(tmp_path: Path, query: str) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.client.get(f"/api/ui/alerts/events?{query}")
    assert answer.status == 400
    assert set(answer.json) == {"error"}


async def test_one_event_and_an_unknown_one(tmp_path: Path) -> None:
    async with notified(tmp_path) as (api, _):
        newest = (await events(api))[0]
        found = await api.get(f"/api/ui/alerts/events/{newest['id']}")
        missing = [
            (await api.client.get(f"/api/ui/alerts/events/{name}")).status
            for name in ("999999", "x", "9" * 30)
        ]
    assert found["event"] == newest
    assert found["labels"] == {FINGERPRINT: {"alertname": "A", "team": "a"}}
    assert missing == [404, 404, 404]


async def test_an_alert_with_its_groups(tmp_path: Path) -> None:
    async with notified(tmp_path) as (api, _):
        found = await api.get(f"/api/ui/alerts/{FINGERPRINT}")
        unknown = await api.client.get("/api/ui/alerts/0000000000000000")
    assert found["labels"] == {"alertname": "A", "team": "a"}
    assert found["alert"]["status"]["state"] == "active"
    (group,) = found["groups"]
    assert (group["receiver"], group["route"]["line"]) == ("team", 1)
    assert group["next_flush"] is not None
    assert group["last_flush"] is not None
    assert unknown.status == 404


async def test_an_alert_that_is_over_is_remembered(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        await api.fire(alertname="A", team="a")
        await api.clock.advance(4000)
        found = await api.get(f"/api/ui/alerts/{FINGERPRINT}")
    assert (found["alert"], found["groups"]) == (None, [])
    assert found["labels"] == {"alertname": "A", "team": "a"}


async def test_groups_with_their_times(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        await api.fire(alertname="A", severity="page")
        (group,) = (await api.get("/api/ui/alerts/groups"))["groups"]
    assert group["receiver"] == "pager"
    assert group["muted_by"] == ["always"]
    assert group["last_flush"] is None
    assert group["route_labels"] == {"tier": "gold"}
    assert len(group["alerts"]) == 1


async def test_routes_of_labels(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.post(
            "/api/ui/alerts/route", {"labels": {"alertname": "X", "team": "a", "severity": "page"}}
        )
        documents: list[Any] = [[], {}, {"labels": 1}, {"labels": {"a": 1}}, b"x"]
        bad = [(await api.post("/api/ui/alerts/route", one)).status for one in documents]
    found = answer.json
    assert found["receivers"] == ["team-a", "pager"]
    first = found["routes"][0]
    assert (first["path"], first["continue"], first["line"]) == ([0], True, 7)
    assert first["matchers"] == ['team="a"']
    assert first["group_labels"] == {"alertname": "X"}
    assert first["group_wait_seconds"] == 10
    assert found["routes"][1]["mute_time_intervals"] == ["always"]
    assert bad == [400] * 5


async def test_receivers_and_their_integrations(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path, CONFIG.replace("PORT", "9")) as api:
        found = (await api.get("/api/ui/receivers"))["receivers"]
    assert found == [
        {"name": "team", "labels": {"name": "team"}, "integrations": {"webhook": 1}},
        {"name": "nobody", "labels": {"name": "nobody"}, "integrations": {}},
    ]


async def test_a_receiver_is_tried_and_the_trial_recorded(tmp_path: Path) -> None:
    async with (
        receiver(500) as (port, told),
        alertmanager_api(tmp_path, CONFIG.replace("PORT", str(port))) as api,
    ):
        answer = await api.post("/api/ui/receivers/team/test", {})
        nobody = await api.post("/api/ui/receivers/nobody/test", {})
        unknown = await api.post("/api/ui/receivers/x/test", {})
        recorded = await kinds(api)
    assert told[0]["alerts"][0]["labels"]["alertname"] == "ReceiverTest"
    (result,) = answer.json["results"]
    assert (answer.json["ok"], result["integration"], result["index"]) == (False, "webhook", 0)
    assert result["error"]
    assert result["exchanges"][0]["status"] == 500
    assert "SECRET" not in answer.text
    assert nobody.json == {"receiver": "nobody", "ok": True, "results": []}
    assert (unknown.status, "receivers are" in unknown.json["error"]) == (404, True)
    assert recorded == ["failed", "attempt"]


async def test_a_recorded_attempt_is_sent_again(tmp_path: Path) -> None:
    async with notified(tmp_path) as (api, told):
        attempt = next(one for one in await events(api) if one["kind"] == "attempt")
        answer = await api.post(f"/api/ui/alerts/events/{attempt['id']}/replay", {})
        other = next(one for one in await events(api) if one["kind"] == "received")
        refused = await api.post(f"/api/ui/alerts/events/{other['id']}/replay", {})
        newest = (await events(api))[0]
    assert answer.json["ok"] is True
    assert answer.json["exchange"]["answer"] == "well received"
    assert told[0] == told[1]
    assert newest["detail"]["replay_of"] == attempt["id"]
    assert refused.status == 400


@pytest.mark.parametrize("path", ["/api/ui/receivers/team/test", "/api/ui/alerts/events/1/replay"])
async def test_pages_of_other_sites_may_send_nothing(tmp_path: Path, path: str) -> None:
    async with alertmanager_api(tmp_path, CONFIG.replace("PORT", "9")) as api:
        answer = await api.post(path, {}, Origin="http://evil.test")
    assert answer.status == 403

"""The demo against a server that notes what it gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from appliance.base.clock import SystemClock
from appliance.demo.sender import Sender


@dataclass
class Taken:
    url: str = ""
    paths: set[str] = field(default_factory=set)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    has_alert: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def taken() -> AsyncIterator[Taken]:
    found = Taken()

    async def take(request: web.Request) -> web.Response:
        found.paths.add(request.path)
        if request.path == "/api/v2/alerts":
            found.alerts += json.loads(await request.read())
            found.has_alert.set()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/{path:(?!elsewhere).*}", take)
    async with TestServer(app) as server:
        found.url = str(server.make_url("")).rstrip("/")
        yield found


def sender(taken: Taken, alertmanager: str = "") -> Sender:
    at = taken.url + alertmanager
    return Sender(taken.url, taken.url, alertmanager=at, rate=2, clock=SystemClock())


def seconds_left(alert: dict[str, Any]) -> float:
    return datetime.fromisoformat(alert["endsAt"]).timestamp() - SystemClock().now_ns() / 1e9


async def test_the_alert_fires_while_the_shop_runs_and_is_resolved_at_its_end(taken: Taken) -> None:
    async with asyncio.timeout(10):
        shop = asyncio.ensure_future(
            sender(taken).run(backfill_minutes=1, once=False, say=lambda _: None)
        )
        await taken.has_alert.wait()
        assert seconds_left(taken.alerts[0]) > 60
        shop.cancel()
        await asyncio.gather(shop, return_exceptions=True)
    first, last = taken.alerts
    assert seconds_left(last) <= 0
    assert first["labels"] == last["labels"]
    assert {"/v1/traces", "/v1/metrics", "/loki/api/v1/push"} < taken.paths


async def test_a_history_alone_leaves_an_alert_for_a_while(taken: Taken) -> None:
    await sender(taken).run(backfill_minutes=1, once=True, say=lambda _: None)
    assert [seconds_left(alert) > 300 for alert in taken.alerts] == [True]


async def test_the_shop_does_without_an_alertmanager(taken: Taken) -> None:
    said: list[str] = []
    await sender(taken, "/elsewhere").run(backfill_minutes=1, once=True, say=said.append)
    assert taken.alerts == []
    assert "--alertmanager" in said[-1]

"""What other Alertmanagers are sent, and what happens when they do not take it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.config.http_client import BasicAuth, HttpClientConfig
from appliance.config.secret import Secret
from appliance.http_client.client import HttpClient
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.notify.alertmanager_client import AlertmanagerClient, SendMetrics, print_moment
from appliance.notify.forwarding import Forwarding

NOW = 1_700_000_000_123_456_789
ALERT = Alert(
    Labels.of({"alertname": "a", "x": "ü"}),
    {"summary": "s"},
    NOW,
    NOW + 240 * 10**9,
    NOW,
    generator_url="http://p/graph?g0.expr=up",
)
SENT = {
    "labels": {"alertname": "a", "x": "ü"},
    "annotations": {"summary": "s"},
    "startsAt": "2023-11-14T22:13:20.123Z",
    "endsAt": "2023-11-14T22:17:20.123Z",
    "generatorURL": "http://p/graph?g0.expr=up",
}


@dataclass
class Other:
    """An Alertmanager that records what it is sent."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    url: str = ""
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append(json.loads(await request.read()))
        self.headers.append(request.headers)
        self.stirred.set()
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, text="said" if status != 200 else "")

    async def requests(self, count: int) -> None:
        while len(self.bodies) < count:
            self.stirred.clear()
            await self.stirred.wait()


@asynccontextmanager
async def serving(other: Other) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/prefix/api/v2/alerts", other.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/prefix"
    finally:
        await runner.cleanup()


class ImpatientClock(SystemClock):
    """Waits only as long as it takes others to run."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.001))

    def now_ns(self) -> int:
        return NOW


@asynccontextmanager
async def sending(other: Other, telemetry: Telemetry) -> AsyncIterator[AlertmanagerClient]:
    config = HttpClientConfig(basic_auth=BasicAuth(username="u", password=Secret("p")))
    clock = ImpatientClock()
    async with serving(other) as url, aiohttp.ClientSession() as session:
        client = AlertmanagerClient(
            f"{url}/api/v2/alerts",
            HttpClient(config, lambda: session, clock),
            clock=clock,
            metrics=SendMetrics.of(telemetry),
        )
        other.url = client.url
        task = asyncio.create_task(client.run())
        try:
            yield client
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def value(telemetry: Telemetry, name: str, other: Other | None = None) -> float:
    labels = {} if other is None else {"alertmanager": other.url}
    found = telemetry.registry.get_sample_value(f"prometheus_notifications_{name}", labels)
    assert found is not None
    return found


async def test_alerts_are_sent_as_prometheus_sends_them() -> None:
    other, telemetry = Other(), Telemetry()
    async with sending(other, telemetry) as client:
        await client.put([ALERT])
        await other.requests(1)
    assert other.bodies == [[SENT]]
    assert other.headers[0]["Content-Type"] == "application/json"
    assert other.headers[0]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("status", [500, 429, 401])
async def test_what_was_not_taken_is_sent_again(status: int) -> None:
    other, telemetry = Other([status, status]), Telemetry()
    async with sending(other, telemetry) as client:
        await client.put([ALERT])
        await other.requests(3)
        assert value(telemetry, "errors_total", other) == 2
        assert value(telemetry, "dropped_total") == 0
    assert other.bodies == [[SENT]] * 3


async def test_what_was_refused_is_not_sent_again() -> None:
    other, telemetry = Other([400]), Telemetry()
    async with sending(other, telemetry) as client:
        await client.put([ALERT])
        await other.requests(1)
        await client.put([Alert(Labels.of({"alertname": "b"}), {}, NOW, NOW + 1, NOW)])
        await other.requests(2)
        assert value(telemetry, "dropped_total") == 1
    assert [body[0]["labels"]["alertname"] for body in other.bodies] == ["a", "b"]


async def test_many_alerts_are_sent_in_batches() -> None:
    other, telemetry = Other(), Telemetry()
    async with sending(other, telemetry) as client:
        await asyncio.sleep(0)
        await client.put(
            [Alert(Labels.of({"alertname": f"{n}"}), {}, NOW, NOW + 1, NOW) for n in range(600)]
        )
        assert value(telemetry, "queue_length") == 600
        await other.requests(3)
    assert [len(body) for body in other.bodies] == [256, 256, 88]


class Inner:
    """Takes everything."""

    def __init__(self) -> None:
        self.taken: list[Alert] = []

    async def put(self, alerts: list[Alert]) -> None:
        self.taken += alerts


async def test_what_is_taken_is_passed_on_once() -> None:
    other, inner = Other(), Inner()
    async with serving(other) as url:
        forwarding = Forwarding(inner, [url + "/"], ImpatientClock(), Telemetry())  # type: ignore[arg-type]
        task = asyncio.create_task(forwarding.run())
        await forwarding.put([ALERT])
        await other.requests(1)
        await forwarding.put([ALERT])
        resolved = Alert(ALERT.labels, ALERT.annotations, NOW, NOW + 5, NOW + 5)
        await forwarding.put([resolved])
        await other.requests(2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await forwarding.stop()
    assert inner.taken == [ALERT, ALERT, resolved]
    assert [body[0]["endsAt"] for body in other.bodies] == [SENT["endsAt"], SENT["startsAt"]]


def test_early_years_have_four_digits() -> None:
    assert print_moment(-62_135_596_799 * 10**9) == "0001-01-01T00:00:01.000Z"

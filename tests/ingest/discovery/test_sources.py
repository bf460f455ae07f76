"""Asking in the background: who is asked, what holds, what a reload leaves alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.ingest.discovery.config import ScrapeDiscoveryConfig
from appliance.ingest.discovery.sources import DiscoverySources
from tests.ingest.servers import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

HERE = Path()


class Rig:
    """A server that lists targets, and those who ask it."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self.clock = ManualClock()
        self.telemetry = Telemetry()
        self.stirred = 0
        self.sources = DiscoverySources(
            lambda: session, self.clock, self.telemetry, changed=self._stir
        )

    def _stir(self) -> None:
        self.stirred += 1

    def config(self, path: str = "a") -> ScrapeDiscoveryConfig:
        text = (
            "static_configs: [{targets: [s:1]}]\n"
            f"http_sd_configs: [{{url: 'http://{self.address}/{path}', refresh_interval: 10s,"
            " bearer_token: x}]"
        )
        decoded = load_text(ScrapeDiscoveryConfig, text, file="x.yml")
        assert decoded.value is not None
        return decoded.value

    def addresses(self, config: ScrapeDiscoveryConfig) -> list[str]:
        groups = self.sources.groups("j", config, HERE)
        return [target["__address__"] for group in groups for target in group.targets]

    def value(self, name: str, labels: dict[str, str]) -> float | None:
        return self.telemetry.registry.get_sample_value(name, labels)


class Lister:
    """Lists one target, or fails."""

    def __init__(self) -> None:
        self.count = 0
        self.target = "a:1"

    async def handle(self, _request: web.Request) -> web.StreamResponse:
        self.count += 1
        if not self.target:
            return web.Response(status=500)
        return web.json_response([{"targets": [self.target]}])


@pytest.fixture
def lister() -> Lister:
    return Lister()


@pytest.fixture
async def rig(lister: Lister) -> AsyncIterator[Rig]:
    async with serving(lister.handle) as address, aiohttp.ClientSession() as session:
        made = Rig(address, session)
        yield made
        await made.sources.stop()


async def eventually(is_so: Callable[[], object]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


async def test_answers_are_taken_over_and_the_last_good_one_holds(rig: Rig, lister: Lister) -> None:
    config = rig.config()
    await rig.sources.look([(config, HERE)])
    assert rig.addresses(config) == ["s:1"]
    await eventually(lambda: rig.stirred == 1)
    assert rig.addresses(config) == ["s:1", "a:1"]
    assert rig.value("prometheus_sd_discovered_targets", {"config": "j"}) == 2
    lister.target = ""
    await rig.clock.advance(10)
    await eventually(lambda: rig.sources.errors(config, HERE))
    assert rig.sources.errors(config, HERE) == [
        "server returned HTTP status 500 Internal Server Error"
    ]
    assert rig.addresses(config) == ["s:1", "a:1"]
    assert rig.value("prometheus_sd_refresh_failures_total", {"mechanism": "http"}) == 1
    lister.target = "b:2"
    await rig.clock.advance(10)
    await eventually(lambda: rig.stirred == 2)
    assert rig.addresses(config) == ["s:1", "b:2"]
    assert rig.sources.errors(config, HERE) == []


async def test_equal_sections_are_asked_once_and_survive_a_reload(rig: Rig, lister: Lister) -> None:
    await rig.sources.look([(rig.config(), HERE), (rig.config(), HERE)])
    await eventually(lambda: rig.stirred == 1)
    await rig.sources.look([(rig.config(), HERE)])
    assert rig.addresses(rig.config()) == ["s:1", "a:1"]
    assert lister.count == 1
    await rig.sources.look([(rig.config("other"), HERE)])
    await eventually(lambda: rig.stirred == 2)
    assert rig.addresses(rig.config()) == ["s:1"]
    assert lister.count == 2

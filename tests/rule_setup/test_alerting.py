"""Alerts of rules reach our Alertmanager, and those that prometheus.yml names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.ingest.scrape.config import PrometheusConfig
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.rule_setup.alerting import Alerting
from appliance.rule_setup.couriers import OwnAlertmanager

OWN_URL = "http://127.0.0.1:9093"


@dataclass
class Sink:
    """Takes alerts over HTTP or without."""

    names: list[str] = field(default_factory=list)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    async def put(self, alerts: Sequence[Alert]) -> None:
        self.note([dict(alert.labels) for alert in alerts])

    async def answer(self, request: web.Request) -> web.Response:
        self.note([alert["labels"] for alert in await request.json()])
        return web.Response()

    def note(self, alerts: list[dict[str, str]]) -> None:
        self.names += [labels["alertname"] for labels in alerts]
        self.stirred.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            self.stirred.clear()
            await self.stirred.wait()


@asynccontextmanager
async def other_alertmanager() -> AsyncIterator[tuple[Sink, str]]:
    sink, app = Sink(), web.Application()
    app.router.add_post("/api/v2/alerts", sink.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield sink, f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def config_of(text: str) -> PrometheusConfig:
    decoded = load_text(PrometheusConfig, text, file="prometheus.yml")
    assert decoded.value is not None
    assert decoded.ok, decoded.problems
    return decoded.value


@asynccontextmanager
async def alerting_of(
    text: str, own: Sink | None, folder: Path = Path()
) -> AsyncIterator[Alerting]:
    ours = None if own is None else OwnAlertmanager(own, lambda: OWN_URL)
    alerting = Alerting(SystemClock(), Telemetry(), own=ours)
    alerting.apply(config_of(text), folder)
    await alerting.sender.start()
    await alerting.start()
    tasks = [asyncio.create_task(alerting.run()), asyncio.create_task(alerting.sender.run())]
    try:
        yield alerting
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await alerting.stop()
        await alerting.sender.stop()


def tell(alerting: Alerting, name: str) -> None:
    """As if a rule had given the alert."""
    now = SystemClock().now_ns()
    alert = Alert(Labels.of({"alertname": name}), {}, now, now + 10**11, now)
    alerting.sender._reports.put_nowait([alert])


async def known(is_so: Callable[[], bool]) -> None:
    """Let others run until something is so."""
    while not is_so():  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0)


async def test_ours_is_told_when_nobody_is_named() -> None:
    own = Sink()
    async with alerting_of("global: {}", own) as alerting:
        tell(alerting, "a")
        await own.until(lambda: own.names == ["a"])
        assert alerting.active() == [f"{OWN_URL}/api/v2/alerts"]


async def test_ours_is_not_told_when_others_are_named() -> None:
    own = Sink()
    async with other_alertmanager() as (other, address):
        text = f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{address}']}}]}}]}}"
        async with alerting_of(text, own) as alerting:
            tell(alerting, "a")
            await other.until(lambda: other.names == ["a"])
            assert alerting.active() == [f"http://{address}/api/v2/alerts"]
    assert own.names == []


@pytest.mark.parametrize("name", ["alertmanager:9093", "localhost:9093"])
async def test_ours_is_told_when_it_is_named_among_others(name: str) -> None:
    own = Sink()
    async with other_alertmanager() as (other, address):
        text = (
            "alerting: {alertmanagers: [{static_configs: "
            f"[{{targets: ['{address}', '{name}', 'no:1']}}],"
            " relabel_configs: [{source_labels: [__address__], regex: 'no:1', action: drop}]}]}"
        )
        async with alerting_of(text, own) as alerting:
            tell(alerting, "a")
            await own.until(lambda: own.names == ["a"])
            await other.until(lambda: other.names == ["a"])
            assert alerting.dropped() == ["http://no:1/api/v2/alerts"]


async def test_files_name_alertmanagers(tmp_path: Path) -> None:
    async with other_alertmanager() as (other, address):
        (tmp_path / "am.json").write_text(f'[{{"targets": ["{address}"]}}]')
        text = "alerting: {alertmanagers: [{file_sd_configs: [{files: [am.json]}]}]}"
        async with alerting_of(text, None, tmp_path) as alerting:
            await known(lambda: bool(alerting.active()))
            tell(alerting, "a")
            await other.until(lambda: other.names == ["a"])


async def test_a_reload_changes_who_is_told() -> None:
    own = Sink()
    async with other_alertmanager() as (other, address), alerting_of("global: {}", own) as alerting:
        text = f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{address}']}}]}}]}}"
        alerting.apply(config_of(text), Path())
        await known(lambda: alerting.active() != [f"{OWN_URL}/api/v2/alerts"])
        tell(alerting, "a")
        await other.until(lambda: other.names == ["a"])
    assert own.names == []

"""Alertmanager's API over the real engine, store and pipeline, for its tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.deps import AlertmanagerDeps
from appliance.alertmanager.service import Alertmanager
from appliance.api.admin import AdminDeps
from appliance.api.alertmanager.routes import AlertmanagerApiDeps, make_app
from appliance.base.clock import ManualClock
from appliance.base.tasks import spawn
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.notify.build import build
from appliance.notify.log import NotificationLog
from appliance.notify.metrics import NotifyMetrics
from appliance.notify.pipeline import Pipeline
from appliance.notify.resolve import resolved_receiver
from appliance.notify.template.templates import NotificationTemplates
from appliance.store.alerts.recorder import StoredRecorder
from tests.api.serving import Answer, Client, http_deps, no_reload, serving
from tests.store.alerts.build import open_store

HOUR_NS = 3600 * 10**9
CONFIG = """\
global: {resolve_timeout: 5m}
route:
  receiver: default
  group_by: [alertname]
  group_wait: 10s
  routes:
  - receiver: team-a
    matchers: [team="a"]
    continue: true
  - receiver: pager
    matchers: ['severity=~"critical|page"']
    labels: {tier: gold}
    mute_time_intervals: [always]
inhibit_rules:
- {source_matchers: [alertname=NodeDown], target_matchers: [alertname=ServiceDown], equal: [node]}
time_intervals:
- name: always
  time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]
receivers:
- {name: default, labels: {owner: ops}}
- name: team-a
- name: pager
"""


@dataclass
class Api:
    """The API, what is behind it, and short ways of asking."""

    client: Client
    clock: ManualClock
    alertmanager: Alertmanager
    recorder: StoredRecorder
    telemetry: Telemetry
    deps: AlertmanagerApiDeps

    async def get(self, path: str) -> Any:
        """The JSON of an answer that is 200."""
        found = await self.client.get(path)
        assert found.status == 200, found.text
        return found.json

    async def post(self, path: str, document: Any, **headers: str) -> Answer:
        """Send JSON, or bytes as they are."""
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        headers = {"Content-Type": "application/json", **headers}
        return await self.client.post(path, data=body, headers=headers)

    async def fire(self, **labels: str) -> None:
        """An alert with these labels, which fires for five minutes."""
        assert (await self.post("/api/v2/alerts", [{"labels": labels}])).status == 200


@asynccontextmanager
async def alertmanager_api(
    directory: Path, config: str = CONFIG, **changes: Any
) -> AsyncIterator[Api]:
    """A server; nothing is sent to anybody before the clock is moved."""
    clock, telemetry = ManualClock(), Telemetry()
    decoded = load_text(AlertmanagerConfig, config, file="alertmanager.yml")
    assert decoded.ok, decoded.problems
    assert decoded.value is not None
    store = open_store(directory)
    recorder = StoredRecorder(store, telemetry)
    log = NotificationLog(store, clock, telemetry, retention_ns=HOUR_NS)
    made: list[Pipeline] = []
    async with aiohttp.ClientSession() as session:

        def pipeline(config: AlertmanagerConfig, directory: Path) -> Pipeline:
            receivers = {
                one.name: build(
                    resolved_receiver(one, config.global_config),
                    session=lambda: session,
                    templates=NotificationTemplates([]),
                    clock=clock,
                    directory=directory,
                )
                for one in config.receivers
            }
            metrics = NotifyMetrics(telemetry)
            made.append(
                Pipeline(
                    receivers,
                    log,
                    recorder=recorder,
                    clock=clock,
                    metrics=metrics,
                    external_url="http://am.test",
                )
            )
            return made[-1]

        deps = AlertmanagerDeps(clock, telemetry, store, pipeline, recorder, "http://am.test")
        engine = Alertmanager(deps, decoded.value, directory, origin=decoded.origin)
        await engine.start()
        running = spawn(engine.run(), name="alertmanager")
        api_deps = AlertmanagerApiDeps(
            engine, store, recorder.flush, lambda: made[-1], lambda: "http://pages.test:3000/"
        )
        admin = AdminDeps(telemetry, lambda: True, list, no_reload, lambda: None)
        http = http_deps(clock=clock, telemetry=telemetry, admin=admin, **changes)
        try:
            async with serving(make_app(http, api_deps)) as client:
                yield Api(client, clock, engine, recorder, telemetry, api_deps)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await engine.stop()
            await recorder.stop()
            store.close()

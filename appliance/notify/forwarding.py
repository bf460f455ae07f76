"""Passing on everything that our Alertmanager takes to others (`alertmanager.forward_to`)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

import aiohttp

from appliance.base.tasks import attempt, spawn
from appliance.config.http_client import HttpClientConfig
from appliance.http_client.client import HttpClient
from appliance.notify.alertmanager_client import AlertmanagerClient, SendMetrics

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.alert import Alert, AlertSink

_API_PATH = "/api/v2/alerts"
_KNOWN_REPORTS = 20_000
#: After an error that nobody has foreseen.
_RESTART_SECONDS = 10.0


class Forwarding:
    """An `AlertSink` that passes on what another one has taken; a component.

    A report that is passed on a second time, unchanged, is left out: two servers that forward to
    each other do not do so for ever.

    Args:
        inner: Our Alertmanager; what it does not take is not passed on.
        urls: Of the others, without the path of the API.
    """

    name = "alert forwarding"

    def __init__(
        self, inner: AlertSink, urls: Sequence[str], clock: Clock, telemetry: Telemetry
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        http = HttpClient(HttpClientConfig(), self._open_session, clock)
        metrics = SendMetrics.of(telemetry)
        self._clients = [
            AlertmanagerClient(url.rstrip("/") + _API_PATH, http, clock=clock, metrics=metrics)
            for url in dict.fromkeys(urls)
        ]
        self._passed: OrderedDict[str, Hashable] = OrderedDict()

    async def put(self, alerts: Sequence[Alert]) -> None:
        """Take alerts, then pass them on.

        Raises:
            Unavailable: They could not be taken.
        """
        await self._inner.put(alerts)
        new = [alert for alert in alerts if self._is_new(alert)]
        for client in self._clients:
            await client.put(new)

    def _is_new(self, alert: Alert) -> bool:
        report = (alert.starts_ns, alert.ends_ns, tuple(sorted(alert.annotations.items())))
        is_new = self._passed.get(alert.fingerprint) != report
        self._passed[alert.fingerprint] = report
        self._passed.move_to_end(alert.fingerprint)
        if len(self._passed) > _KNOWN_REPORTS:
            self._passed.popitem(last=False)
        return is_new

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def start(self) -> None:
        """Nothing is needed to be ready."""

    async def run(self) -> None:
        """Send until cancelled."""
        tasks = [
            spawn(self._run(client), name=f"forward alerts to {client.shown_url}")
            for client in self._clients
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, client: AlertmanagerClient) -> None:
        while True:
            await attempt(client.run(), name=f"forwarding alerts to {client.shown_url}")
            await self._clock.sleep(_RESTART_SECONDS)

    async def stop(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

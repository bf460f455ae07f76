"""Who brings alerts to each Alertmanager: a task and a queue for every one.

Invariant: an Alertmanager whose section and address a reload leaves as they are keeps its queue.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from appliance.base.tasks import attempt, spawn
from appliance.http_client.client import HttpClient
from appliance.notify.alertmanager_client import AlertmanagerClient, SendMetrics
from appliance.notify.outbox import PatientSink
from appliance.rules.alertmanagers import is_own
from appliance.rules.sending import Addressee

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.scrape.remote_config import AlertmanagerTarget
    from appliance.model.alert import AlertSink

#: After an error that nobody has foreseen.
_RESTART_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class OwnAlertmanager:
    """Our own Alertmanager.

    Attributes:
        url: Of its listener; None when none is open.
    """

    sink: AlertSink
    url: Callable[[], str | None]

    @property
    def port(self) -> int | None:
        """Of its listener."""
        url = self.url()
        return urlsplit(url).port if url else None

    @property
    def shown_url(self) -> str:
        """As `/api/v1/alertmanagers` shows it."""
        return f"{self.url() or ''}/api/v2/alerts"


@dataclass(frozen=True, slots=True)
class Errand:
    """An Alertmanager that is to be told.

    Attributes:
        section: How it is reached; None for our own where nothing names it.
    """

    section: AlertmanagerTarget | None
    url: str


@dataclass(frozen=True, slots=True)
class _Courier:
    errand: Errand
    sink: AlertmanagerClient | PatientSink
    task: asyncio.Task[None] = field(repr=False)


class Couriers:
    """See the module's docstring.

    Args:
        own: Our own Alertmanager; None when there is none.
    """

    def __init__(self, clock: Clock, telemetry: Telemetry, own: OwnAlertmanager | None) -> None:
        self._clock = clock
        self._own = own
        self._metrics = SendMetrics.of(telemetry)
        self._couriers: list[_Courier] = []
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """The session of all requests."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def apply(self, errands: Sequence[Errand], directory: Path) -> list[Addressee]:
        """Tell these, and nobody else; in their order.

        Args:
            directory: Where files of further headers are.
        """
        before = {id(courier): courier for courier in self._couriers}
        self._couriers, found = [], []
        for errand in errands:
            known = next((one for one in before.values() if one.errand == errand), None)
            courier = known or self._begin(errand, directory)
            before.pop(id(courier), None)
            self._couriers.append(courier)
            steps = errand.section.alert_relabel_configs if errand.section is not None else ()
            found.append(Addressee(courier.sink, steps, is_own=self._is_own(errand)))
        await _end(list(before.values()))
        return found

    async def stop(self) -> None:
        """Tell nobody any more."""
        await _end(self._couriers)
        self._couriers = []
        if self._session is not None:
            await self._session.close()

    def _is_own(self, errand: Errand) -> bool:
        if errand.section is None:
            return True
        return self._own is not None and is_own(errand.url, self._own.port)

    def _begin(self, errand: Errand, directory: Path) -> _Courier:
        sink: AlertmanagerClient | PatientSink
        if self._own is not None and self._is_own(errand):
            dropped = self._metrics.dropped.inc
            sink = PatientSink(self._own.sink, self._clock, dropped, name="our alertmanager")
        else:
            section = errand.section
            assert section is not None  # noqa: S101 - only our own has none
            sink = AlertmanagerClient(
                errand.url,
                HttpClient(section, self.session, self._clock, directory=directory),
                clock=self._clock,
                metrics=self._metrics,
                timeout_seconds=int(section.timeout) / 1000,
            )
        name = f"tell {errand.url}"
        return _Courier(errand, sink, spawn(self._run(sink, name), name=name))

    async def _run(self, sink: AlertmanagerClient | PatientSink, name: str) -> None:
        """Tell one until cancelled, whatever goes wrong."""
        while True:
            await attempt(sink.run(), name=name)
            await self._clock.sleep(_RESTART_SECONDS)


async def _end(couriers: Sequence[_Courier]) -> None:
    tasks = [courier.task for courier in couriers]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

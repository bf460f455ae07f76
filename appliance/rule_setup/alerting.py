"""Who is told of the alerts of rules: our own Alertmanager, and those that prometheus.yml names."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from appliance.config.http_client import rebased
from appliance.ingest.discovery.sources import DiscoverySources
from appliance.model.labels import Labels
from appliance.rule_setup.couriers import Couriers, Errand, OwnAlertmanager
from appliance.rules.alertmanagers import Resolved, resolve
from appliance.rules.sending import AlertSender, Sending

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.scrape.config import PrometheusConfig
    from appliance.ingest.scrape.remote_config import AlertmanagerTarget
    from appliance.model.alert_event import Recorder


class Alerting:
    """Keeps the addressees of alerts up to date; a component.

    Without a section `alerting.alertmanagers` our own Alertmanager is told; with one, those that it
    names, which may be ours.

    Args:
        own: Our own Alertmanager; None when there is none.

    Attributes:
        sender: The other component: turns alerts of rules into reports.
    """

    name = "alerting"

    def __init__(
        self,
        clock: Clock,
        telemetry: Telemetry,
        *,
        own: OwnAlertmanager | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._own = own
        self.sender = AlertSender(clock, recorder)
        self._sections: list[tuple[AlertmanagerTarget, Resolved]] = []
        self._given: tuple[PrometheusConfig, Path] | None = None
        self._couriers = Couriers(clock, telemetry, own)
        self._changed = asyncio.Event()
        telemetry.gauge(
            "prometheus_notifications_alertmanagers_discovered", "Alertmanagers that are told."
        ).set_function(lambda: float(len(self.active())))

    @cached_property
    def _discovery(self) -> DiscoverySources:
        return DiscoverySources(
            self._couriers.session, self._clock, self._telemetry, changed=self._changed.set
        )

    def active(self) -> list[str]:
        """Addresses of those that are told."""
        urls = [url for _, resolved in self._sections for url in resolved.urls]
        if not self._sections and self._own is not None and self._own.url():
            urls.append(self._own.shown_url)
        return list(dict.fromkeys(urls))

    def dropped(self) -> list[str]:
        """Addresses of those that relabelling drops."""
        return [url for _, resolved in self._sections for url in resolved.dropped]

    def apply(self, config: PrometheusConfig, directory: Path) -> None:
        """Tell those that prometheus.yml names from now on.

        Args:
            directory: Of the file.
        """
        self._given = config, directory
        self._changed.set()

    async def start(self) -> None:
        """Know who is told, as far as the file says it."""
        await self._update()

    async def run(self) -> None:
        """Follow changes until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._update()

    async def stop(self) -> None:
        """Tell nobody any more."""
        await self._discovery.stop()
        await self._couriers.stop()

    async def _update(self) -> None:
        if self._given is None:
            return
        config, directory = self._given
        sections = config.alerting.alertmanagers if config.alerting is not None else ()
        targets = [rebased(section, directory) for section in sections]
        await self._discovery.look([(section, directory) for section in targets])
        found = [
            (section, resolve(section, self._discovery.groups(f"config-{i}", section, directory)))
            for i, section in enumerate(targets)
        ]
        wanted: list[Errand] = [
            Errand(section, url) for section, resolved in found for url in resolved.urls
        ]
        if not wanted and not sections and self._own is not None:
            wanted.append(Errand(None, self._own.shown_url))
        external = config.global_config.external_labels
        self.sender.apply(
            Sending(
                Labels.of((str(name), value) for name, value in external.items()),
                config.alerting.alert_relabel_configs if config.alerting is not None else (),
                tuple(await self._couriers.apply(wanted, directory)),
            )
        )
        self._sections = found

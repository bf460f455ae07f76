"""Discovery that asks somebody again and again; the last good answer holds while asking fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from appliance.base.errors import ApplianceError
from appliance.config.secret import mask_url_passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prometheus_client import Counter, Gauge

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.discovery.static import TargetGroup

_log = logging.getLogger(__name__)


class Discoverer(Protocol):
    """One way of finding targets.

    Attributes:
        mechanism: `file`, `http`, `dns` or `docker`.
        place: Where it looks, for messages.
        refresh_seconds: How often it wants to be asked.
    """

    mechanism: str
    place: str
    refresh_seconds: float

    async def refresh(self) -> list[TargetGroup]:
        """All groups there are now.

        Raises:
            ApplianceError: They cannot be told; what was found before holds.
        """
        ...


@dataclass(frozen=True, slots=True)
class DiscoveryMetrics:
    """Prometheus' metrics of discovery."""

    failures: Counter
    lookups: Counter
    discovered: Gauge

    @classmethod
    def of(cls, telemetry: Telemetry) -> DiscoveryMetrics:
        """The metrics of one process."""
        return cls(
            failures=telemetry.counter(
                "prometheus_sd_refresh_failures_total",
                "Refreshes of discovery that failed.",
                ("mechanism",),
            ),
            lookups=telemetry.counter(
                "prometheus_sd_refreshes_total", "Refreshes of discovery.", ("mechanism",)
            ),
            discovered=telemetry.gauge(
                "prometheus_sd_discovered_targets",
                "Targets that discovery found, before relabelling.",
                ("config",),
            ),
        )


class Refresher:
    """Runs one discoverer.

    Args:
        discoverer: What is asked.
        clock: All waiting is done by it.
        metrics: Failures are counted.
        changed: Called when the groups are others than before.

    Attributes:
        groups: What the last good answer said.
        error: Of the last answer; empty when it was good.
    """

    def __init__(
        self,
        discoverer: Discoverer,
        clock: Clock,
        metrics: DiscoveryMetrics,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._discoverer = discoverer
        self._clock = clock
        self._metrics = metrics
        self._changed = changed
        self._logged = ""
        self.groups: Sequence[TargetGroup] = ()
        self.error = ""

    async def run(self) -> None:
        """Ask at once and then at every interval, until cancelled."""
        while True:
            await self.refresh()
            await self._clock.sleep(self._discoverer.refresh_seconds)

    async def refresh(self) -> None:
        """Ask once; a failure is logged when it is another one than before."""
        found, mechanism = self._discoverer, self._discoverer.mechanism
        self._metrics.lookups.labels(mechanism).inc()
        try:
            groups = await found.refresh()
        except ApplianceError as error:
            self.error = error.message
            self._metrics.failures.labels(mechanism).inc()
            if self.error != self._logged:
                self._logged = self.error
                _log.warning(
                    "%s discovery of %s failed, targets stay as they were: %s",
                    mechanism,
                    mask_url_passwords(found.place),
                    self.error,
                )
        else:
            self.error = self._logged = ""
            if groups != self.groups:
                self.groups = groups
                self._changed()

"""What the files are filled with, and pruning on request: `ui.system.storage.Storage`."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from appliance.api.http import DEFAULT_TENANT
from appliance.store.usage import read_usage
from appliance.ui.system.storage import MOST, Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from appliance.base.clock import Clock
    from appliance.maintenance import Maintenance
    from appliance.settings.root import Settings
    from appliance.store.directory import DataDirectory
    from appliance.store.retention import PrunePass
    from appliance.stores import Stores

_SIGNALS = ("metrics", "logs", "traces", "alerts", "forward", "pushes", "archive")
#: A look is shown again for so long.
_SECONDS = 5.0


class StorageFacts:
    """See the module's docstring."""

    def __init__(
        self,
        directory: DataDirectory,
        stores: Stores,
        settings: Callable[[], Settings],
        *,
        maintenance: Callable[[], Maintenance],
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._stores = stores
        self._settings = settings
        self._maintenance = maintenance
        self._clock = clock
        self._lock = threading.Lock()
        self._last: tuple[float, Look] | None = None

    def look(self) -> Look:
        """Look at the files, one thread at a time; what others have just found is shown again."""
        with self._lock:
            now = self._clock.monotonic()
            if self._last is None or now - self._last[0] > _SECONDS:
                self._last = (self._clock.monotonic(), self._look())
            return self._last[1]

    async def prune(self) -> Mapping[str, PrunePass]:
        """Remove now what retention does not cover."""
        maintenance = self._maintenance()
        await maintenance.retain()
        self._last = None
        return dict(maintenance.passes)

    def _look(self) -> Look:
        path, maintenance = self._directory.path, self._maintenance()
        found = {name: read_usage(path / f"{name}.db", name) for name in _SIGNALS}
        disk = os.statvfs(path)
        retention = maintenance.retention
        cardinality = self._stores.metrics.cardinality(DEFAULT_TENANT, MOST)
        return Look(
            at_ms=self._clock.now_ms(),
            directory=str(path.absolute()),
            is_ephemeral=self._directory.ephemeral,
            usages={name: usage for name, usage in found.items() if usage.file_bytes},
            ages_ms={name: rules.rules[-1].max_age_ms for name, rules in retention.items()},
            bounds={name: rules.max_bytes for name, rules in retention.items()},
            total_bytes=maintenance.total_bytes,
            disk_bytes=disk.f_blocks * disk.f_frsize,
            disk_free_bytes=disk.f_bavail * disk.f_frsize,
            special=tuple(_special(self._settings())),
            passes=dict(maintenance.passes),
            effective=dict(maintenance.effective),
            damaged=tuple(self._directory.damaged.values()),
            leftovers=tuple(
                (file.name, file.stat().st_size) for file in sorted(path.glob("*.damaged-*"))
            ),
            metric_series=tuple(cardinality.series_by_name),
        )


def _special(settings: Settings) -> Iterator[tuple[str, str, int]]:
    """Rules that are not for all data of a signal: for what, which signal, how long in ms."""
    for rule in settings.retention.streams:
        whose = f" of {rule.tenant}" if rule.tenant else ""
        yield f"{rule.selector}{whose}", "logs", int(rule.max_age)
    for name, tenant in settings.tenants.items():
        for signal in ("metrics", "logs", "traces"):
            age = getattr(tenant.retention, signal)
            if age is not None:
                yield f"tenant {name}", signal, int(age)

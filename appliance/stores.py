"""The stores of all signals as one component, and what the settings say about them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypedDict, TypeVar

from appliance.base.tasks import offload
from appliance.store.database import DatabaseOptions
from appliance.store.headroom import HEAD_FACTOR
from appliance.store.retention import Retention, RetentionRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.maintenance import MaintainedStore
    from appliance.model.sources import SpanSource
    from appliance.settings.root import Settings
    from appliance.store.alerts.store import AlertStore
    from appliance.store.archive.store import TraceArchive
    from appliance.store.directory import DataDirectory
    from appliance.store.forward.queue import ForwardQueue
    from appliance.store.logs.store import LogStore
    from appliance.store.metrics.store import MetricStore
    from appliance.store.pushes.store import PushStore
    from appliance.store.traces.store import SpanStore

T = TypeVar("T")
_log = logging.getLogger(__name__)


class _Shared(TypedDict):
    """What all stores are given."""

    database: DatabaseOptions
    clock: Clock
    telemetry: Telemetry


class Stores:
    """Opens one store per signal and closes them last.

    Attributes:
        metrics, logs, traces: There from `start` on.
        alerts: Alerts, silences, what was sent and what happened; from `start` on.
        forward: Samples that wait to be sent to other servers; from `start` on.
        archive: Traces that somebody wants to keep; from `start` on, opened when it is needed.
    """

    name = "stores"
    metrics: MetricStore
    logs: LogStore
    traces: SpanStore
    alerts: AlertStore
    forward: ForwardQueue
    archive: TraceArchive
    pushes: PushStore | None = None

    def __init__(
        self, directory: DataDirectory, settings: Settings, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry

    @property
    def path(self) -> Path:
        """The data directory."""
        return self._directory.path

    def by_signal(self) -> dict[str, MaintainedStore]:
        """Every store by its signal's name."""
        return {
            "metrics": self.metrics,
            "logs": self.logs,
            "traces": self.traces,
            "alerts": self.alerts,
        }

    def spans(self, tenant: str) -> SpanSource:
        """A tenant's spans; traces by id are found in the archive, too."""
        from appliance.store.archive.source import SpansWithArchive  # noqa: PLC0415 - with queries

        return SpansWithArchive(self.traces.source(tenant), self.archive, tenant)

    def services(self, tenant: str) -> list[str]:
        """Names of services that have sent a tenant's spans."""
        return list(self.traces.source(tenant).services())

    async def start(self) -> None:
        """Open all files; damaged ones have been set aside then."""
        await offload(self._open)

    def _open(self) -> None:
        from appliance.store.alerts.store import AlertStore  # noqa: PLC0415 - with the others
        from appliance.store.logs.options import LogOptions  # noqa: PLC0415 - numpy, pcodec
        from appliance.store.logs.store import LogStore  # noqa: PLC0415
        from appliance.store.metrics.options import MetricStoreOptions  # noqa: PLC0415
        from appliance.store.metrics.store import MetricStore  # noqa: PLC0415
        from appliance.store.traces.store import SpanOptions, SpanStore  # noqa: PLC0415

        settings, cache = self._settings, int(self._settings.storage.cache_bytes)
        limits = settings.limits
        database = DatabaseOptions(
            synchronous=settings.storage.synchronous.value.upper(),
            max_pending_bytes=int(settings.storage.pending_bytes),
            readers=settings.storage.readers,
        )
        shared: _Shared = {
            "database": database,
            "clock": self._clock,
            "telemetry": self._telemetry,
        }
        head = HEAD_FACTOR * int(settings.storage.pending_bytes)
        series, streams = limits.series_per_tenant, limits.streams_per_tenant
        metrics = MetricStoreOptions(
            cache_bytes=cache,
            head_bytes=head,
            max_head_bytes=3 * head,
            series_per_tenant=series,
            max_exemplars=settings.prometheus.max_exemplars,
        )
        logs = LogOptions(cache_bytes=cache, max_head_bytes=head, max_streams=streams)
        traces = SpanOptions(cache_bytes=cache, max_head_bytes=head)
        self.metrics = self._opened("metrics", lambda path: MetricStore(path, metrics, **shared))
        self.logs = self._opened("logs", lambda path: LogStore(path, logs, **shared))
        self.traces = self._opened("traces", lambda path: SpanStore(path, traces, **shared))
        self.alerts = self._opened("alerts", lambda path: AlertStore(path, **shared))
        self._open_forward(database)
        self._prepare_archive(database)
        if "pushgateway" in settings.listen.open_addresses():
            self._open_pushes(database)

    def _open_forward(self, database: DatabaseOptions) -> None:
        from appliance.store.forward.queue import ForwardQueue, QueueBounds  # noqa: PLC0415

        telemetry = self._telemetry
        self.forward = self._opened(
            "forward",
            lambda path: ForwardQueue(path, QueueBounds(), database=database, telemetry=telemetry),
        )

    def _prepare_archive(self, database: DatabaseOptions) -> None:
        from appliance.store.archive.store import ArchiveFile, TraceArchive  # noqa: PLC0415

        telemetry = self._telemetry

        def open_file() -> ArchiveFile:
            return self._opened(
                "archive", lambda path: ArchiveFile(path, database=database, telemetry=telemetry)
            )

        self.archive = TraceArchive(self.path / "archive.db", open_file, self._clock)

    def _open_pushes(self, database: DatabaseOptions) -> None:
        from appliance.store.pushes.store import PushStore  # noqa: PLC0415

        telemetry = self._telemetry
        self.pushes = self._opened(
            "pushes", lambda path: PushStore(path, database=database, telemetry=telemetry)
        )

    def _opened(self, signal: str, make: Callable[[Path], T]) -> T:
        store = self._directory.open(signal, make)
        self._telemetry.gauge(
            "appliance_store_damaged_files", "Files set aside at this start.", ("signal",)
        ).labels(signal).set(signal in self._directory.damaged)
        return store

    def snapshot_metrics(self, name: str) -> None:
        """Copy the metrics to `snapshots/NAME/metrics.db` in the data directory."""
        folder = self.path / "snapshots" / name
        folder.mkdir(parents=True)
        self.metrics.snapshot(folder / "metrics.db")

    async def run(self) -> None:
        """Nothing by itself: writer threads work."""

    async def stop(self) -> None:
        """Write what is queued, then close."""
        await offload(self._close)

    def _close(self) -> None:
        for signal in ("metrics", "logs", "traces", "alerts", "archive", "forward", "pushes"):
            store = getattr(self, signal, None)
            if store is not None:
                store.close()


def retention_of(settings: Settings) -> dict[str, Retention]:
    """Rules per signal: of streams in their order, of single tenants, of all others."""
    found = {}
    for signal in ("metrics", "logs", "traces", "alerts"):
        own = [
            RetentionRule(int(age), tenant=name)
            for name, tenant in settings.tenants.items()
            if (age := getattr(tenant.retention, signal, None)) is not None
        ]
        general = RetentionRule(int(getattr(settings.retention, signal)))
        bound = getattr(settings.retention.max_bytes, signal)
        streams = _stream_rules(settings) if signal == "logs" else ()
        rules = (*streams, *own, general)
        found[signal] = Retention(rules, None if bound is None else int(bound))
    return found


def _stream_rules(settings: Settings) -> Iterator[RetentionRule]:
    """Rules of single log streams."""
    for rule in settings.retention.streams:
        yield RetentionRule(int(rule.max_age), tenant=rule.tenant, matchers=rule.selector.matchers)

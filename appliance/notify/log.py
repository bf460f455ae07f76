"""The notification log: what every integration was told last, in memory over a store.

Invariant: what `put` returned from is durable, or, when the store could not take it, waits for the
next maintenance; in memory it is in either case, so that nothing is told twice meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from appliance.base.errors import ApplianceError
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from concurrent.futures import Future

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.notification import LogEntry, LogKey

_log = logging.getLogger(__name__)


class LogStorage(Protocol):
    """Where entries are kept; the futures end when it is durable."""

    def load_log(self) -> list[LogEntry]:
        """All entries."""
        ...

    def put_log(self, entries: Sequence[LogEntry]) -> Future[None]:
        """Set entries, each under its key."""
        ...

    def delete_log(self, keys: Collection[LogKey]) -> Future[None]:
        """Forget entries."""
        ...


class NotificationLog:
    """Used on the event loop only.

    Args:
        store: Keeps the entries.
        clock: Tells when they may be forgotten.
        telemetry: Gets Alertmanager's `nflog_*` metrics.
        retention_ns: The longest that an entry is kept.
    """

    def __init__(
        self, store: LogStorage, clock: Clock, telemetry: Telemetry, *, retention_ns: int
    ) -> None:
        self._store = store
        self._clock = clock
        self._retention_ns = retention_ns
        self._entries: dict[LogKey, LogEntry] = {}
        self._unsaved: set[LogKey] = set()
        self._metrics = _Metrics(telemetry)

    async def load(self) -> None:
        """Read what the store has; call it once, before the first flush."""
        for entry in await offload(self._store.load_log):
            self._entries.setdefault(entry.key, entry)

    def get(self, key: LogKey) -> LogEntry | None:
        """What was told last under a key."""
        self._metrics.queries.inc()
        return self._entries.get(key)

    def entries(self) -> list[LogEntry]:
        """All entries."""
        return list(self._entries.values())

    def expires_ns(self, sent_ns: int, repeat_ns: int) -> int:
        """When an entry may be forgotten: after two repetitions, but within the retention."""
        return sent_ns + min(self._retention_ns, 2 * repeat_ns)

    async def put(self, entry: LogEntry) -> None:
        """Note what was told; when it returns, it is durable or will be."""
        self._entries[entry.key] = entry
        self._unsaved.add(entry.key)
        try:
            await asyncio.wrap_future(self._store.put_log([entry]))
        except ApplianceError as error:
            self._metrics.errors.inc()
            _log.error("the notification log cannot be written, will try again: %s", error)
            return
        if self._entries.get(entry.key) is entry:
            self._unsaved.discard(entry.key)

    async def announce(self, entry: LogEntry) -> None:
        """Store that something is about to be told for the first time.

        A crash between the delivery and `put` leaves this entry, told at 0: what fires then is told
        (again), and if it is over, its end is told. Without it nobody would hear of the end.
        """
        announced = replace(entry, sent_ns=0)
        await self._store_quietly(lambda: self._store.put_log([announced]))

    async def withdraw(self, key: LogKey) -> None:
        """What was announced has not been told."""
        entry = self._entries.get(key)
        if entry is None:
            await self._store_quietly(lambda: self._store.delete_log([key]))
        else:
            await self._store_quietly(lambda: self._store.put_log([entry]))

    async def _store_quietly(self, write: Callable[[], Future[None]]) -> None:
        try:
            await asyncio.wrap_future(write())
        except ApplianceError as error:  # `put` will count it
            _log.warning("the notification log cannot be written: %s", error)

    async def maintain(self) -> None:
        """Store what could not be stored, forget what has expired; call it now and then."""
        metrics, started = self._metrics, self._clock.monotonic()
        metrics.maintenances.inc()
        now_ns = self._clock.now_ns()
        gone = [key for key, entry in self._entries.items() if entry.expires_ns <= now_ns]
        for key in gone:
            del self._entries[key]
        self._unsaved.difference_update(gone)
        try:
            # First: while something is awaited, others may tell anew what has expired.
            if gone:
                await asyncio.wrap_future(self._store.delete_log(gone))
            await self._save_pending()
        except ApplianceError as error:
            metrics.maintenance_errors.inc()
            _log.error("maintenance of the notification log failed: %s", error)
        metrics.gc.observe(self._clock.monotonic() - started)

    async def _save_pending(self) -> None:
        pending = [self._entries[key] for key in self._unsaved]
        if pending:
            await asyncio.wrap_future(self._store.put_log(pending))
            saved = {entry.key for entry in pending if self._entries.get(entry.key) is entry}
            self._unsaved -= saved


class _Metrics:
    """Alertmanager's names; what it does with snapshot files and peers stays 0."""

    def __init__(self, telemetry: Telemetry) -> None:
        name = "alertmanager_nflog"
        counter, summary = telemetry.counter, telemetry.summary
        self.gc = summary(
            f"{name}_gc_duration_seconds",
            "Duration of the last notification log garbage collection cycle.",
        )
        self.maintenances = counter(
            f"{name}_maintenance_total",
            "How many maintenances were executed for the notification log.",
        )
        self.maintenance_errors = counter(
            f"{name}_maintenance_errors_total",
            "How many maintenances were executed for the notification log that failed.",
        )
        self.queries = counter(
            f"{name}_queries_total", "Number of notification log queries were received."
        )
        self.errors = counter(
            "appliance_notify_log_write_errors_total",
            "Entries of the notification log that could not be stored at once.",
        )
        counter(
            f"{name}_query_errors_total", "Number notification log received queries that failed."
        )
        counter(
            f"{name}_gossip_messages_propagated_total",
            "Number of received gossip messages that have been further gossiped.",
        )
        telemetry.histogram(
            f"{name}_query_duration_seconds", "Duration of notification log query evaluation."
        )
        summary(
            f"{name}_snapshot_duration_seconds", "Duration of the last notification log snapshot."
        )
        telemetry.gauge(
            f"{name}_snapshot_size_bytes", "Size of the last notification log snapshot in bytes."
        )

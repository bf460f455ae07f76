"""The store of log entries: one SQLite file, a head in memory, chunks sealed from it.

An append is one inbox row; after its commit the entries are in the head, where queries find them.
`seal` moves them into chunks. Each entry is in the inbox and the head, or in a chunk; never in
both, never in none.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from appliance.store.cache import ByteCache
from appliance.store.database import Database, DatabaseOptions
from appliance.store.headroom import require_room
from appliance.store.logs import inbox
from appliance.store.logs.damage import DamageReport
from appliance.store.logs.delete_requests import DeleteRequests
from appliance.store.logs.deletion import Eraser
from appliance.store.logs.entries import from_batch
from appliance.store.logs.head import Head
from appliance.store.logs.marks import drop_marks, read_marks
from appliance.store.logs.options import LogOptions
from appliance.store.logs.reading.piece import Shelf
from appliance.store.logs.reading.select import TenantLogs
from appliance.store.logs.retention import Pruner
from appliance.store.logs.seal import Compactor
from appliance.store.logs.watch import Watches
from appliance.store.registry import Registry, Tenants
from appliance.store.stats import StoreStats

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.deletion import Deleted, DeleteRequest
    from appliance.model.log import LogChunk, StreamBatch
    from appliance.model.matcher import Matcher
    from appliance.model.sources import LogSource
    from appliance.store.retention import Pruned, Retention

__all__ = ["LogOptions", "LogStore"]

#: Chunks whose lines have been read that are remembered.
_SEEN = 10_000
#: Chunks written anew by deletions that are remembered for scans under way.
_SUCCESSORS = 10_000
#: Threads that queries read in, at most.
_MAX_THREADS = 4
#: What a request costs in the writer's queue beside its entries.
_REQUEST_BYTES = 512


class LogStore:
    """Implements `LogAppender`, `MarkKeeper`, `LogWatch` and `LogDeletions` of `model.sources`.

    Args:
        path: The database file; made when missing.

    Raises:
        SchemaTooNew: The file is ahead of this version.
    """

    def __init__(
        self,
        path: Path,
        options: LogOptions,
        *,
        database: DatabaseOptions,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._clock = clock
        self._received = 0
        self._last_received_ms: int | None = None
        self._blocks = 0
        # Requests between their streams' numbers and the head: retention must not forget these.
        self._door = threading.Lock()
        self._in_flight: dict[inbox.InboxWrite, None] = {}
        self._received_total = telemetry.counter(
            "appliance_store_received_total", "Items appended.", ("signal",)
        ).labels("logs")
        self._duplicates_total = telemetry.counter(
            "appliance_store_duplicates_total",
            "Items dropped because they are stored already.",
            ("signal",),
        ).labels("logs")
        self._head = Head(options.chunk_bytes, self._duplicates_total.inc)
        self._max_head_bytes = options.max_head_bytes
        telemetry.gauge(
            "appliance_store_head_items", "Items not in a sealed block yet.", ("signal",)
        ).labels("logs").set_function(lambda: self._head.entries)
        self._database = Database(path, "logs", database, telemetry)
        try:
            self._load(options, telemetry)
        except BaseException:
            self._database.close()
            raise

    def _load(self, options: LogOptions, telemetry: Telemetry) -> None:
        damage = DamageReport(telemetry)
        setting = "limits.streams_per_tenant"
        with self._database.reader() as connection:
            self._tenants = Tenants(connection)
            self._registry = Registry(
                connection, "stream", limit=options.max_streams, limit_name=setting
            )
            self._blocks = int(connection.execute("SELECT count(*) FROM chunk").fetchone()[0])
            now = self._clock.monotonic()
            rows = inbox.replay(connection, lambda row, error: damage("inbox", row, error))
            for row, row_bytes, items in rows:
                self._head.insert(row, items, row_bytes=row_bytes, now=now)
        self._watches = Watches(self._tenants, self._registry)
        self._database.preludes += [self._tenants, self._registry]
        self._shelf = self._make_shelf(options, damage)
        self._requests = DeleteRequests(self._database, self._clock)
        self._make_upkeep(options, telemetry)

    def _make_shelf(self, options: LogOptions, damage: DamageReport) -> Shelf:
        threads = options.threads or min(_MAX_THREADS, os.cpu_count() or 1)
        return Shelf(
            self._database,
            self._tenants,
            self._registry,
            self._head,
            ByteCache(options.cache_bytes // 2),
            ByteCache(options.cache_bytes // 2),
            ByteCache(_SEEN),
            ByteCache(options.filter_bytes),
            damage,
            ByteCache(_SUCCESSORS),
            ThreadPoolExecutor(threads, thread_name_prefix="logs"),
            2 * threads,
        )

    def _make_upkeep(self, options: LogOptions, telemetry: Telemetry) -> None:
        self._compactor = Compactor(
            self._shelf,
            options,
            clock=self._clock,
            telemetry=telemetry,
            written=self._count_blocks,
            dropped=self._duplicates_total.inc,
        )
        self._eraser = Eraser(
            self._shelf, self._compactor, removed=lambda count: self._count_blocks(-count)
        )
        self._pruner = Pruner(
            self._shelf,
            clock=self._clock,
            telemetry=telemetry,
            forget_streams=self._forget_streams,
            removed=lambda count: self._count_blocks(-count),
            sealing=self._compactor.lock,
        )

    # -- writing

    def append(self, tenant: str, streams: Sequence[StreamBatch]) -> Future[None]:
        """Append entries of some streams, all or none.

        Returns:
            Ends after the commit, when queries find the entries.

        Raises:
            LimitExceeded: The tenant has too many streams.
            Unavailable: The store cannot take it now: too much waits to be written or sealed.
        """
        return self.append_many([(tenant, streams)], {})

    def append_many(
        self,
        requests: Sequence[tuple[str, Sequence[StreamBatch]]],
        marks: Mapping[str, str],
    ) -> Future[None]:
        """Append entries of several tenants, and marks, all or none; see `append`."""
        filled = [
            (tenant, batch) for tenant, streams in requests for batch in streams if len(batch.lines)
        ]
        if not filled and not marks:
            done: Future[None] = Future()
            done.set_result(None)
            return done
        require_room("logs", self._head.size_bytes, self._max_head_bytes)
        parts = [from_batch(batch) for _, batch in filled]
        size = _REQUEST_BYTES + sum(part.size_bytes for part in parts)
        with self._door:
            ids = self._resolve(filled)
            items = [
                (stream, tenant, part) for (stream, tenant), part in zip(ids, parts, strict=True)
            ]
            write = inbox.InboxWrite(items, dict(marks))
            received = sum(len(batch.lines) for _, batch in filled)
            future = self._database.write(
                write, then=lambda _: self._show(write, received), size_bytes=size
            )
            self._in_flight[write] = None
        future.add_done_callback(lambda _: self._in_flight.pop(write))
        return future

    def _resolve(self, filled: Sequence[tuple[str, StreamBatch]]) -> list[tuple[int, int]]:
        """Stream and tenant of each batch."""
        by_tenant: dict[str, list[int]] = {}
        for place, (tenant, _) in enumerate(filled):
            by_tenant.setdefault(tenant, []).append(place)
        found = [(0, 0)] * len(filled)
        for tenant, places in by_tenant.items():
            number = self._tenants.id_of(tenant)
            labels = [filled[place][1].labels for place in places]
            ids = self._registry.resolve(number, labels).tolist()
            for place, stream in zip(places, ids, strict=True):
                found[place] = (stream, number)
        return found

    def _show(self, write: inbox.InboxWrite, received: int) -> None:
        """Put a committed request into the head; runs in the writer thread."""
        if not write.items:
            return
        now = self._clock.monotonic()
        self._head.insert(write.row, write.items, row_bytes=write.row_bytes, now=now)
        self._received += received
        self._last_received_ms = self._clock.now_ms()
        self._received_total.inc(received)
        self._duplicates_total.inc(received - sum(len(entries) for _, _, entries in write.items))
        self._watches.tell(write.items)

    def marks(self, prefix: str) -> dict[str, str]:
        """See `MarkKeeper.marks`."""
        return read_marks(self._database, prefix)

    def drop_marks(self, names: Collection[str]) -> Future[None]:
        """See `MarkKeeper.drop_marks`."""
        return drop_marks(self._database, names)

    # -- reading

    def source(self, tenant: str) -> LogSource:
        """What a tenant has stored; a tenant that has sent nothing has nothing."""
        return TenantLogs(tenant, self._shelf)

    def watch(
        self, tenant: str, matchers: tuple[Matcher, ...], notice: Callable[[LogChunk], None]
    ) -> Callable[[], None]:
        """See `LogWatch.watch`."""
        return self._watches.add(tenant, matchers, notice)

    def disk_bytes(self) -> int:
        """Bytes of the database file, write-ahead log included."""
        return self._database.size_bytes()

    def stats(self) -> StoreStats:
        """Figures of the store now."""
        names = self._tenants.names()
        return StoreStats(
            received_total=self._received,
            active=sum(len(self._registry.index(number)) for number in names),
            disk_bytes=self._database.size_bytes(),
            head_items=self._head.entries,
            blocks=self._blocks,
            last_received_ms=self._last_received_ms,
            tenants=tuple(sorted(names.values())),
        )

    # -- upkeep

    @property
    def seal_due(self) -> bool:
        """Whether `seal` would find something to do."""
        return self._compactor.is_due

    def seal(self, *, force: bool = False) -> int:
        """Turn full or old parts of the head into chunks; call in a worker thread.

        Args:
            force: Seal everything.

        Returns:
            Chunks written.

        Raises:
            Unavailable: The database cannot write; nothing is lost.
        """
        return self._compactor.run(force=force)

    def retain(self, retention: Retention) -> Pruned:
        """Delete what a retention no longer covers; call in a worker thread.

        Raises:
            Unavailable: The database cannot write.
        """
        return self._pruner.run(retention)

    # -- deletion

    def create_deletion(
        self, tenant: str, query: str, start_ns: int, end_ns: int
    ) -> Future[DeleteRequest]:
        """See `LogDeletions.create_deletion`."""
        return self._requests.create(tenant, query, start_ns, end_ns)

    def deletions(self, tenant: str | None = None) -> list[DeleteRequest]:
        """See `LogDeletions.deletions`."""
        return self._requests.list(tenant)

    def cancel_deletion(self, tenant: str, number: int, *, force: bool = False) -> None:
        """See `LogDeletions.cancel_deletion`."""
        self._requests.cancel(tenant, number, force=force)

    def finish_deletion(self, number: int) -> bool:
        """See `LogDeletions.finish_deletion`."""
        is_erased = self._eraser.finish(number)
        self._requests.finish(number, is_erased=is_erased)
        return is_erased

    def delete(
        self,
        tenant: str,
        matchers: tuple[Matcher, ...],
        start_ns: int,
        end_ns: int,
        *,
        choose: Callable[[LogChunk], NDArray[np.bool_]] | None = None,
        request: int | None = None,
    ) -> Deleted:
        """See `LogDeletions.delete`."""
        span = start_ns, end_ns - 1
        return self._eraser.run(tenant, matchers, span, choose=choose, request=request)

    def close(self) -> None:
        """Write what is queued and close the file; what is in the head stays in the inbox."""
        self._shelf.pool.shutdown(cancel_futures=True)
        self._database.close()

    def _count_blocks(self, change: int) -> None:
        self._blocks += change  # in the writer thread only

    def _forget_streams(self, empty: list[tuple[int, int]]) -> None:
        """Forget those of some (tenant, stream) that neither the head nor a request uses."""
        with self._door:
            # A request leaves `_in_flight` after it has come into the head, so look here first.
            busy = {stream for write in list(self._in_flight) for stream, *_ in write.items}
            idle: dict[int, list[int]] = {}
            for tenant, stream in empty:
                if stream not in busy and stream not in self._head:
                    idle.setdefault(tenant, []).append(stream)
            for tenant, streams in idle.items():
                self._registry.drop(tenant, streams)
        gone = [stream for streams in idle.values() for stream in streams]
        if gone:
            self._database.write(lambda c: self._registry.forget(c, gone)).result()

"""The store of spans: inbox and head for what is new, blocks of columns for the rest.

Invariant: at every instant a span is either in the inbox (and the head) or in a block.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.store.cache import ByteCache
from appliance.store.database import Database, DatabaseOptions
from appliance.store.headroom import MAX_HEAD_BYTES, require_room
from appliance.store.registry import Tenants
from appliance.store.stats import StoreStats
from appliance.store.traces import inbox
from appliance.store.traces.head import Head, Part
from appliance.store.traces.operations import head_services, stored_services
from appliance.store.traces.retention import Pruner
from appliance.store.traces.seal import Sealer, SealPolicy
from appliance.store.traces.sealed.block import BlockLimits
from appliance.store.traces.select import StoredSpans
from appliance.store.traces.session import DamageLog
from appliance.store.traces.table import pack
from appliance.store.traces.views.split_traces import SplitTraces

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.sources import SpanSource
    from appliance.model.trace import SpanBatch
    from appliance.store.retention import Pruned, Retention

SIGNAL = "traces"


@dataclass(frozen=True, slots=True)
class SpanOptions:
    """How spans are kept.

    Attributes:
        seal: When heads become blocks.
        block: Bounds of a block.
        cache_bytes: Decoded columns kept for the next query.
        max_head_bytes: Memory of all heads over which writes are refused.
    """

    seal: SealPolicy = field(default_factory=SealPolicy)
    block: BlockLimits = field(default_factory=BlockLimits)
    cache_bytes: int = 256 << 20
    max_head_bytes: int = MAX_HEAD_BYTES


class SpanStore:
    """Spans of all tenants in one file; implements `model.sources.SpanAppender`.

    Args:
        path: The file; made when missing.
    """

    def __init__(
        self,
        path: Path,
        options: SpanOptions,
        *,
        database: DatabaseOptions,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._options = options
        self._clock = clock
        self._heads: dict[int, Head] = {}
        self._received = 0
        self._last_received_ms: int | None = None
        self._cache: ByteCache[tuple[int, str], Any] = ByteCache(options.cache_bytes)
        self._split_traces = SplitTraces(self._cache)
        self._measure(telemetry)
        self._database = Database(path, SIGNAL, database, telemetry)
        try:
            self._load()
        except BaseException:
            self._database.close()
            raise
        self._database.preludes.append(self._tenants)
        self._sealer = Sealer(self._database, self._heads, options.seal, clock)
        self._pruner = Pruner(self._database)

    def _load(self) -> None:
        with self._database.reader() as connection:
            self._tenants = Tenants(connection)
            rows = inbox.replay(
                connection, lambda row, error: self._damage.note("inbox", row, error)
            )
            for row, tenant, table in rows:
                self._head(tenant).append(Part(table, row, self._clock.now_ms()))

    def append(self, tenant: str, batch: SpanBatch) -> Future[None]:
        """Spans of one request, all or none.

        Returns:
            Ends when the spans are durable and the next query finds them.

        Raises:
            Unavailable: Too much waits to be written or sealed, or the store is closing.
        """
        if not len(batch):
            done: Future[None] = Future()
            done.set_result(None)
            return done
        held = sum(head.state.size_bytes for head in list(self._heads.values()))
        require_room(SIGNAL, held, self._options.max_head_bytes)
        number = self._tenants.id_of(tenant)
        write = inbox.InboxWrite(number, pack(batch))
        arrived_ms = self._clock.now_ms()

        def show(_: None) -> None:
            self._head(number).append(Part(write.table, write.row, arrived_ms))
            self._received += len(write.table)
            self._last_received_ms = arrived_ms
            self._received_total.inc(len(write.table))

        return self._database.write(write, then=show, size_bytes=write.table.size_bytes)

    def source(self, tenant: str) -> SpanSource:
        """The tenant's spans; empty as long as it has sent none."""

        def find() -> tuple[int, Head] | None:
            number = self._tenants.find(tenant)
            return None if number is None else (number, self._heads.get(number) or Head())

        return StoredSpans(
            self._database,
            find,
            cache=self._cache,
            damage=self._damage,
            split_traces=self._split_traces,
        )

    @property
    def seal_due(self) -> bool:
        """Whether `seal` would write something."""
        return self._sealer.is_due()

    def seal(self, *, force: bool = False) -> int:
        """Turn full and old heads, with `force` all of them, into blocks; returns blocks written.

        Takes about 10 us a span: call it in a worker thread.

        Raises:
            Unavailable: The database cannot write; nothing is lost, the next pass tries again.
        """
        with self._seal_seconds.time():
            blocks = self._sealer.run(self._options.block, force=force)
        self._sealed.inc(blocks)
        return blocks

    def retain(self, retention: Retention) -> Pruned:
        """Remove blocks that are too old or too many; call it in a worker thread."""
        pruned = self._pruner.run(retention, self._tenants.names(), self._clock.now_ms())
        self._pruned.inc(pruned.blocks)
        return pruned

    def disk_bytes(self) -> int:
        """Bytes of the database file, write-ahead log included."""
        return self._database.size_bytes()

    def stats(self) -> StoreStats:
        """Figures of this store."""
        heads = dict(self._heads)
        with self._database.reader() as connection:
            blocks = connection.execute("SELECT count(*) FROM block").fetchone()[0]
            services = sum(
                len(stored_services(connection, number) | head_services(_columns(heads, number)))
                for number in self._tenants.names()
            )
        return StoreStats(
            received_total=self._received,
            active=services,
            disk_bytes=self._database.size_bytes(),
            head_items=self._head_items(),
            blocks=blocks,
            last_received_ms=self._last_received_ms,
            tenants=tuple(sorted(self._tenants.names().values())),
        )

    def close(self) -> None:
        """Write what is queued and close the file; the head is replayed at the next start."""
        self._database.close()

    def _head(self, number: int) -> Head:
        """The tenant's head; new ones are made at the start and in the writer thread."""
        found = self._heads.get(number)
        if found is None:
            found = self._heads[number] = Head()
        return found

    def _head_items(self) -> int:
        return sum(len(head.state) for head in list(self._heads.values()))

    def _measure(self, telemetry: Telemetry) -> None:
        label = ("signal",)
        self._received_total = telemetry.counter(
            "appliance_store_received_total", "Items made durable.", label
        ).labels(SIGNAL)
        self._sealed = telemetry.counter(
            "appliance_store_blocks_sealed_total", "Blocks written.", label
        ).labels(SIGNAL)
        self._seal_seconds = telemetry.histogram(
            "appliance_store_seal_seconds", "Duration of sealing passes.", label
        ).labels(SIGNAL)
        self._pruned = telemetry.counter(
            "appliance_store_pruned_blocks_total", "Blocks removed by retention.", label
        ).labels(SIGNAL)
        self._damage = DamageLog(
            telemetry.counter(
                "appliance_store_damaged_blocks_total", "Blocks and rows left out.", label
            ).labels(SIGNAL)
        )
        telemetry.gauge(
            "appliance_store_head_items", "Items that are not in a block yet.", label
        ).labels(SIGNAL).set_function(self._head_items)


def _columns(heads: dict[int, Head], number: int) -> list[Any]:
    head = heads.get(number)
    return [] if head is None else head.state.columns()

"""The metric store: ties file, head, blocks and labels together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.database import Database
from appliance.store.headroom import require_room
from appliance.store.label_index import LabelIndex
from appliance.store.metrics import cardinality
from appliance.store.metrics.blocks.series_sets import SeriesSets
from appliance.store.metrics.head.head import Head
from appliance.store.metrics.parts import Parts
from appliance.store.metrics.reading.block_reader import BlockReader
from appliance.store.metrics.reading.select import MetricSource
from appliance.store.metrics.records import metadata
from appliance.store.metrics.records.tables import Records
from appliance.store.metrics.snapshot import copy_file
from appliance.store.metrics.upkeep.deletion import Eraser
from appliance.store.metrics.upkeep.retention import Pruner
from appliance.store.metrics.upkeep.seal import Sealer
from appliance.store.metrics.writing.append import SampleWriter
from appliance.store.metrics.writing.incoming import of_batch, of_column
from appliance.store.metrics.writing.key_cache import KeyCache
from appliance.store.metrics.writing.usage import SeriesUsage
from appliance.store.registry import Registry, Tenants
from appliance.store.stats import StoreStats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from numpy.typing import NDArray
    from prometheus_client import Counter

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.cardinality import Cardinality
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sample import ColumnExtras, MetricMetadata, SampleBatch
    from appliance.store.database import DatabaseOptions, Prelude
    from appliance.store.metrics.options import MetricStoreOptions
    from appliance.store.retention import Pruned, Retention

_SIGNAL = "metrics"
_LIMIT = "limits.series_per_tenant"


class MetricStore:
    """Samples of all tenants in one file; a `model.sources.KeyedAppender` and `MetadataKeeper`.

    Any thread may call. Arrays given to it must not be changed afterwards.

    Args:
        path: The database file; made when missing.
    """

    def __init__(
        self,
        path: Path,
        options: MetricStoreOptions,
        *,
        database: DatabaseOptions,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._head = Head()
        self._max_head_bytes = options.max_head_bytes
        self._usage = SeriesUsage()
        self._keys = KeyCache(self._resolve)
        self._database = Database(path, _SIGNAL, database, telemetry)
        damaged = self._counter("appliance_store_damaged_blocks_total", "Damaged rows skipped.")
        self._blocks = BlockReader(options.cache_bytes, damaged)
        try:
            self._load(options, damaged)
        except BaseException:
            self._database.close()
            raise
        preludes: list[Prelude] = [self._tenants, self._registry, self._writer, self._records]
        self._database.preludes += preludes
        sealed = self._counter("appliance_store_blocks_sealed_total", "Blocks written.")
        parts = Parts(
            self._database,
            self._head,
            self._sets,
            self._registry,
            self._usage,
            self._records,
            self._blocks,
            options,
            clock,
        )
        self._sealer = Sealer(parts, sealed=sealed)
        self._pruner = Pruner(parts)
        self._eraser = Eraser(parts)
        self._seal_seconds = telemetry.histogram(
            "appliance_store_seal_seconds", "Duration of sealing passes.", ("signal",)
        ).labels(_SIGNAL)
        self._pruned = self._counter("appliance_store_pruned_blocks_total", "Blocks deleted.")
        telemetry.gauge(
            "appliance_store_head_items", "Items not yet in a block.", ("signal",)
        ).labels(_SIGNAL).set_function(lambda: self._head.samples)

    def _load(self, options: MetricStoreOptions, damaged: Counter) -> None:
        limit, most = options.series_per_tenant, options.max_exemplars
        with self._database.reader() as connection:
            self._tenants = Tenants(connection)
            self._registry = Registry(connection, "series", limit=limit, limit_name=_LIMIT)
            self._sets = SeriesSets(connection)
            self._records = Records(connection, self._head, self._sets, max_exemplars=most)
            self._writer = SampleWriter(
                self._database,
                self._head,
                self._usage,
                self._clock,
                records=self._records,
                received=self._counter("appliance_store_received_total", "Items appended."),
                damaged=damaged,
            )
            self._writer.replay(connection)
            self._records.loaded(list(self._tenants.names()))

    # -- writing

    def resolve(self, tenant: str, labels: Sequence[Labels]) -> NDArray[np.int64]:
        """Series ids: int64[series]; unknown series get one, made durable with the next append.

        Raises:
            LimitExceeded: The tenant has too many series.
        """
        number = self._tenants.id_of(tenant)
        ids = self._resolve(number, labels)
        while not self._usage.name(ids, self._clock.now_ms()):
            ids = self._resolve(number, labels)
        return ids

    def _resolve(self, tenant: int, labels: Sequence[Labels]) -> NDArray[np.int64]:
        return self._registry.resolve(tenant, labels)

    def append_column(
        self,
        tenant: str,
        group: str,
        timestamp_ms: int,
        ids: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        extras: ColumnExtras | None = None,
    ) -> Future[None]:
        """One scrape: values of series ids (distinct) at one time, kept together under `group`.

        An ABSENT value is no sample. The future fails with Conflict when an id was resolved so
        long ago that it is not in use any more.

        Raises:
            Unavailable: The queue or the head is full, or the store is closing.
        """
        require_room(_SIGNAL, self._head.size_bytes, self._max_head_bytes)
        number = self._tenants.id_of(tenant)
        samples = of_column(timestamp_ms, ids, values, extras=extras)
        return self._writer.append_column(number, group, timestamp_ms, samples)

    def append(self, tenant: str, batch: SampleBatch) -> Future[None]:
        """Samples with times of their own, in any order; a repeated (series, time) is kept once.

        The future fails with Conflict when retention forgets a series just then: append again.

        Raises:
            LimitExceeded: The tenant has too many series.
            Unavailable: The queue or the head is full, or the store is closing.
        """
        require_room(_SIGNAL, self._head.size_bytes, self._max_head_bytes)
        ids = self.resolve(tenant, batch.labels)
        return self._writer.append(self._tenants.id_of(tenant), of_batch(ids, batch))

    def resolve_keys(
        self, tenant: str, keys: Sequence[bytes], make_labels: Callable[[int], Labels | None]
    ) -> NDArray[np.int64]:
        """Series ids by opaque keys: see `model.sources.KeyedAppender.resolve_keys`."""
        number = self._tenants.id_of(tenant)
        ids = self._keys.resolve(number, keys, make_labels)
        while not self._usage.name(ids, self._clock.now_ms()):
            self._keys.forget(number, self._usage.gone(ids))
            ids = self._keys.resolve(number, keys, make_labels)
        return ids

    def append_resolved(
        self, tenant: str, ids: NDArray[np.int64], batch: SampleBatch
    ) -> Future[None]:
        """Like `append`, with the id of each row; rows with id 0 are left out.

        The future fails with Conflict when an id is not in use any more.

        Raises:
            Unavailable: The queue or the head is full, or the store is closing.
        """
        require_room(_SIGNAL, self._head.size_bytes, self._max_head_bytes)
        return self._writer.append(self._tenants.id_of(tenant), of_batch(ids, batch))

    def labels_of(self, tenant: str, ids: NDArray[np.int64]) -> list[Labels | None]:
        """Labels of series ids; None for one that is not in use any more."""
        return self.source(tenant).labels(ids)

    def set_metadata(
        self, tenant: str, families: Mapping[str, MetricMetadata]
    ) -> Future[None] | None:
        """Take over type, unit and help by metric name; None when nothing is new.

        Raises:
            Unavailable: The store is closing.
        """
        number, table = self._tenants.id_of(tenant), self._records.metadata
        news = table.news(number, families)
        if not news:
            return None
        future = self._database.write(partial(metadata.write, tenant=number, families=news))
        future.add_done_callback(
            lambda done: table.retract(number, news) if done.exception() else None
        )
        return future

    def metadata(self, tenant: str) -> Mapping[str, MetricMetadata]:
        """Type, unit and help of what was pushed, by metric name."""
        number = self._tenants.find(tenant)
        return {} if number is None else self._records.metadata.of(number)

    # -- reading

    def source(self, tenant: str) -> MetricSource:
        """What queries of a tenant read through; an unknown tenant has no series."""
        number = self._tenants.find(tenant)
        index = LabelIndex() if number is None else self._registry.index(number)
        return MetricSource(
            self._database,
            number or 0,
            index,
            self._head,
            self._sets,
            self._blocks,
            self._records.starts,
        )

    def disk_bytes(self) -> int:
        """Bytes of the database file, write-ahead log included."""
        return self._database.size_bytes()

    def stats(self) -> StoreStats:
        """Figures for the start page and the log."""
        return StoreStats(
            received_total=self._writer.received_total,
            active=sum(len(self._registry.index(tenant)) for tenant in self._registry.tenants()),
            disk_bytes=self._database.size_bytes(),
            head_items=self._head.samples,
            blocks=self._sets.blocks,
            last_received_ms=self._writer.last_received_ms,
            tenants=tuple(sorted(self._tenants.names().values())),
        )

    # -- upkeep, from worker threads

    @property
    def seal_due(self) -> bool:
        """Whether `seal` has something to do."""
        return self._sealer.is_due()

    def seal(self, *, force: bool = False) -> int:
        """One compaction pass: what is full or old (`force`: everything) becomes blocks.

        Returns:
            Blocks written.
        """
        with self._seal_seconds.time():
            return self._sealer.seal(force=force)

    def retain(self, retention: Retention) -> Pruned:
        """Delete blocks that are too old or too much; forget series without data."""
        with self._sealer.lock:
            pruned = self._pruner.prune(retention, self._tenants.names())
        self._pruned.inc(pruned.blocks)
        return pruned

    def delete(
        self, tenant: str, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
    ) -> int:
        """Delete samples of series that match one of the alternatives; returns how many.

        What comes while this runs may stay. After a failure the same call does the rest.

        Args:
            start_ms, end_ms: Both included.

        Raises:
            Unavailable: The database cannot write.
        """
        number = self._tenants.find(tenant)
        if number is None or not matchers:
            return 0
        with self._sealer.lock:
            self._sealer.seal_tenant(number)
            index = self._registry.index(number)
            ids = np.unique(np.concatenate([index.select(each) for each in matchers]))
            return self._eraser.erase(number, ids, (start_ms, end_ms))

    def snapshot(self, target: Path) -> None:
        """Copy the file as it is at one instant, what is in the head included.

        Args:
            target: The copy; must not exist.

        Raises:
            Conflict: It exists.
        """
        copy_file(self._database, target)

    def cardinality(self, tenant: str, limit: int) -> Cardinality:
        """Which label names and values have the most series."""
        number = self._tenants.find(tenant) or 0
        sets = [item for item in self._sets.index(number).sets.values() if item.blocks]
        bounds = [(item.min_ms, item.max_ms) for item in sets] + self._head.bounds(number)
        window = None
        if bounds:
            window = min(least for least, _ in bounds), max(most for _, most in bounds)
        chunks = sum(item.blocks for item in sets) + len(bounds) - len(sets)
        index = self._registry.index(number) if number else LabelIndex()
        return cardinality.count(index, limit=limit, chunks=chunks, window=window)

    def close(self) -> None:
        """Write what is queued, then close the file."""
        self._database.close()

    def _counter(self, name: str, text: str) -> Counter:
        return self._telemetry.counter(name, text, ("signal",)).labels(_SIGNAL)

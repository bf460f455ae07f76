"""The component that makes metrics of spans: takes batches after their commit, writes series.

What it knows is in memory: after a restart counters begin anew, which queries see as a reset.
Spans that ended long ago are left out, as in Tempo: their metrics would be of another time.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import ApplianceError, LimitExceeded
from appliance.base.tasks import attempt, offload
from appliance.model.sample import STALE, ColumnExtras

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.span_metrics.graph import Edge
    from appliance.ingest.span_metrics.options import GeneratorOptions
    from appliance.ingest.span_metrics.series import Collected
    from appliance.model.labels import Labels
    from appliance.model.sources import MetricAppender
    from appliance.model.trace import SpanBatch

#: Series of these metrics share their times.
_GROUP = "span_metrics"
#: New series are written after so long, whatever the interval: who waits for them sees them soon.
_TICK_SECONDS = 1.0


class _Tenant:
    """What one tenant's spans have come to.

    Attributes:
        is_full: The store takes no new series of the tenant; asked again with the next interval.
    """

    def __init__(self, options: GeneratorOptions) -> None:
        from appliance.ingest.span_metrics.graph import ServiceGraph  # noqa: PLC0415 - first spans
        from appliance.ingest.span_metrics.series import SeriesTable  # noqa: PLC0415 - the same

        self.series = SeriesTable(options.max_series)
        self.graph = ServiceGraph(options.wait_ms)
        self.is_full = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return not len(self.series) and not len(self.graph)


class SpanMetrics:
    """See the module's docstring; `observe` may be called from any thread."""

    name = "span_metrics"

    def __init__(
        self,
        appender: MetricAppender,
        options: GeneratorOptions,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._appender = appender
        self._options = options
        self._clock = clock
        self._tenants: dict[str, _Tenant] = {}
        self._queue: deque[tuple[str, SpanBatch]] = deque()
        self._queued = 0
        self._lock = threading.Lock()
        self._work = threading.Lock()
        self._left_out = telemetry.counter(
            "appliance_span_metrics_left_out_total",
            "Spans and series that are in no metric made of spans.",
            ("reason",),
        )
        telemetry.gauge(
            "appliance_span_metrics_series", "Series made of spans, of all tenants."
        ).set_function(lambda: sum(len(one.series) for one in list(self._tenants.values())))

    def observe(self, tenant: str, batch: SpanBatch) -> None:
        """Spans that are durable now; they are measured soon, not here."""
        with self._lock:
            if self._queued + len(batch) > self._options.max_queued:
                self._left_out.labels("queue_full").inc(len(batch))
                return
            self._queue.append((tenant, batch))
            self._queued += len(batch)

    async def start(self) -> None:
        """Nothing to prepare."""

    async def run(self) -> None:
        """Measure and write until cancelled."""
        due_ms = self._clock.now_ms() + self._options.interval_ms
        while True:
            await self._clock.sleep(_TICK_SECONDS)
            now_ms = self._clock.now_ms()
            is_due = now_ms >= due_ms
            if is_due:
                due_ms = now_ms + self._options.interval_ms
            await attempt(self.flush(only_new=not is_due), name="metrics of spans")

    async def stop(self) -> None:
        """Write what was measured."""
        await attempt(self.flush(), name="metrics of spans")

    async def flush(self, *, only_new: bool = False) -> None:
        """Measure what has come and write the series.

        Args:
            only_new: Write those alone that were never written.

        Raises:
            Unavailable: The store cannot take them; the next time tries again.
        """
        if not self._queue and not self._tenants:
            return
        for written in await offload(self._flush, only_new):
            await asyncio.wrap_future(written)

    def _flush(self, only_new: bool) -> list[Future[None]]:  # noqa: FBT001 - offload passes no names
        with self._work:
            now_ms = self._clock.now_ms()
            self._measure(now_ms)
            written: list[Future[None]] = []
            for tenant, state in list(self._tenants.items()):
                self._expire(state, now_ms)
                if not only_new:
                    state.is_full = False
                    ended = state.series.forget(now_ms - self._options.stale_ms)
                    written += self._append(tenant, ended, now_ms, np.full(len(ended), STALE))
                elif state.is_full or not state.series.has_new:
                    continue
                written += self._write(tenant, state, now_ms, only_new=only_new)
                if state.is_empty:  # its name may have been anybody's invention
                    del self._tenants[tenant]
            return written

    def _measure(self, now_ms: int) -> None:
        from appliance.ingest.span_metrics.calls import measure_calls  # noqa: PLC0415 - first spans

        while self._queue:
            with self._lock:
                tenant, batch = self._queue.popleft()
                self._queued -= len(batch)
            state = self._tenants.get(tenant)
            if state is None:
                state = self._tenants[tenant] = _Tenant(self._options)
            rows = self._timely(batch, now_ms)
            if not len(rows):
                continue
            calls = measure_calls(batch, rows, self._options.calls)
            self._refused(state.series.add(calls, now_ms))
            has_name = np.array([bool(name) for name in batch.services])
            named = rows[has_name[batch.service_ids[rows]]]
            self._add_edges(state, state.graph.pair(batch, named, now_ms), now_ms)

    def _timely(self, batch: SpanBatch, now_ms: int) -> NDArray[np.int64]:
        ends_ms = (batch.start_ns + batch.duration_ns) // 1_000_000
        rows = np.flatnonzero(np.abs(ends_ms - now_ms) <= self._options.slack_ms)
        if len(rows) < len(batch):
            self._left_out.labels("outside_slack").inc(len(batch) - len(rows))
        return rows

    def _expire(self, state: _Tenant, now_ms: int) -> None:
        edges, lost = state.graph.expire(now_ms)
        self._add_edges(state, edges, now_ms)
        if lost:
            self._left_out.labels("unpaired").inc(lost)
        if state.graph.dropped:
            self._left_out.labels("too_many_waiting").inc(state.graph.dropped)
            state.graph.dropped = 0

    def _add_edges(self, state: _Tenant, edges: Sequence[Edge], now_ms: int) -> None:
        from appliance.ingest.span_metrics.requests import (  # noqa: PLC0415 - first spans
            measure_requests,
        )

        if edges:
            for added in measure_requests(edges, self._options.request_bounds):
                self._refused(state.series.add(added, now_ms))

    def _refused(self, blocks: int) -> None:
        if blocks:
            self._left_out.labels("max_series").inc(blocks)

    def _write(
        self, tenant: str, state: _Tenant, now_ms: int, *, only_new: bool
    ) -> list[Future[None]]:
        """Write a tenant's series; where new ones are too many for the store, the others."""
        found = state.series.collect(only_new=only_new)
        try:
            return self._write_all(tenant, found, now_ms)
        except LimitExceeded:
            state.is_full = True
            state.series.not_written(found)
            self._left_out.labels("series_per_tenant").inc(int(found.is_new.sum()))
            return self._write_all(tenant, found.known(), now_ms)
        except ApplianceError:
            state.series.not_written(found)
            raise

    def _write_all(self, tenant: str, found: Collected, now_ms: int) -> list[Future[None]]:
        """New series begin with a zero just before, so that rates count their first value."""
        fresh = [found.labels[row] for row in np.flatnonzero(found.is_new).tolist()]
        written = self._append(tenant, fresh, now_ms - 1, np.zeros(len(fresh)))
        extras = ColumnExtras(exemplars=found.exemplars)
        return written + self._append(tenant, found.labels, now_ms, found.values, extras)

    def _append(  # noqa: PLR0917, RUF100 - five things make a column
        self,
        tenant: str,
        labels: Sequence[Labels],
        at_ms: int,
        values: NDArray[np.float64],
        extras: ColumnExtras | None = None,
    ) -> list[Future[None]]:
        if not labels:
            return []
        ids = self._appender.resolve(tenant, labels)
        append = self._appender.append_column
        return [append(tenant, _GROUP, at_ms, ids, values, extras=extras)]

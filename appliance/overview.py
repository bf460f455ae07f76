"""Figures for the home page, from the stores: tiles per signal, latest lines, latest traces."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from appliance.base.tasks import every, offload
from appliance.lines.level_line import UNKNOWN
from appliance.model.value import Streams
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.ui.overview import Endpoints, LogRow, SignalTile, TraceRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.log import Metadata
    from appliance.store.logs.store import LogStore
    from appliance.store.metrics.store import MetricStore
    from appliance.store.stats import StoreStats
    from appliance.store.traces.store import SpanStore

_HOUR_NS = 3_600_000_000_000
_UNITS = {"metrics": "samples", "logs": "lines", "traces": "spans"}
#: A rate is taken over this many looks, one a second: two usual scrape intervals.
_WINDOW = 31


class RateMeter:
    """Items per second over the last few looks at a running total."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=_WINDOW)

    def look(self, seconds: float, total: int) -> None:
        """Note the total at a time of the monotonic clock."""
        self._looks.append((seconds, total))

    def per_second(self) -> float:
        """Items per second; 0 until there are two looks."""
        if len(self._looks) < 2:
            return 0.0
        (start, first), (end, last) = self._looks[0], self._looks[-1]
        return (last - first) / (end - start) if end > start else 0.0


class StoreOverview:
    """Implements `ui.overview.Overview`; a component that keeps the rates."""

    name = "overview"

    def __init__(
        self,
        *,
        metrics: MetricStore,
        logs: LogStore,
        traces: SpanStore,
        clock: Clock,
        telemetry: Telemetry,
        endpoints: Callable[[], Endpoints],
    ) -> None:
        self._metrics = metrics
        self._logs = logs
        self._traces = traces
        self._clock = clock
        self._telemetry = telemetry
        self._endpoints = endpoints
        self._meters = {signal: RateMeter() for signal in _UNITS}

    async def start(self) -> None:
        """Nothing to prepare."""

    async def run(self) -> None:
        """Look at the totals once a second."""
        await every(self._clock, 1, self._look)

    async def stop(self) -> None:
        """Nothing to finish."""

    async def _look(self) -> None:
        found = await offload(self._stats)
        now = self._clock.monotonic()
        for signal, stats in found.items():
            self._meters[signal].look(now, stats.received_total)

    def _stats(self) -> Mapping[str, StoreStats]:
        return {
            "metrics": self._metrics.stats(),
            "logs": self._logs.stats(),
            "traces": self._traces.stats(),
        }

    async def tiles(self, tenant: str) -> list[SignalTile]:  # noqa: ARG002 - counted per file
        """One tile per signal."""
        stats = await offload(self._stats)
        rejected = self._telemetry.counter(
            "appliance_ingest_rejected_total", "Items refused at the door.", ("signal",)
        )
        return [
            SignalTile(
                name=signal,
                unit=_UNITS[signal],
                received_total=found.received_total,
                rate_per_second=self._meters[signal].per_second(),
                last_seen_ms=found.last_received_ms,
                active=found.active,
                rejected_total=int(rejected.labels(signal)._value.get()),  # noqa: SLF001 - no other way to read one
                disk_bytes=found.disk_bytes,
            )
            for signal, found in stats.items()
        ]

    async def latest_lines(self, tenant: str, limit: int) -> list[LogRow]:
        """The newest log lines of the last hour, newest first."""
        return await offload(self._latest_lines, tenant, limit)

    def _latest_lines(self, tenant: str, limit: int) -> list[LogRow]:
        from appliance.logql.engine import Request, evaluate  # noqa: PLC0415 - with the first page
        from appliance.logql.parser import parse  # noqa: PLC0415 - with the first page

        now = self._clock.now_ns()
        result = evaluate(
            parse('{service_name=~".+"}'),
            self._logs.source(tenant),
            Request(now - _HOUR_NS, now + 60_000_000_000, limit=limit),
            self._guard(),
        )
        if not isinstance(result.value, Streams):
            return []
        rows = [
            LogRow(
                timestamp_ns=at,
                service=stream.labels.get("service_name"),
                level=_level(metadata),
                line=line,
                labels=dict(stream.labels),
            )
            for stream in result.value.streams
            for at, line, metadata, _ in stream.entries
        ]
        return sorted(rows, key=lambda row: row.timestamp_ns, reverse=True)[:limit]

    async def latest_traces(self, tenant: str, limit: int) -> list[TraceRow]:
        """The newest traces of the last hour, newest first."""
        return await offload(self._latest_traces, tenant, limit)

    def _latest_traces(self, tenant: str, limit: int) -> list[TraceRow]:
        from appliance.traces.summary import summarize  # noqa: PLC0415 - with the first page
        from appliance.traces.window import Window  # noqa: PLC0415 - with the first page

        now = self._clock.now_ns()
        found = summarize(
            self._traces.source(tenant),
            Window(now - _HOUR_NS, now + 60_000_000_000),
            self._guard(),
            limit=limit,
        )
        return [
            TraceRow(
                trace_id=item.trace_id.hex(),
                root_service=item.root_service,
                root_name=item.root_name,
                start_ns=item.start_ns,
                duration_ns=item.duration_ns,
                span_count=item.spans,
                error_count=item.errors,
            )
            for item in found
        ]

    async def metric_names(self, tenant: str) -> list[str]:
        """Names of metrics with samples in the last hour, sorted."""
        now = self._clock.now_ms()
        source = self._metrics.source(tenant)
        return await offload(source.label_values, "__name__", (), now - 3_600_000, now)

    def endpoints(self) -> Endpoints:
        """Where the listeners are."""
        return self._endpoints()

    def _guard(self) -> QueryGuard:
        return QueryGuard(QueryLimits(timeout_seconds=5), self._clock)


def _level(metadata: Metadata) -> str:
    """The level that was detected; where there is none, the page finds one in the line."""
    found = dict(metadata).get("detected_level", "")
    return "" if found == UNKNOWN else found

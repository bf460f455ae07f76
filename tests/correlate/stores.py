"""Real stores with one trace, its logs, its metrics and an exemplar that points to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.correlate.services import Sources
from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels
from appliance.model.log import Metadata, StreamBatch
from appliance.model.sample import SampleBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.store.traces.store import SpanOptions, SpanStore
from appliance.wire.otlp.traces import decode_traces
from tests.spans import PlainSpan, otlp_request

S = 10**9
NOW = 1_700_000_000 * S
TENANT = "anonymous"
TRACE = 0x4BF92F3577B34DA6A3CE929D0E0E4736
TRACE_HEX = f"{TRACE:032x}"
SHORT, SHORT_HEX = 0xA3CE929D0E0E4736, "a3ce929d0e0e4736"

SPANS = [
    PlainSpan(TRACE, 1, "GET /", "web", start_ns=NOW, duration_ns=S),
    PlainSpan(TRACE, 2, "SELECT", "db", 1, start_ns=NOW + 1000, duration_ns=S // 2, kind=3),
    PlainSpan(SHORT, 3, "job", "cron", start_ns=NOW),
]


def guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), ManualClock())


class Signals:
    """Stores of all signals in a folder."""

    def __init__(self, folder: Path) -> None:
        shared: dict[str, Any] = {
            "database": DatabaseOptions(synchronous="OFF"),
            "clock": ManualClock(NOW // 10**6 + 5000),
            "telemetry": Telemetry(),
        }
        self.logs = LogStore(folder / "logs.db", LogOptions(), **shared)
        self.metrics = MetricStore(folder / "metrics.db", MetricStoreOptions(), **shared)
        self.traces = SpanStore(folder / "traces.db", SpanOptions(), **shared)

    def fill(self) -> None:
        """One trace of two services, another one with a short id, and what belongs to them."""
        batch, rejects = decode_traces(otlp_request(SPANS))
        assert not rejects
        self.traces.append(TENANT, batch).result(5)
        self.log({"service_name": "web"}, (0, "plain", ()))
        self.log({"service_name": "web"}, (1, "with metadata", (("trace_id", TRACE_HEX),)))
        self.log({"service_name": "web"}, (2, f'{{"traceId":"{TRACE_HEX}","msg":"x"}}', ()))
        self.log({"job": "shop/web"}, (3, f"trace={TRACE_HEX.upper()} done", ()))
        self.log({"app": "other", "traceid": TRACE_HEX}, (4, "by label", ()))
        self.log({"app": "other"}, (5, f"longer {TRACE_HEX}0 no", ()))
        self.log({"app": "other"}, (900, f"much later {TRACE_HEX}", ()))
        self.log({"service": "cron"}, (6, f"trace_id={SHORT_HEX}", ()))
        self.log({"service": "cron"}, (7, f"trace_id={SHORT:032x}", ()))
        self.measure({"__name__": "http_requests_total", "service_name": "web"}, TRACE_HEX)
        self.measure({"__name__": "up", "job": "shop/web"})
        self.measure({"__name__": "up", "job": "prometheus"})

    def log(self, labels: dict[str, str], *entries: tuple[float, str, Metadata]) -> None:
        """Entries (seconds after the start, line, structured metadata) of one stream."""
        times = np.array([NOW + int(at * S) for at, _, _ in entries], np.int64)
        lines = [line.encode() for _, line, _ in entries]
        batch = StreamBatch(Labels.of(labels), times, lines, [pairs for _, _, pairs in entries])
        self.logs.append(TENANT, [batch]).result(5)

    def measure(self, labels: dict[str, str], trace_id: str = "") -> None:
        """A sample, with an exemplar when a trace is given."""
        at_ms = NOW // 10**6
        exemplars = (
            [
                (
                    0,
                    Exemplar(
                        Labels.of({"trace_id": trace_id, "span_id": "0" * 15 + "1"}), 7.0, at_ms
                    ),
                )
            ]
            if trace_id
            else []
        )
        batch = SampleBatch(
            [Labels.of(labels)],
            np.zeros(1, np.int64),
            np.array([at_ms], np.int64),
            np.ones(1),
            exemplars=exemplars,
        )
        self.metrics.append(TENANT, batch).result(5)

    def seal(self) -> None:
        """Everything into blocks."""
        stores: Sequence[Any] = (self.logs, self.metrics, self.traces)
        for store in stores:
            store.seal(force=True)

    def sources(self) -> Sources:
        """What is stored."""
        return Sources(
            self.metrics.source(TENANT), self.logs.source(TENANT), self.traces.source(TENANT)
        )

    def close(self) -> None:
        """Close the files."""
        for store in (self.logs, self.metrics, self.traces):
            store.close()

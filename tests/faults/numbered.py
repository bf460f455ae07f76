"""Numbered items in a store of each signal, one a second."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from appliance.base.clock import Clock, ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.model.sample import SampleBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.store.traces.store import SpanOptions, SpanStore
from tests.store.traces.conftest import Spans

START_MS = 1_700_000_000_000
#: So many of the newest numbers are never old enough to be pruned.
KEPT = 30
GUARD = QueryGuard(QueryLimits(), ManualClock())
EVERYTHING = 0, 1 << 62


def open_store(signal: str, path: Path, clock: Clock) -> Any:
    shared: Any = {"database": DatabaseOptions(), "clock": clock, "telemetry": Telemetry()}
    if signal == "logs":
        return LogStore(path, LogOptions(), **shared)
    if signal == "metrics":
        return MetricStore(path, MetricStoreOptions(), **shared)
    return SpanStore(path, SpanOptions(), **shared)


def append(signal: str, store: Any, number: int) -> None:
    """Returns when the item is durable."""
    at_ms = START_MS + number * 1000
    if signal == "logs":
        lines = [b"%d" % number]
        batch = StreamBatch(
            Labels.of({"app": str(number % 3)}), np.array([at_ms * 1_000_000]), lines
        )
        store.append("t", [batch]).result()
    elif signal == "metrics":
        one = np.array([0], dtype=np.int64)
        names = [Labels.of({"__name__": f"m{number % 3}"})]
        values = np.array([float(number)])
        store.append("t", SampleBatch(names, one, one + at_ms, values)).result()
    else:
        span = Spans().span(number + 1, number + 1, start_ns=at_ms * 1_000_000)
        store.append("t", Spans().batch([span])).result()


def numbers(signal: str, store: Any) -> Counter[int]:
    """How often each number is found."""
    source = store.source("t")
    if signal == "logs":
        texts = source.scan((), *EVERYTHING, GUARD, work=lambda chunk: chunk.text)
        return Counter(int(line) for text in texts for line in text.split())
    if signal == "metrics":
        groups = source.select((), *EVERYTHING, GUARD)
        values = [value for group in groups for value in group.values.ravel().tolist()]
        return Counter(int(value) for value in values if value == value)  # noqa: PLR0124 - no NaN
    blocks = source.scan(*EVERYTHING, GUARD)
    return Counter(int(one) - 1 for block in blocks for one in block.numbers("span_id"))

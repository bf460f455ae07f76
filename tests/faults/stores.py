"""Stores of each signal with random data that no codec makes smaller, and what is in them."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, StreamBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.store.traces.store import SpanOptions, SpanStore
from tests.store.traces.conftest import START_NS, Spans

SIGNALS = ("logs", "metrics", "traces")
#: Blocks that filling and sealing after each item makes.
BLOCKS = 12
GUARD = QueryGuard(QueryLimits(), ManualClock())
EVERYTHING = 0, 1 << 62
_TIMES = itertools.count(1)
#: Rows of a metrics block; each has a sample at each of its columns.
ROWS, COLUMNS = 64, 80


def open_store(signal: str, path: Path) -> Any:
    """A store whose clock says that its data is some hours old."""
    clock = ManualClock(START_NS // 1_000_000 + 3 * 3600_000)
    database = DatabaseOptions(synchronous="NORMAL")
    shared: Any = {"database": database, "clock": clock, "telemetry": Telemetry()}
    if signal == "logs":
        return LogStore(path, LogOptions(), **shared)
    if signal == "metrics":
        return MetricStore(path, MetricStoreOptions(), **shared)
    return SpanStore(path, SpanOptions(), **shared)


def fill(signal: str, store: Any, *, seal: bool) -> None:
    """Append what makes `BLOCKS` blocks, and seal it piece by piece, or leave it in the head."""
    append = {"logs": _append_line, "metrics": _append_group, "traces": _append_span}
    chosen = random.Random(1)
    for number in range(BLOCKS):
        append[signal](store, number, chosen)
        if seal:
            store.seal(force=True)


def items(signal: str, store: Any) -> int:
    """Lines, spans, or as many samples as a group has, that queries find."""
    source = store.source("t")
    if signal == "logs":
        return sum(source.scan((), *EVERYTHING, GUARD, work=_readable))
    if signal == "metrics":
        groups = source.select((), *EVERYTHING, GUARD)
        return sum(int(np.isfinite(group.values).sum()) for group in groups) // (ROWS * COLUMNS)
    return sum(
        len(block.spans(np.arange(block.count))) for block in source.scan(*EVERYTHING, GUARD)
    )


def _readable(chunk: LogChunk) -> int:
    return len(chunk.offsets) - 1 if chunk.text else 0


def _append_line(store: Any, _: int, chosen: random.Random) -> None:
    lines = [chosen.randbytes(40_000).hex().encode()]
    times = np.array([next(_TIMES)])  # a line that is there already would be dropped
    batch = StreamBatch(Labels.of({"app": "a"}), times, lines)
    store.append("t", [batch]).result(5)


def _append_group(store: Any, number: int, chosen: random.Random) -> None:
    names = [Labels.of({"__name__": f"m{number}", "row": str(row)}) for row in range(ROWS)]
    ids = store.resolve("t", names)
    for column in range(COLUMNS):
        values = np.array([chosen.random() for _ in names])
        store.append_column("t", f"g{number}", 1 + column, ids, values).result(5)


def _append_span(store: Any, number: int, chosen: random.Random) -> None:
    """The random bytes are in no attribute, so that a block's only large value is the span."""
    span = Spans().span(number + 1, number + 1, trace_state=chosen.randbytes(40_000).hex())
    store.append("t", Spans().batch([span])).result(5)

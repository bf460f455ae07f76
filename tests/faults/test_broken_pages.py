"""A broken page that the start does not notice: everything else is served and pruned."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.store.retention import Retention, RetentionRule
from appliance.store.traces.store import SpanOptions, SpanStore
from tests.store.traces.conftest import START_NS, Spans

PAGE = 8192
BLOCKS = 12
GUARD = QueryGuard(QueryLimits(), ManualClock())
EVERYTHING = 0, 1 << 62


def fill_logs(store: LogStore, chosen: random.Random) -> None:
    for number in range(BLOCKS):
        lines = [chosen.randbytes(40_000)]
        batch = StreamBatch(Labels.of({"app": "a"}), np.array([number + 1]), lines)
        store.append("t", [batch]).result(5)
        store.seal(force=True)


def fill_metrics(store: MetricStore, chosen: random.Random) -> None:
    for number in range(BLOCKS):
        names = [Labels.of({"__name__": f"m{number}", "row": str(row)}) for row in range(64)]
        ids = store.resolve("t", names)
        for column in range(80):
            values = np.array([chosen.random() for _ in names])
            store.append_column("t", f"g{number}", 1 + column, ids, values).result(5)
    store.seal(force=True)


def fill_traces(store: SpanStore, chosen: random.Random) -> None:
    for number in range(BLOCKS):
        secret = {"secret": chosen.randbytes(40_000).hex()}
        span = Spans().span(number + 1, number + 1, attributes=secret)
        store.append("t", Spans().batch([span])).result(5)
        store.seal(force=True)


def read_logs(store: LogStore) -> int:
    return sum(len(chunk) for chunk in store.source("t").select((), *EVERYTHING, GUARD))


def read_metrics(store: MetricStore) -> int:
    groups = store.source("t").select((), *EVERYTHING, GUARD)
    return sum(len(group.labels) for group in groups) // 64


def read_traces(store: SpanStore) -> int:
    """Blocks of which both the attribute and the span can be read."""
    blocks = store.source("t").scan(*EVERYTHING, GUARD)
    return sum(
        block.attribute("span", "secret") is not None and len(block.spans(np.array([0]))) == 1
        for block in blocks
    )


STORES: dict[str, tuple[Any, Any, Callable[..., None], Callable[..., int]]] = {
    "logs": (LogStore, LogOptions(), fill_logs, read_logs),
    "metrics": (MetricStore, MetricStoreOptions(), fill_metrics, read_metrics),
    "traces": (SpanStore, SpanOptions(), fill_traces, read_traces),
}


def open_store(signal: str, path: Path) -> Any:
    make, options, *_ = STORES[signal]
    clock = ManualClock(START_NS // 1_000_000 + 3600_000)
    database = DatabaseOptions(synchronous="NORMAL")
    return make(path, options, database=database, clock=clock, telemetry=Telemetry())


def break_blob(path: Path) -> None:
    """Overwrite the middle of a large value: a page in the middle of a chain of overflow pages."""
    data = bytearray(path.read_bytes())
    entries = struct.iter_unpack(">BI", data[PAGE : 2 * PAGE - PAGE % 5])  # what each page is for
    kinds = [kind for kind, _ in entries][: len(data) // PAGE - 2]
    later_in_chain = [page for page, kind in enumerate(kinds, start=3) if kind == 4]
    page = later_in_chain[len(later_in_chain) // 2]
    data[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(data)


@pytest.mark.parametrize("signal", STORES)
def test_queries_and_retention_go_round_a_broken_page(tmp_path: Path, signal: str) -> None:
    _, _, fill, read = STORES[signal]
    path = tmp_path / f"{signal}.db"
    store = open_store(signal, path)
    fill(store, random.Random(1))
    assert read(store) == BLOCKS
    store.close()
    break_blob(path)
    store = open_store(signal, path)
    assert read(store) == BLOCKS - 1
    everything = Retention((RetentionRule(1000),))
    assert store.retain(everything).blocks >= BLOCKS - 1
    assert store.retain(everything).blocks == 0
    assert read(store) == 0
    store.close()

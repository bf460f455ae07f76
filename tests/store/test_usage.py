from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.model.sample import SampleBatch
from appliance.store import usage as module
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.store.usage import read_usage
from tests.store.logs.build import open_store

DAY_MS = 86_400_000
DAY_NS = DAY_MS * 10**6


def lines(app: str, day: int, count: int) -> StreamBatch:
    times = np.arange(count, dtype=np.int64) + day * DAY_NS
    texts = [f"{app} line {number} ".encode() + b"x" * 90 for number in range(count)]
    return StreamBatch(Labels.of({"app": app}), times, texts)


def test_logs_by_tenant_day_and_stream(tmp_path: Path) -> None:
    store = open_store(tmp_path, clock=ManualClock())
    try:
        for tenant, app, day in (("a", "shop", 100), ("a", "shop", 101), ("b", "mail", 101)):
            count = 3_000 if tenant == "a" else 1_000
            store.append(tenant, [lines(app, day, count)]).result(5)
            store.seal(force=True)
        found = read_usage(tmp_path / "logs.db", "logs")
    finally:
        store.close()
    assert found.is_complete
    assert (found.blocks, found.items) == (3, 7_000)
    assert (found.oldest_ms, found.newest_ms) == (100 * DAY_MS, 101 * DAY_MS)
    assert set(found.by_day) == {100, 101}
    assert found.by_tenant["a"] == pytest.approx(6 * found.by_tenant["b"], rel=0.02)
    assert sum(found.by_day.values()) == pytest.approx(found.live_bytes, rel=0.05)
    assert [(one.tenant, one.labels.get("app"), one.entries) for one in found.streams] == [
        ("a", "shop", 6_000),
        ("b", "mail", 1_000),
    ]


def test_metrics_that_are_not_in_blocks_yet(tmp_path: Path) -> None:
    store = MetricStore(
        tmp_path / "metrics.db",
        MetricStoreOptions(),
        database=DatabaseOptions(),
        clock=ManualClock(),
        telemetry=Telemetry(),
    )
    batch = SampleBatch(
        labels=[Labels.of({"__name__": "up"})],
        series=np.zeros(50, dtype=np.int64),
        timestamps_ms=np.arange(50, dtype=np.int64) * 1_000,
        values=np.ones(50),
    )
    try:
        store.append("a", batch).result(5)
        waiting = read_usage(tmp_path / "metrics.db", "metrics")
        store.seal(force=True)
        sealed = read_usage(tmp_path / "metrics.db", "metrics")
    finally:
        store.close()
    assert (waiting.blocks, waiting.items, waiting.by_day) == (0, 0, {})
    assert waiting.inbox_bytes > 0
    assert (sealed.items, sealed.inbox_bytes) == (50, 0)
    assert sealed.blocks > 0


def test_files_without_blocks_have_their_sizes(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "pushes.db") as connection:
        connection.execute("CREATE TABLE t(x)")
    connection.close()
    found = read_usage(tmp_path / "pushes.db", "pushes")
    assert found.is_complete
    assert found.file_bytes == found.live_bytes > 0


def test_what_is_missing_or_broken_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    assert read_usage(tmp_path / "logs.db", "logs").disk_bytes == 0
    (tmp_path / "logs.db").write_bytes(b"not a database" * 1000)
    found = read_usage(tmp_path / "logs.db", "logs")
    assert (found.file_bytes, found.is_complete) == (14_000, False)


def test_a_look_that_takes_too_long_is_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path, clock=ManualClock())
    try:
        store.append("a", [lines("shop", 1, 10)]).result(5)
        monkeypatch.setattr(module, "SECONDS", -1.0)
        monkeypatch.setattr(module, "_STEP", 1)
        found = read_usage(tmp_path / "logs.db", "logs")
    finally:
        store.close()
    assert not found.is_complete
    assert found.file_bytes > 0


def test_names_of_folders_may_be_odd(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c %41"
    folder.mkdir()
    open_store(folder, clock=ManualClock()).close()
    assert read_usage(folder / "logs.db", "logs").is_complete

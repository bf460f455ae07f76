"""The store as a whole: figures, life, and a crash at any moment."""

from __future__ import annotations

import random
import shutil
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from appliance.base.errors import Unavailable
from appliance.model.histogram import Buckets, Histogram
from appliance.model.sample import (
    NORMAL_NAN_BITS,
    ColumnExtras,
    SampleBatch,
    box_histograms,
    is_absent,
    is_histogram,
    unbox_histograms,
)

from .conftest import Bench, name_of, samples_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path


def test_stats_tell_what_is_there(bench: Bench) -> None:
    assert bench.store.stats().last_received_ms is None
    bench.scrape(1, {"m": 1.0, "n": 2.0})
    bench.push(("p", 1, 1.0), tenant="b")
    stats = bench.store.stats()
    assert (stats.received_total, stats.active, stats.head_items, stats.blocks) == (3, 3, 3, 0)
    assert stats.last_received_ms == bench.clock.now_ms()
    assert stats.tenants == ("a", "b")
    assert stats.disk_bytes > 0
    assert bench.metric("appliance_store_received_total") == 3
    assert bench.metric("appliance_store_head_items") == 3
    bench.store.seal(force=True)
    assert (bench.store.stats().head_items, bench.store.stats().blocks) == (0, 2)
    assert bench.metric("appliance_store_blocks_sealed_total") == 2
    assert bench.metric("appliance_store_seal_seconds_count") == 1


def test_full_head_refuses_until_it_is_sealed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"max_head_bytes": 10_000})
    names = {f"m{number}": 1.0 for number in range(100)}
    for time in range(8):
        bench.scrape(time, names)
    bench.scrape(8, names)  # makes the matrix larger than the bound
    with pytest.raises(Unavailable, match=r"storage\.pending_bytes"):
        bench.scrape(9, names)
    with pytest.raises(Unavailable):
        bench.push(("p", 1, 1.0))
    bench.store.seal(force=True)
    bench.push(("p", 1, 1.0))
    assert len(bench.read()["m1"]) == 9
    bench.store.close()


def test_any_time_is_accepted(bench: Bench) -> None:
    times = [-(1 << 63), -1, 0, 1, 253402300800000, (1 << 63) - 1]
    bench.push(*(("m", time, float(n)) for n, time in enumerate(times)))
    for time in times:
        bench.scrape(time, {"n": 1.0})
    for _ in range(2):
        assert list(bench.read()["m"]) == list(bench.read()["n"]) == times
        bench.store.seal(force=True)


def test_copy_of_the_files_at_any_moment_is_whole(bench: Bench, tmp_path: Path) -> None:
    """What was acknowledged before is in the copy, once; copies are made inside a transaction."""
    stop = threading.Event()
    rng = random.Random(1)
    copies: list[tuple[Path, int]] = []

    def seal() -> None:
        while not stop.is_set():
            bench.store.seal(force=rng.random() < 0.3)

    def copy_to(folder: Path) -> Callable[[sqlite3.Connection], None]:
        def work(_: sqlite3.Connection) -> None:
            folder.mkdir()
            for suffix in ("", "-wal"):
                shutil.copy(str(bench.path) + suffix, folder / ("metrics.db" + suffix))

        return work

    sealer = threading.Thread(target=seal)
    sealer.start()
    try:
        ids = bench.store.resolve("a", [name_of(f"m{n}") for n in range(9)])
        for time in range(300):
            some = ids if time % 7 else ids[: time % 5 + 1]
            values = np.full(len(some), time / 4)
            bench.store.append_column("a", "g", time, some, values).result(5)
            bench.push((f"p{time % 3}", -time, float(time)))
            if rng.random() < 0.08:
                folder = tmp_path / f"copy{len(copies)}"
                bench.store._database.write(copy_to(folder)).result(5)
                copies.append((folder, time))
    finally:
        stop.set()
        sealer.join()
    assert len(copies) > 10
    for folder, last in copies:
        check_copy(bench, folder, last)


def check_copy(bench: Bench, folder: Path, last: int) -> None:
    store = Bench(folder, clock=bench.clock).store
    try:
        groups = store.source("a").select((), -(1 << 62), 1 << 62, bench.guard())
        found = samples_of(groups)
        assert found["m0"] == {time: time / 4 for time in range(last + 1)}
        assert found.get("m8", {}) == {time: time / 4 for time in range(last + 1) if time % 7}
        pushed = {time for name in found if name[0] == "p" for time in found[name]}
        assert pushed == {-time for time in range(last + 1)}
    finally:
        store.close()


def test_histograms_start_times_and_strange_nans_survive(bench: Bench) -> None:
    histogram = Histogram(3, 4.0, 2.5, positive=Buckets(np.array([-1, 4]), np.array([1.0, 3.0])))
    boxed = box_histograms(np.array([0]))
    ids = bench.store.resolve("a", [name_of("h"), name_of("f")])
    extras = ColumnExtras([histogram], np.array([100, 0]))
    values = np.array([boxed[0], box_histograms(np.array([7]))[0]])
    bench.store.append_column("a", "g", 200, ids, values, extras=extras).result(5)
    batch = SampleBatch([name_of("h")], np.array([0]), np.array([300]), boxed, [histogram])
    bench.store.append("a", batch).result(5)
    for step in (bench.reopen, lambda: bench.store.seal(force=True), bench.reopen, bench.reopen):
        found = {
            labels.get("__name__"): (group, row)
            for group in bench.groups()
            for row, labels in enumerate(group.labels)
        }
        group, row = found["h"]
        cells = group.values[row][~is_absent(group.values[row])]
        assert is_histogram(cells).tolist() == [True, True]
        for index in unbox_histograms(cells).tolist():
            assert group.histograms[index].positive.counts.tolist() == [1.0, 3.0]
            assert group.histograms[index].positive.indexes.tolist() == [-1, 4]
        assert [part.tolist() for part in group.starts_ms[row]] == [[200, 300], [100, 0]]
        group, row = found["f"]
        assert group.values[row].view(np.uint64)[0] == NORMAL_NAN_BITS
        assert row not in group.starts_ms
        step()


def test_rows_without_id_are_left_out(bench: Bench) -> None:
    ids = bench.store.resolve_keys("a", [b"x", b"bad"], lambda row: None if row else name_of("x"))
    batch = SampleBatch((), np.array([0, 1, 0]), np.array([1, 1, 2]), np.array([1.0, 9.0, 2.0]))
    bench.store.append_resolved("a", ids, batch).result(5)
    assert bench.read() == {"x": {1: 1.0, 2: 2.0}}


def test_head_counts_histograms_and_lets_them_go(bench: Bench) -> None:
    histogram = Histogram(0, 1.0, 1.0)
    ids = bench.store.resolve("a", [name_of("h")])
    bench.scrape(0, {"h": 1.0})
    before = bench.store._head.size_bytes
    for time in range(1, 4):
        extras = ColumnExtras([histogram])
        boxed = box_histograms(np.array([0]))
        bench.store.append_column("a", "g", time, ids, boxed, extras=extras).result(5)
    assert bench.store._head.size_bytes > before + 1000
    bench.store.seal(force=True)
    assert bench.store._head.size_bytes < before

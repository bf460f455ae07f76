"""Sealing: when, into what, and nothing is lost or doubled."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import STALE, is_stale
from tests.store.metrics.conftest import Bench, name_of

if TYPE_CHECKING:
    from pathlib import Path

HOURS_MS = 3_600_000


def test_full_groups_are_sealed_in_whole_blocks(bench: Bench) -> None:
    for time in range(8):
        bench.scrape(time, {f"m{n}": float(time) for n in range(10)})
        assert bench.store.seal_due == (time >= 5)
    before = bench.read()
    assert bench.store.seal() == 3  # ten series in sets of four, six columns each
    assert bench.read() == before
    assert bench.store.stats().head_items == 20
    assert bench.store.stats().blocks == 3
    assert bench.store.seal() == 0
    assert bench.count("SELECT sum(sample_count) FROM block") == 60
    bench.reopen()
    assert bench.read() == before


def test_groups_are_sealed_when_they_span_much_time(bench: Bench) -> None:
    bench.scrape(0, {"m": 1.0})
    bench.scrape(2 * HOURS_MS, {"m": 2.0})
    assert bench.store.seal() == 1
    assert bench.read() == {"m": {0: 1.0, 2 * HOURS_MS: 2.0}}


async def test_data_that_lies_long_in_the_head_is_sealed(bench: Bench) -> None:
    bench.scrape(0, {"m": 1.0})
    bench.push(("n", 0, 1.0))
    assert bench.store.seal() == 0
    await bench.clock.advance(2 * 3600)
    assert bench.store.seal_due
    assert bench.store.seal() == 2
    assert not bench.store.seal_due


def test_large_heads_are_sealed_the_largest_first(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"head_bytes": 40_000})
    bench.scrape(0, {"m": 1.0}, group="small")
    bench.scrape(0, {f"n{i}": 1.0 for i in range(1000)}, group="large")
    assert bench.store.seal_due
    assert bench.store.seal() == 250
    assert not bench.store.seal_due
    assert bench.store.stats().head_items == 1
    bench.store.close()


def test_many_loose_samples_are_sealed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"loose_samples": 10})
    bench.push(*((f"m{n}", time, float(n)) for n in range(3) for time in (1, 2, 3)))
    assert not bench.store.seal_due
    bench.push(("x", 9, 1.0))
    before = bench.read()
    assert bench.store.seal() == 2  # three series share their times
    assert bench.read() == before
    assert bench.count("SELECT count(*) FROM inbox") == 0
    bench.store.close()


def test_first_written_holds_across_blocks_and_head(bench: Bench) -> None:
    bench.scrape(10, {"m": 1.0})
    bench.push(("m", 10, 2.0), ("m", 20, 2.0))
    bench.store.seal(force=True)
    bench.push(("m", 10, 3.0), ("m", 20, 3.0), ("m", 30, 3.0))
    bench.scrape(30, {"m": 4.0})
    expected = {"m": {10: 1.0, 20: 2.0, 30: 3.0}}
    assert bench.read() == expected
    bench.store.seal(force=True)
    assert bench.read() == expected
    bench.reopen()
    assert bench.read() == expected


def test_series_keep_to_their_sets_while_others_come_and_go(bench: Bench) -> None:
    base = {f"m{n}": 1.0 for n in range(8)}
    time = 0
    for extra in ({}, {"a0": 1.0}, {"z0": 1.0}, {}):
        for _ in range(6):
            time += 1
            bench.scrape(time, {**extra, **base})
        bench.store.seal()
    assert bench.count("SELECT count(*) FROM series_set") == 4  # two, and one each for a0 and z0
    assert bench.count("SELECT count(*) FROM block") == 10


def test_columns_without_samples_of_a_set_are_not_stored(bench: Bench) -> None:
    bench.scrape(1, {"m": 1.0})
    bench.scrape(2, {f"n{n}": 1.0 for n in range(4)})
    bench.store.seal(force=True)
    assert bench.count("SELECT count(*) FROM block WHERE min_ms=max_ms") >= 1
    assert bench.read(end=1) == {"m": {1: 1.0}}
    assert set(bench.read(start=2)) == {"n0", "n1", "n2", "n3"}


def test_staleness_markers_survive(bench: Bench) -> None:
    bench.scrape(1, {"m": 1.0, "n": 2.0})
    bench.scrape(2, {"m": STALE, "n": 3.0})
    bench.store.seal(force=True)
    (group,) = bench.groups()
    row = [labels.get("__name__") for labels in group.labels].index("m")
    assert is_stale(group.values[row]).tolist() == [False, True]


async def test_groups_without_columns_are_forgotten(bench: Bench) -> None:
    bench.scrape(1, {"m": 1.0}, group="gone")
    bench.store.seal(force=True)
    await bench.clock.advance(3601)
    bench.store.seal()
    assert bench.count("SELECT count(*) FROM inbox") == 0
    assert bench.count("SELECT count(*) FROM scrape_group") == 0
    bench.scrape(2, {"m": 2.0}, group="gone")
    bench.reopen()
    assert bench.read() == {"m": {1: 1.0, 2: 2.0}}


def test_reads_and_writes_go_on_while_sealing(bench: Bench) -> None:
    """Whatever is acknowledged is there, once, in every read between seals."""
    stop = threading.Event()

    def seal() -> None:
        while not stop.is_set():
            bench.store.seal(force=True)

    thread = threading.Thread(target=seal)
    thread.start()
    try:
        ids = bench.store.resolve("a", [name_of("m"), name_of("n")])
        for time in range(50):
            column = np.array([time, -time], dtype=np.float64)
            bench.store.append_column("a", "g", time, ids, column).result(5)
            bench.push(("n", -time - 1, float(time)))
            found = bench.read()
            assert found["m"] == {t: float(t) for t in range(time + 1)}
            assert len(found["n"]) == 2 * (time + 1)
    finally:
        stop.set()
        thread.join()

"""Retention: by age and selector, by size, and what becomes of empty streams."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.retention import Pruned, Retention, RetentionRule
from tests.store.logs.build import batch, equal, open_store, select, texts

A, B = {"app": "a"}, {"app": "b"}
HOUR_NS = 3_600_000_000_000
DAY_MS = 86_400_000


def days_ago(clock: ManualClock, days: float) -> int:
    return clock.now_ns() - int(days * 24 * HOUR_NS)


def put(store: LogStore, labels: dict[str, str], time: int, tenant: str = "t") -> None:
    store.append(tenant, [batch(labels, [time], [f"{labels['app']}{tenant}"])]).result(5)
    store.seal(force=True)


def test_chunks_older_than_the_rule_go(store: LogStore, clock: ManualClock) -> None:
    put(store, A, days_ago(clock, 8))
    put(store, B, days_ago(clock, 6))
    pruned = store.retain(Retention((RetentionRule(7 * DAY_MS),)))
    assert (pruned.blocks, pruned.items) == (1, 1)
    assert pruned.bytes > 0
    assert texts(store) == ["bt"]
    assert store.stats().blocks == 1


def test_a_chunk_stays_while_its_newest_entry_is_young_enough(
    store: LogStore, clock: ManualClock
) -> None:
    store.append("t", [batch(A, [days_ago(clock, 9), days_ago(clock, 1)])]).result(5)
    store.seal(force=True)
    assert store.retain(Retention((RetentionRule(7 * DAY_MS),))) == Pruned()
    assert len(texts(store)) == 2


def test_the_first_rule_that_fits_decides(store: LogStore, clock: ManualClock) -> None:
    for tenant in ("t", "u"):
        for labels in (A, B):
            put(store, labels, days_ago(clock, 3), tenant)
    rules = (
        RetentionRule(9 * DAY_MS, "t", (equal("app", "a"),)),
        RetentionRule(1 * DAY_MS, "t"),
        RetentionRule(2 * DAY_MS, None, (equal("app", "b"),)),
    )
    assert store.retain(Retention(rules)).blocks == 2
    assert texts(store, tenant="t") == ["at"]
    assert texts(store, tenant="u") == ["au"]  # no rule fits


def test_over_the_size_the_oldest_chunks_go(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(chunk_bytes=20_000))
    rnd = random.Random(1)
    for number in range(30):
        lines = [rnd.randbytes(50).hex() for _ in range(200)]
        times = [number * 1000 + n for n in range(200)]
        store.append("ut"[number % 2], [batch({"app": str(number)}, times, lines)]).result(5)
    store.seal(force=True)
    before = store.stats()
    pruned = store.retain(Retention(max_bytes=300_000))
    after = store.stats()
    assert 0 < pruned.blocks < 30
    assert after.blocks == before.blocks - pruned.blocks
    with store._database.reader() as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)  # given back
        assert connection.execute("PRAGMA page_count").fetchone()[0] * 8192 <= 300_000
    left = [int(chunk.timestamps_ns[0]) for t in "tu" for chunk in select(store, tenant=t)]
    assert sorted(left) == [number * 1000 for number in range(30 - len(left), 30)]
    assert store.retain(Retention(max_bytes=300_000)) == Pruned()
    store.close()


def test_streams_without_data_are_forgotten(tmp_path: Path, clock: ManualClock) -> None:
    store = open_store(tmp_path, clock=clock)
    put(store, A, days_ago(clock, 9))
    put(store, B, days_ago(clock, 1))
    store.retain(Retention((RetentionRule(7 * DAY_MS),)))
    assert store.stats().active == 1
    put(store, A, days_ago(clock, 2))
    assert texts(store) == ["at", "bt"]
    store.close()
    store = open_store(tmp_path, clock=clock)
    assert texts(store) == ["at", "bt"]
    assert store.stats().active == 2
    store.close()


def test_a_stream_in_the_head_is_not_forgotten(store: LogStore, clock: ManualClock) -> None:
    put(store, A, days_ago(clock, 9))
    store.append("t", [batch(A, [days_ago(clock, 9)])]).result(5)
    assert store.retain(Retention((RetentionRule(7 * DAY_MS),))).blocks == 1
    assert len(texts(store)) == 1
    store.seal(force=True)
    assert len(texts(store)) == 1


def test_pruned_entries_do_not_come_back_from_a_row_that_another_stream_needs(
    tmp_path: Path, clock: ManualClock
) -> None:
    store = open_store(tmp_path, LogOptions(chunk_bytes=100), clock)
    old = [days_ago(clock, 9)]
    store.append("t", [batch(A, old, ["x" * 100]), batch(B, old, ["b"])]).result(5)
    assert store.seal() == 1
    rules = Retention((RetentionRule(7 * DAY_MS),))
    assert store.retain(rules).blocks == 1
    store.close()
    store = open_store(tmp_path, clock=clock)
    assert texts(store) == ["b"]
    assert store.stats().active == 2  # A's number must stay as long as the row is there
    store.seal(force=True)
    store.retain(rules)
    assert store.stats().active == 0
    store.close()


def test_no_rules_delete_nothing(store: LogStore) -> None:
    put(store, A, 1)
    assert store.retain(Retention()) == Pruned()
    assert texts(store) == ["at"]


def test_a_stream_of_a_request_on_its_way_is_not_forgotten(store: LogStore) -> None:
    put(store, A, 1)
    gate, entered = threading.Event(), threading.Event()

    def block(_: sqlite3.Connection) -> None:
        entered.set()
        gate.wait(5)

    store._database.write(block)
    entered.wait(5)
    future = store.append("t", [batch(A, [2], ["late"])])
    store._forget_streams([(1, 1)])  # as when its last chunk was pruned before the append
    gate.set()
    future.result(5)
    assert texts(store) == ["at", "late"]


def test_a_stream_that_is_sealed_while_empty_ones_are_forgotten_stays(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append("t", [batch(A, [1], ["line"])]).result(5)
    pruner = store._pruner
    find = pruner._empty_streams
    sealing = threading.Thread(target=store.seal, kwargs={"force": True})

    def find_then_seal() -> list[tuple[int, int]]:
        found = find()
        sealing.start()
        sealing.join(0.2)  # without the lock it ends here
        return found

    monkeypatch.setattr(pruner, "_empty_streams", find_then_seal)
    store.retain(Retention())
    sealing.join()
    assert texts(store) == ["line"]

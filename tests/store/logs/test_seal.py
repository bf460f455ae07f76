"""Sealing: when, what stays, what a crash or a full disk leaves."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import Unavailable
from appliance.model.log import PlainLines
from appliance.store.logs.chunks import parsed
from appliance.store.logs.chunks.block import ChunkRow
from appliance.store.logs.store import LogOptions, LogStore
from tests.store.logs.build import batch, equal, open_store, rows, select, texts

A, B = {"app": "a"}, {"app": "b"}


def inbox_rows(folder: Path) -> int:
    connection = sqlite3.connect(folder / "logs.db")
    count = connection.execute("SELECT count(*) FROM inbox").fetchone()[0]
    connection.close()
    return int(count)


def test_a_fresh_head_is_not_due(store: LogStore) -> None:
    store.append("t", [batch(A, [1])]).result(5)
    assert not store.seal_due
    assert store.seal() == 0
    assert store.stats().head_items == 1


def test_a_full_stream_is_sealed_and_the_others_wait(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(chunk_bytes=100))
    lines = ["x" * 49] * 3
    store.append("t", [batch(A, [1, 2, 3], lines), batch(B, [4])]).result(5)
    assert store.seal_due
    assert store.seal() == 2
    assert not store.seal_due
    assert store.stats().head_items == 1
    assert len(texts(store)) == 4
    assert inbox_rows(tmp_path) == 1  # B needs it
    store.close()
    store = open_store(tmp_path)
    assert len(texts(store)) == 4
    assert store.seal(force=True) == 1
    assert inbox_rows(tmp_path) == 0
    store.close()


def test_an_old_head_is_sealed(store: LogStore, clock: ManualClock) -> None:
    store.append("t", [batch(A, [1])]).result(5)
    asyncio.run(clock.advance(1000))
    store.append("t", [batch(A, [2]), batch(B, [3])]).result(5)
    asyncio.run(clock.advance(900))
    assert store.seal_due
    assert store.seal() == 1
    assert store.stats().head_items == 1
    asyncio.run(clock.advance(899))
    assert not store.seal_due
    asyncio.run(clock.advance(1))
    assert store.seal() == 1


def test_a_large_head_gives_up_its_largest_streams(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(head_bytes=4000))
    small = [batch({"app": str(n)}, [n]) for n in range(20)]
    large = batch({"app": "large"}, list(range(100)), ["x" * 50] * 100)
    store.append("t", [*small, large]).result(5)
    assert store.seal_due
    assert store.seal() == 1
    assert store.stats().head_items == 20
    assert not store.seal_due
    store.close()


def test_a_large_inbox_is_freed_of_slow_streams(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(inbox_bytes=3000))
    store.append("t", [batch({"app": "slow"}, [1])]).result(5)
    for number in range(60):
        store.append("t", [batch({"app": f"busy{number % 3}"}, [number])]).result(5)
    assert store.seal_due
    assert store.seal() > 0
    assert not store.seal_due
    assert inbox_rows(tmp_path) < 60
    assert len(texts(store)) == 61
    store.close()


def test_entries_that_arrive_while_sealing_stay_in_the_head(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append("t", [batch(A, [1])]).result(5)
    original = ChunkRow.insert

    def insert(self: ChunkRow, connection: sqlite3.Connection, tenant: int, stream: int) -> None:
        late.append(store.append("t", [batch(A, [2])]))
        original(self, connection, tenant, stream)

    late: list[object] = []
    monkeypatch.setattr(ChunkRow, "insert", insert)
    assert store.seal(force=True) == 1
    late[0].result(5)  # type: ignore[attr-defined]
    assert store.stats().head_items == 1
    assert texts(store) == ["1", "2"]


def test_a_failed_swap_loses_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    store.append("t", [batch(A, [1]), batch(B, [2])]).result(5)

    def insert(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(ChunkRow, "insert", insert)
        with pytest.raises(Unavailable):
            store.seal(force=True)
    assert texts(store) == ["1", "2"]
    store.append("t", [batch(A, [3])]).result(5)
    assert store.seal(force=True) == 2
    assert texts(store) == ["1", "2", "3"]
    store.close()
    store = open_store(tmp_path)
    assert texts(store) == ["1", "2", "3"]
    assert inbox_rows(tmp_path) == 0
    store.close()


def test_a_failed_encoding_leaves_the_head_as_it_was(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append("t", [batch(A, [1]), batch(B, [2])]).result(5)
    with monkeypatch.context() as patch:
        patch.setattr("appliance.store.logs.seal.encode", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.seal(force=True)
    assert store.seal(force=True) == 2
    assert texts(store) == ["1", "2"]


def test_equal_times_keep_the_order_of_arrival_over_head_and_chunks(store: LogStore) -> None:
    for number in range(40):
        store.append("t", [batch(A, [7], [f"line {number:02}"])]).result(5)
        if number in {10, 25}:
            store.seal(force=True)
    lines = [row[2] for row in rows(iter(select(store)))]
    assert lines == [b"line %02d" % number for number in range(40)]


def test_sealing_and_appending_together_show_each_entry_once(store: LogStore) -> None:
    stop = threading.Event()

    def seal() -> None:
        while not stop.is_set():
            store.seal(force=True)

    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    for number in range(60):
        store.append("t", [batch({"app": str(number % 3)}, [number])]).result(5)
        assert texts(store) == [str(n) for n in range(number + 1)]
    stop.set()
    for sealer in sealers:
        sealer.join()
    store.seal(force=True)
    assert texts(store, equal("app", "1")) == [str(n) for n in range(1, 60, 3)]


def test_others_seal_while_what_was_sealed_is_parsed(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = parsed.parse_fields

    def parse(lines: PlainLines, chunk_bytes: int) -> bytes | None:
        if not late:
            late.append(0)
            store.append("t", [batch(B, [1])]).result(5)
            late[0] = pool.submit(store.seal, force=True).result(5)
        return original(lines, chunk_bytes)

    late: list[int] = []
    pool = ThreadPoolExecutor(1)
    monkeypatch.setattr(parsed, "parse_fields", parse)
    store.append("t", [batch(A, [n]) for n in range(3)]).result(5)
    assert store.seal(force=True) == 1
    assert late == [1]
    assert len(texts(store)) == 4

"""Scans: order, look-ahead, laziness, refusals, ends."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.errors import LimitExceeded, TimedOut
from appliance.model.log import LogChunk
from appliance.store.logs.store import LogOptions, LogStore
from tests.store.logs.build import Bounds, batch, open_store

CHUNKS = 40
#: More than fits a group of small pieces, so that several threads have something to do.
LINE = "x" * 100_000


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[LogStore]:
    """Chunks 0 to CHUNKS - 1, each with one entry at its number."""
    store = open_store(tmp_path, LogOptions(threads=4))
    for number in range(CHUNKS):
        store.append("t", [batch({"app": "a"}, [number], [f"{number} {LINE}"])]).result(5)
        store.seal(force=True)
    yield store
    store.close()


def first_time(chunk: LogChunk) -> int:
    return int(chunk.timestamps_ns[0])


@pytest.mark.parametrize("backward", [False, True])
def test_results_come_in_order_whichever_thread_is_done_first(
    filled: LogStore, *, backward: bool
) -> None:
    release = threading.Event()

    def work(chunk: LogChunk) -> int:
        if first_time(chunk) % 7 == 3:
            release.wait(0.01)
        return first_time(chunk)

    found = list(filled.source("t").scan((), 0, 99, Bounds(), work=work, backward=backward))
    expected = list(range(CHUNKS))
    assert found == (expected[::-1] if backward else expected)


def test_several_threads_are_at_work(filled: LogStore) -> None:
    both = threading.Barrier(2)

    def work(chunk: LogChunk) -> int:
        if first_time(chunk) in {CHUNKS - 4, CHUNKS - 3}:
            both.wait(5)
        return len(chunk)

    assert sum(filled.source("t").scan((), 0, 99, Bounds(), work=work)) == CHUNKS


def test_who_stops_early_has_read_little_more(filled: LogStore) -> None:
    read: list[int] = []

    def work(chunk: LogChunk) -> int:
        read.append(first_time(chunk))
        return first_time(chunk)

    found = filled.source("t").scan((), 0, 99, Bounds(), work=work, backward=True)
    assert next(found) == CHUNKS - 1
    assert read == [CHUNKS - 1]
    assert next(found) == CHUNKS - 2
    found.close()  # type: ignore[attr-defined]  # a generator
    assert len(read) <= 3


def test_closing_stops_the_work(filled: LogStore) -> None:
    read: list[int] = []
    hold = threading.Event()

    def work(chunk: LogChunk) -> int:
        read.append(first_time(chunk))
        if len(read) > 20:
            hold.wait(0.05)
        return 1

    found = filled.source("t").scan((), 0, 99, Bounds(), work=work)
    for _ in range(15):
        next(found)
    found.close()  # type: ignore[attr-defined]  # a generator
    count = len(read)
    assert count < CHUNKS
    hold.wait(0.05)
    assert len(read) == count


def test_an_error_of_the_work_is_raised_and_ends_the_scan(filled: LogStore) -> None:
    read: list[int] = []

    def work(chunk: LogChunk) -> int:
        read.append(first_time(chunk))
        if first_time(chunk) == 5:
            raise ValueError("five")
        return first_time(chunk)

    found = filled.source("t").scan((), 0, 99, Bounds(), work=work)
    with pytest.raises(ValueError, match="five"):
        sum(found)
    assert len(read) < CHUNKS


def test_text_is_not_read_and_not_counted_until_it_is_looked_at(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append("t", [batch({"app": "a"}, [1, 2, 3], ["a", "b", "c"])]).result(5)
    store.seal(force=True)
    store.close()
    connection = sqlite3.connect(tmp_path / "logs.db")
    connection.execute("UPDATE chunk SET text=x'00'")
    connection.commit()
    connection.close()
    store = open_store(tmp_path)
    guard = Bounds()
    source = store.source("t")
    assert list(source.scan((), 2, 9, guard, work=len)) == [2]
    assert list(source.scan((), 2, 9, guard, work=lambda chunk: chunk.offsets.tolist())) == [
        [0, 2, 4]
    ]
    assert guard.bytes == 0
    assert list(source.scan((), 2, 9, guard, work=lambda chunk: chunk.text)) == []  # damaged
    store.close()


def test_bytes_are_counted_once_a_chunk_over_all_threads(filled: LogStore) -> None:
    guard = Bounds()

    def work(chunk: LogChunk) -> int:
        return len(chunk.text) + len(chunk.text)

    total = sum(filled.source("t").scan((), 0, 99, guard, work=work))
    assert guard.bytes * 2 == total


def test_a_refusal_within_a_thread_is_raised(filled: LogStore) -> None:
    class Small(Bounds):
        def add_bytes(self, count: int) -> None:
            super().add_bytes(count)
            if self.bytes > 10 * len(LINE):
                raise LimitExceeded(f"{self.bytes}", limit="limits.query.max_bytes")

    with pytest.raises(LimitExceeded):
        list(filled.source("t").scan((), 0, 99, Small(), work=lambda chunk: len(chunk.text)))


def test_a_cancelled_query_ends_between_chunks(filled: LogStore) -> None:
    class Cancelled(Bounds):
        def check(self) -> None:
            super().check()
            if self.checks > 30:
                raise TimedOut("cancelled")

    read: list[int] = []
    with pytest.raises(TimedOut):
        list(filled.source("t").scan((), 0, 99, Cancelled(), work=lambda c: read.append(len(c))))
    assert len(read) < 31


def test_many_scans_at_once_share_the_threads(filled: LogStore) -> None:
    found: list[int] = []

    def run() -> None:
        found.append(sum(filled.source("t").scan((), 0, 99, Bounds(), work=len)))

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [CHUNKS] * 12

"""Deletion: exactly what was asked for goes, from head and chunks, for good, with proof."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.base.clock import ManualClock
from appliance.base.errors import Conflict, NotFound
from appliance.model.deletion import Deleted, DeleteState
from appliance.model.log import LogChunk
from appliance.store import erasure
from appliance.store.logs.deletion import Eraser
from appliance.store.logs.store import LogOptions, LogStore
from tests.store.logs.build import MAX_NS, Bounds, batch, equal, open_store, texts

A, B = {"app": "a"}, {"app": "b"}


def with_text(needle: bytes) -> Any:
    def choose(chunk: LogChunk) -> NDArray[np.bool_]:
        return np.array([needle in chunk.line(row) for row in range(len(chunk))])

    return choose


def fill(store: LogStore, *, seal: bool = True) -> None:
    for start in (0, 10):
        for labels in (A, B):
            times = range(start, start + 5)
            lines = [f"{labels['app']}{time}" for time in times]
            store.append("t", [batch(labels, times, lines, k="v")]).result(5)
        if seal:
            store.seal(force=True)


@pytest.mark.parametrize("seal", [True, False])
def test_a_stream_s_entries_of_a_range_go(store: LogStore, *, seal: bool) -> None:
    fill(store, seal=seal)
    gone = store.delete("t", (equal("app", "a"),), 3, 12)
    assert gone == Deleted(4, len("a3\na4\na10\na11\n"), 1, 3, 11)
    left = ["a0", "a1", "a2", "a12", "a13", "a14"]
    assert texts(store, equal("app", "a")) == left
    assert len(texts(store, equal("app", "b"))) == 10
    assert store.delete("t", (equal("app", "a"),), 3, 12) == Deleted()


def test_chosen_lines_go_and_the_others_keep_their_metadata(store: LogStore) -> None:
    fill(store)
    gone = store.delete("t", (), 0, MAX_NS, choose=with_text(b"3"))
    assert (gone.entries, gone.streams, gone.oldest_ns, gone.newest_ns) == (4, 2, 3, 13)
    assert not [line for line in texts(store) if "3" in line]

    def metadata(chunk: LogChunk) -> set[object]:
        return {chunk.metadata[number] for number in chunk.metadata_ids}

    found = list(store.source("t").scan((), 0, 99, Bounds(), work=metadata))
    assert found == [{(("k", "v"),)}] * 4
    assert store.stats().blocks == 4


def test_whole_chunks_go_unread(store: LogStore) -> None:
    fill(store)
    store._database.write(lambda c: c.execute("UPDATE chunk SET text=x'00'").fetchall()).result(5)
    assert store.delete("t", (equal("app", "b"),), 0, 99).entries == 10
    assert store.stats().blocks == 2


def test_what_is_deleted_is_not_in_the_file(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    line = "secret-4711-" + "x" * 100
    store.append("t", [batch(A, [1, 2], [line, "other"])]).result(5)
    store.seal(force=True)
    assert b"secret-4711" in (tmp_path / "logs.db-wal").read_bytes()
    store.delete("t", (), 1, 2)
    store.close()
    assert b"secret-4711" not in (tmp_path / "logs.db").read_bytes()
    store = open_store(tmp_path)
    assert texts(store) == ["other"]
    store.close()


def test_other_tenants_keep_theirs_and_unknown_ones_have_nothing(store: LogStore) -> None:
    fill(store)
    assert store.delete("u", (), 0, 99) == Deleted()
    assert store.delete("t", (), 5, 5) == Deleted()
    assert len(texts(store)) == 20


def test_a_damaged_chunk_is_left(store: LogStore) -> None:
    fill(store)
    store._database.write(
        lambda c: c.execute("UPDATE chunk SET text=x'00' WHERE id=1").fetchall()
    ).result(5)
    assert store.delete("t", (), 3, 12, choose=with_text(b"")).entries == 6
    assert store.stats().blocks == 4


def test_a_scan_under_way_meets_what_is_left(store: LogStore) -> None:
    fill(store)
    chunks = store.source("t").scan((equal("app", "a"),), 0, 99, Bounds(), work=list_times)
    store.delete("t", (), 1, 4)
    store.delete("t", (), 12, 13)
    assert list(chunks) == [[0, 4], [10, 11, 13, 14]]


def list_times(chunk: LogChunk) -> list[int]:
    return [int(time) for time in chunk.timestamps_ns]


def test_a_crash_between_transactions_is_finished_by_running_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path, LogOptions(chunk_bytes=20))
    store.append("t", [batch(A, range(100), [f"line {n}" for n in range(100)])]).result(5)
    request = store.create_deletion("t", "q", 10, 90).result(5).number
    real, calls = Eraser._apply, []

    def fail_second(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(Eraser, "_apply", fail_second)
    with pytest.raises(KeyboardInterrupt):
        store.delete("t", (), 10, 90, request=request)
    monkeypatch.undo()
    store.close()
    store = open_store(tmp_path)
    (before,) = store.deletions("t")
    assert before.state is DeleteState.STARTED
    assert 0 < before.deleted.entries < 80
    rest = store.delete("t", (), 10, 90, request=request)
    assert rest.entries == 80 - before.deleted.entries
    (after,) = store.deletions()
    assert (after.deleted.entries, after.deleted.streams) == (80, 1)
    assert (after.deleted.oldest_ns, after.deleted.newest_ns) == (10, 89)
    assert texts(store) == [f"line {n}" for n in range(100) if not 10 <= n < 90]
    store.close()


def test_deleted_chunks_fields_are_made_anew(store: LogStore) -> None:
    lines = [f'{{"n":{n}}}' for n in range(300)]
    store.append("t", [batch(A, range(300), lines)]).result(5)
    store.seal(force=True)
    store.delete("t", (), 50, 60)
    store.seal()
    (fields,) = store.source("t").scan(
        (), 0, 999, Bounds(), work=lambda chunk: chunk.lines.fields("json", ("n",))
    )
    assert fields is not None
    assert len(fields.columns["n"]) == 290


# -- erasure; see tests/faults/test_erasure.py too


def erase(store: LogStore, needle: bytes) -> bool:
    number = store.create_deletion("t", "q", 0, 99).result(5).number
    store.delete("t", (), 0, 99, choose=with_text(needle), request=number)
    is_erased = store.finish_deletion(number)
    assert store.deletions()[-1].is_erased is is_erased
    return is_erased


def test_a_request_tells_whether_a_reader_keeps_it_from_being_erased(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "_PATIENCE_MS", (1, 1))
    fill(store)
    with store._database.reader() as connection:
        connection.execute("SELECT count(*) FROM chunk").fetchone()
        assert not erase(store, b"a3")
    assert erase(store, b"a4")


@pytest.mark.parametrize(("table", "column"), [("chunk", "text"), ("inbox", "data")])
def test_a_request_tells_that_it_could_not_read_all(
    store: LogStore, table: str, column: str
) -> None:
    fill(store)
    store.append("t", [batch(A, [20]), batch({"app": "c"}, [200])]).result(5)
    sql = f"UPDATE {table} SET {column}=x'00' WHERE id=(SELECT max(id) FROM {table})"
    store._database.write(lambda c: c.execute(sql).fetchall()).result(5)
    assert not erase(store, b"")


def test_what_a_reader_kept_of_a_deleted_chunk_goes_too(store: LogStore) -> None:
    fill(store)
    shelf = store._eraser._shelf
    number = store.create_deletion("t", "q", 0, 99).result(5).number
    store.delete("t", (), 0, 99, request=number)
    shelf.cache.put((1, "times"), "late", 1)
    assert store.finish_deletion(number)
    assert shelf.cache.get((1, "times")) is None


def test_a_request_that_nobody_carried_out_erases_nothing(store: LogStore) -> None:
    number = store.create_deletion("t", "q", 0, 99).result(5).number
    assert not store.finish_deletion(number)


# -- requests


def test_requests_are_listed_by_tenant_and_finished(store: LogStore, clock: ManualClock) -> None:
    first = store.create_deletion("t", '{app="a"}', 1, 9).result(5)
    store.create_deletion("u", "other", 1, 9).result(5)
    assert first.created_ms == clock.now_ms()
    assert store.deletions("t") == [first]
    assert [one.tenant for one in store.deletions()] == ["t", "u"]
    store.finish_deletion(first.number)
    (done,) = store.deletions("t")
    assert done.state is DeleteState.PROCESSED
    assert done.processed_ms == clock.now_ms()


def test_a_request_is_cancelled_before_it_starts_or_by_force(store: LogStore) -> None:
    fill(store)
    numbers = [store.create_deletion("t", "q", 0, 9).result(5).number for _ in range(3)]
    store.cancel_deletion("t", numbers[0])
    store.delete("t", (), 0, 2, request=numbers[1])
    with pytest.raises(Conflict):
        store.cancel_deletion("t", numbers[1])
    store.cancel_deletion("t", numbers[1], force=True)
    store.finish_deletion(numbers[2])
    with pytest.raises(Conflict):
        store.cancel_deletion("t", numbers[2], force=True)
    for tenant, number in (("u", numbers[2]), ("t", numbers[0]), ("t", 99)):
        with pytest.raises(NotFound):
            store.cancel_deletion(tenant, number)
    assert [one.number for one in store.deletions()] == [numbers[2]]


def test_a_cancelled_request_deletes_nothing_more(store: LogStore) -> None:
    fill(store)
    number = store.create_deletion("t", "q", 0, 9).result(5).number
    store.cancel_deletion("t", number)
    with pytest.raises(NotFound):
        store.delete("t", (), 0, 9, request=number)
    assert len(texts(store)) == 20


def test_requests_survive_a_restart(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    made = store.create_deletion("t", "q", -5, 1 << 62).result(5)
    store.close()
    store = open_store(tmp_path)
    assert store.deletions() == [made]
    store.close()


def test_chunks_that_sealing_may_be_compared_with_stay_until_it_is_done(store: LogStore) -> None:
    fill(store)
    sealing = store._compactor.lock

    def choose(chunk: LogChunk) -> NDArray[np.bool_]:
        sealing.acquire(blocking=False)
        return np.array(chunk.timestamps_ns == 3, dtype=np.bool_)

    deleting = threading.Thread(
        target=lambda: store.delete("t", (equal("app", "a"),), 0, 9, choose=choose)
    )
    deleting.start()
    deleting.join(0.2)
    assert deleting.is_alive()
    assert "a3" in texts(store, equal("app", "a"))
    sealing.release()
    deleting.join()
    assert "a3" not in texts(store, equal("app", "a"))

"""Duplicates between head, chunks and what is being sealed: met once, dropped at the seal."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.base.telemetry import Telemetry
from appliance.store.logs.store import LogStore
from tests.store.logs.build import Bounds, batch, open_store, rows, select, texts

A = {"app": "a"}


def put(store: LogStore, times: list[int], lines: list[str], **pairs: str) -> None:
    store.append("t", [batch(A, times, lines, **pairs)]).result(5)


def test_a_request_sent_again_is_met_once_in_head_and_chunk(store: LogStore) -> None:
    for seal in (False, True, True):
        put(store, [1, 2, 2], ["a", "b", "c"])
        put(store, [2, 3], ["b", "d"])
        assert texts(store) == ["a", "b", "c", "d"]
        if seal:
            store.seal(force=True)
            assert texts(store) == ["a", "b", "c", "d"]
    assert store.stats().head_items == 0
    assert store.stats().received_total == 15


def test_the_first_one_s_metadata_stays(store: LogStore) -> None:
    put(store, [1], ["a"], k="first")
    store.seal(force=True)
    put(store, [1], ["a"], k="second")
    ((_, _, _, metadata),) = rows(iter(select(store)))
    assert metadata == (("k", "first"),)


def test_the_same_line_in_other_streams_and_tenants_stays(store: LogStore) -> None:
    for tenant in ("t", "u"):
        request = [batch({"app": name}, [1], ["same"]) for name in "ab"]
        store.append(tenant, request).result(5)
        assert texts(store, tenant=tenant) == ["same", "same"]


def test_a_seal_writes_no_chunk_of_duplicates_alone(store: LogStore) -> None:
    put(store, [1, 2], ["a", "b"])
    assert store.seal(force=True) == 1
    put(store, [2, 1], ["b", "a"])
    assert store.seal(force=True) == 0
    assert texts(store) == ["a", "b"]


@pytest.mark.parametrize("backward", [False, True])
def test_pieces_are_placed_by_what_is_left_of_them(store: LogStore, *, backward: bool) -> None:
    put(store, [1, 5, 9], ["a", "b", "c"])
    store.seal(force=True)
    put(store, [1, 4, 6, 9], ["a", "x", "y", "c"])
    store.append("t", [batch({"app": "b"}, [3, 7], ["m", "n"])]).result(5)
    found = [chunk.timestamps_ns.tolist() for chunk in select(store, backward=backward)]
    assert found == [[1, 5, 9], [3, 7], [4, 6]]


def test_lines_are_read_only_where_times_meet(store: LogStore) -> None:
    put(store, [10, 30], ["a", "b"])
    store.seal(force=True)
    put(store, [20, 40], ["c", "d"])
    guard = Bounds()
    assert sum(store.source("t").scan((), 0, 99, guard, work=len)) == 4
    assert guard.bytes == 0


def test_chunks_of_older_versions_are_compared_when_read(store: LogStore) -> None:
    columns = (
        "tenant, stream, min_ns, max_ns, entries, raw_bytes, stored_bytes, filter, times, lengths,"
        " metadata, text"
    )
    again = f"INSERT INTO chunk({columns}) SELECT {columns} FROM chunk"
    put(store, [1, 2], ["a", "b"])
    store.seal(force=True)
    store._database.write(lambda connection: connection.execute(again).fetchall()).result(5)
    assert texts(store) == ["a", "b"]


def test_duplicates_are_counted(tmp_path: Path) -> None:
    telemetry = Telemetry()
    store = open_store(tmp_path, telemetry=telemetry)
    put(store, [1, 1, 2], ["a", "a", "b"])  # one within a request
    for _ in range(20):
        put(store, [2], ["b"])  # some when parts are merged, the others when sealed
    store.seal(force=True)
    put(store, [1], ["a"])
    store.seal(force=True)
    text = telemetry.expose().decode()
    assert 'appliance_store_received_total{signal="logs"} 24.0' in text
    assert 'appliance_store_duplicates_total{signal="logs"} 22.0' in text
    store.close()

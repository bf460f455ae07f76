"""The log store as a whole: append, read back, reopen, refuse."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import LimitExceeded, Unavailable
from appliance.base.telemetry import Telemetry
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from tests.store.logs.build import batch, equal, open_store, rows, select, texts


def test_what_was_acknowledged_is_found_at_once(store: LogStore) -> None:
    store.append("t", [batch({"app": "a"}, [1, 2]), batch({"app": "b"}, [3])]).result(5)
    assert texts(store) == ["1", "2", "3"]
    assert texts(store, equal("app", "b")) == ["3"]


def test_tenants_do_not_see_each_other(store: LogStore) -> None:
    store.append("t", [batch({"app": "a"}, [1])]).result(5)
    store.append("u", [batch({"app": "a"}, [2])]).result(5)
    assert texts(store, tenant="t") == ["1"]
    assert texts(store, tenant="u") == ["2"]


def test_an_unknown_tenant_has_nothing_until_it_sends(store: LogStore) -> None:
    source = store.source("t")
    assert select(store) == []
    assert source.label_names([], 0, 9) == []
    assert source.series([], 0, 9) == []
    store.append("t", [batch({"app": "a"}, [1])]).result(5)
    assert source.label_names([], 0, 9) == ["app"]


def test_a_reopened_store_has_everything_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append("t", [batch({"app": "a"}, [1, 2]), batch({"app": "b"}, [3], k="v")]).result(5)
    before = rows(iter(select(store)))
    store.close()
    for _ in range(2):
        store = open_store(tmp_path)
        assert rows(iter(select(store))) == before
        assert store.stats().head_items == 3
        store.close()


def test_a_store_goes_on_after_a_reopening(tmp_path: Path) -> None:
    for number in range(4):
        store = open_store(tmp_path)
        store.append("t", [batch({"app": "a", "n": str(number % 2)}, [number])]).result(5)
        if number == 2:
            store.seal(force=True)
        store.close()
    store = open_store(tmp_path)
    assert texts(store) == ["0", "1", "2", "3"]
    assert store.stats().active == 2
    store.close()


def test_the_same_labels_twice_in_a_request_are_one_stream(store: LogStore) -> None:
    store.append("t", [batch({"app": "a"}, [1]), batch({"app": "a"}, [2])]).result(5)
    assert texts(store) == ["1", "2"]
    assert store.stats().active == 1
    store.seal(force=True)
    assert texts(store) == ["1", "2"]


def test_an_empty_request_is_accepted_and_leaves_nothing(store: LogStore) -> None:
    store.append("t", []).result(5)
    store.append("t", [batch({"app": "a"}, [])]).result(5)
    assert store.stats().active == 0


def test_too_many_streams_are_refused_as_a_whole(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(max_streams=2))
    store.append("t", [batch({"app": "a"}, [1])]).result(5)
    with pytest.raises(LimitExceeded, match=r"limits\.streams_per_tenant"):
        store.append("t", [batch({"app": name}, [2]) for name in "abc"])
    store.append("t", [batch({"app": "b"}, [3])]).result(5)
    assert texts(store) == ["1", "3"]
    store.close()


def test_a_closed_store_refuses(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    with pytest.raises(Unavailable):
        store.append("t", [batch({"app": "a"}, [1])])


def test_appends_of_many_threads_all_arrive(store: LogStore) -> None:
    def send(sender: int) -> None:
        for number in range(30):
            labels = {"app": str(number % 3)}
            store.append("t", [batch(labels, [sender * 1000 + number])]).result(5)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts(store) == [str(s * 1000 + n) for s in range(4) for n in range(30)]


def test_the_caller_may_change_its_arrays_afterwards(store: LogStore) -> None:
    sent = batch({"app": "a"}, [1, 2])
    future = store.append("t", [sent])
    sent.timestamps_ns[:] = 99
    future.result(5)
    (chunk,) = select(store)
    assert chunk.timestamps_ns.tolist() == [1, 2]


def test_stats_tell_what_is_there(store: LogStore, clock: ManualClock) -> None:
    assert store.stats().last_received_ms is None
    store.append("u", [batch({"app": "a"}, [1, 2, 3])]).result(5)
    store.append("t", [batch({"app": "a"}, [1])]).result(5)
    store.seal(force=True)
    store.append("t", [batch({"app": "b"}, [1])]).result(5)
    stats = store.stats()
    assert stats.received_total == 5
    assert stats.active == 3
    assert stats.head_items == 1
    assert stats.blocks == 2
    assert stats.last_received_ms == clock.now_ms()
    assert stats.tenants == ("t", "u")
    assert stats.disk_bytes > 0


def test_telemetry_counts_entries_and_chunks(tmp_path: Path) -> None:
    telemetry = Telemetry()
    store = LogStore(
        tmp_path / "logs.db",
        LogOptions(),
        database=DatabaseOptions(),
        clock=ManualClock(),
        telemetry=telemetry,
    )
    store.append("t", [batch({"app": "a"}, [1, 2])]).result(5)
    assert b'appliance_store_head_items{signal="logs"} 2.0' in telemetry.expose()
    store.seal(force=True)
    shown = telemetry.expose()
    assert b'appliance_store_received_total{signal="logs"} 2.0' in shown
    assert b'appliance_store_blocks_sealed_total{signal="logs"} 1.0' in shown
    assert b'appliance_store_seal_seconds_count{signal="logs"} 1.0' in shown
    assert b'appliance_store_head_items{signal="logs"} 0.0' in shown
    store.close()


def test_entries_of_any_time_are_kept(store: LogStore) -> None:
    times = [-(1 << 63), -1, 0, 4_000_000_000_000_000_000, (1 << 63) - 1]
    store.append("t", [batch({"app": "a"}, times)]).result(5)
    for _ in range(2):
        assert texts(store) == [str(time) for time in times]
        store.seal(force=True)
    assert np.concatenate([c.timestamps_ns for c in select(store)]).tolist() == times


def test_a_full_head_takes_nothing_until_it_has_been_sealed(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(max_head_bytes=1000))
    store.append("t", [batch({"app": "a"}, [1], ["x" * 2000])]).result(5)
    with pytest.raises(Unavailable, match="takes in more than it can seal"):
        store.append("t", [batch({"app": "a"}, [2])])
    store.seal(force=True)
    store.append("t", [batch({"app": "a"}, [2])]).result(5)
    store.close()

"""Selection: ranges, order, token filter, damage, labels."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from appliance.base.errors import LimitExceeded
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.retention import Retention, RetentionRule
from tests.store.logs.build import Bounds, batch, equal, open_store, rows, select, texts, whole

A, B = {"app": "a"}, {"app": "b"}


def fill(store: LogStore, *groups: tuple[dict[str, str], list[int]]) -> None:
    """Append and seal groups one by one; the last one stays in the head."""
    for labels, times in groups[:-1]:
        store.append("t", [batch(labels, times)]).result(5)
        store.seal(force=True)
    store.append("t", [batch(groups[-1][0], groups[-1][1])]).result(5)


def seconds(store: LogStore, span: tuple[int, int], *, backward: bool = False) -> list[list[int]]:
    found = select(store, span=span, backward=backward)
    return [chunk.timestamps_ns.tolist() for chunk in found]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 100), [[1, 3, 5], [2, 9], [4, 6]]),
        ((1, 6), [[1, 3, 5], [2], [4]]),
        ((3, 7), [[3, 5], [4, 6]]),
        ((7, 9), []),
        ((6, 6), []),
        ((9, 10), [[9]]),
        ((50, 3), []),
    ],
)
def test_chunks_are_cut_to_the_range_and_ordered_by_their_oldest_entry(
    store: LogStore, span: tuple[int, int], expected: list[list[int]]
) -> None:
    fill(store, (A, [1, 3, 5]), (B, [2, 9]), (A, [4, 6]))
    assert seconds(store, span) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 100), [[2, 9], [4, 6], [1, 3, 5]]),
        ((0, 9), [[4, 6], [1, 3, 5], [2]]),  # B's newest within the range is 2
        ((0, 6), [[1, 3, 5], [4], [2]]),
    ],
)
def test_backward_orders_by_the_newest_entry_within_the_range(
    store: LogStore, span: tuple[int, int], expected: list[list[int]]
) -> None:
    fill(store, (A, [1, 3, 5]), (B, [2, 9]), (A, [4, 6]))
    assert seconds(store, span, backward=True) == expected


def test_forward_orders_by_the_oldest_entry_within_the_range(store: LogStore) -> None:
    fill(store, (A, [1, 30]), (B, [2, 20]), (A, [3, 10]))
    assert seconds(store, (5, 100)) == [[10], [20], [30]]


def test_matchers_choose_streams_in_head_and_chunks(store: LogStore) -> None:
    fill(store, (A, [1]), (B, [2]), ({"app": "c", "env": "x"}, [3]))
    assert texts(store, Matcher("app", MatchOp.REGEX, "b|c")) == ["2", "3"]
    assert texts(store, equal("env", "")) == ["1", "2"]
    assert texts(store, equal("app", "z")) == []


def test_many_streams_are_found_by_time(store: LogStore) -> None:
    streams = [batch({"app": str(n)}, [n, n + 1000]) for n in range(150)]
    store.append("t", streams).result(5)
    store.seal(force=True)
    found = rows(iter(select(store, span=(1010, 1013))))
    assert [row[1] for row in found] == [1010, 1011, 1012]
    assert len(select(store)) == 150


def test_chunks_without_the_needle_s_token_are_skipped(store: LogStore) -> None:
    for labels, line in ((A, '{"level":"error"}'), (B, '{"level":"info"}')):
        store.append("t", [batch(labels, [1], [line])]).result(5)
    store.seal(force=True)
    (chunk,) = select(store, needles=(b':"error"',))
    assert chunk.labels == Labels.of(A)
    assert len(select(store, needles=(b'"error',))) == 2  # may be the start of a longer token


def test_the_guard_is_asked_between_chunks_and_counts_bytes(store: LogStore) -> None:
    fill(store, (A, [1, 2]), (B, [3]))
    guard = Bounds()
    chunks = store.source("t").scan((), 0, 9, guard, work=whole)
    assert guard.bytes == 0  # nothing is read before it is asked for
    assert len(next(chunks)) == 2
    assert guard.bytes == 4
    list(chunks)
    assert guard.bytes == 6
    assert guard.checks >= 2


def test_a_guard_s_refusal_ends_the_selection(store: LogStore) -> None:
    class Small(Bounds):
        def add_bytes(self, count: int) -> None:
            raise LimitExceeded(f"{count} bytes", limit="limits.query.max_bytes")

    fill(store, (A, [1]), (B, [2]))
    with pytest.raises(LimitExceeded):
        list(store.source("t").scan((), 0, 9, Small(), work=whole))


def test_a_selection_sees_the_moment_of_its_call(store: LogStore) -> None:
    fill(store, (A, [1]), (A, [2]))
    chunks = store.source("t").scan((), 0, 99, Bounds(), work=whole)
    store.append("t", [batch(A, [3])]).result(5)
    store.seal(force=True)
    assert [row[1] for row in rows(chunks)] == [1, 2]


def test_a_chunk_deleted_meanwhile_is_skipped(store: LogStore) -> None:
    fill(store, (A, [1]), (B, [2]))
    chunks = store.source("t").scan((), 0, 99, Bounds(), work=whole)
    assert store.retain(Retention((RetentionRule(0),))).blocks == 1
    assert [row[1] for row in rows(chunks)] == [2]


def test_a_damaged_chunk_is_skipped_told_once_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(tmp_path)
    fill(store, (A, [1]), (B, [2]), (A, [3]))
    store.close()
    connection = sqlite3.connect(tmp_path / "logs.db")
    connection.execute("UPDATE chunk SET text=x'00' WHERE id=1")
    connection.commit()
    connection.close()
    store = open_store(tmp_path)
    with caplog.at_level(logging.ERROR):
        assert texts(store) == ["2", "3"]
        assert texts(store) == ["2", "3"]
    told = [record.message for record in caplog.records]
    assert len(told) == 1
    assert "row 1 of table 'chunk' is damaged" in told[0]
    store.close()


def test_a_damaged_inbox_row_is_left_and_the_others_are_replayed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(tmp_path)
    for time in (1, 2, 3):
        store.append("t", [batch(A, [time])]).result(5)
    store.close()
    connection = sqlite3.connect(tmp_path / "logs.db")
    connection.execute("UPDATE inbox SET data=x'0102' WHERE id=2")
    connection.commit()
    connection.close()
    with caplog.at_level(logging.ERROR):
        store = open_store(tmp_path)
    assert "row 2 of table 'inbox' is damaged" in caplog.text
    assert texts(store) == ["1", "3"]
    store.seal(force=True)
    assert texts(store) == ["1", "3"]
    store.close()


def test_decoded_chunks_are_kept_within_the_bound(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(cache_bytes=1000))
    fill(store, (A, list(range(500))), (B, [1]))
    for _ in range(2):
        assert len(texts(store)) == 501
    store.close()


def test_labels_are_those_of_streams_with_data_in_the_range(store: LogStore) -> None:
    fill(store, ({"app": "a", "old": "1"}, [1, 5]), ({"app": "b"}, [7, 9]), ({"app": "c"}, [20]))
    source = store.source("t")
    assert source.label_names([], 0, 99) == ["app", "old"]
    assert source.label_names([], 6, 99) == ["app"]
    assert source.label_values("app", [], 5, 7) == ["a", "b"]
    assert source.label_values("app", [], 10, 20) == ["c"]
    assert source.label_values("app", [], 10, 19) == []
    assert source.label_values("nope", [], 0, 99) == []
    assert source.series([], 9, 99) == [Labels.of({"app": "b"}), Labels.of({"app": "c"})]


def test_label_matchers_are_alternatives(store: LogStore) -> None:
    fill(store, (A, [1]), (B, [2]), ({"app": "c"}, [3]))
    source = store.source("t")
    assert source.label_values("app", [(equal("app", "a"),), (equal("app", "c"),)], 0, 9) == [
        "a",
        "c",
    ]
    assert source.series([(equal("app", "z"),)], 0, 9) == []
    assert source.label_names([(equal("app", "a"), equal("app", "b"))], 0, 9) == []

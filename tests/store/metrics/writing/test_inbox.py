"""Inbox rows: what was written is read, in commit order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.store.codec import Damaged
from appliance.store.metrics.writing import inbox

int64s = st.integers(-(1 << 63), (1 << 63) - 1)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE inbox(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT")
    yield made
    made.close()


@given(st.lists(st.tuples(st.integers(1, 1 << 40), int64s, st.floats()), max_size=100))
def test_loose_rows_survive(samples: list[tuple[int, int, float]]) -> None:
    ids = np.array([s[0] for s in samples], dtype=np.int64)
    times = np.array([s[1] for s in samples], dtype=np.int64)
    values = np.array([s[2] for s in samples], dtype=np.float64)
    row = inbox.decode(inbox.encode_loose(ids, times, inbox.pack_values(values)))
    assert isinstance(row, inbox.LooseRow)
    assert row.ids.tolist() == ids.tolist()
    assert row.times.tolist() == times.tolist()
    assert row.values.tobytes() == values.tobytes()


@pytest.mark.parametrize("count", [0, 1, 5, 1000])
def test_column_rows_survive_with_and_without_ids(count: int) -> None:
    ids = np.arange(10, 10 + count)
    values = np.random.default_rng(1).random(count).round(2)
    packed = inbox.pack_values(values)
    full = inbox.decode(inbox.encode_column(-7, packed, ids, count=count, ids_seq=3))
    short = inbox.decode(inbox.encode_column(-7, packed, None, count=count, ids_seq=3))
    assert isinstance(full, inbox.ColumnRow)
    assert isinstance(short, inbox.ColumnRow)
    assert full.ids is not None
    assert full.ids.tolist() == ids.tolist()
    assert short.ids is None
    for row in (full, short):
        assert (row.timestamp_ms, row.ids_seq) == (-7, 3)
        assert row.values.tolist() == values.tolist()


def test_row_of_ids_only_has_no_sample() -> None:
    row = inbox.decode(inbox.encode_ids(np.array([4, 2, 9])))
    assert isinstance(row, inbox.ColumnRow)
    assert row.timestamp_ms is None
    assert row.ids is not None
    assert row.ids.tolist() == [4, 2, 9]


def test_row_without_ids_is_smaller() -> None:
    ids, values = np.arange(1000) * 7 % 1009, np.ones(1000)
    packed = inbox.pack_values(values)
    short = inbox.encode_column(0, packed, None, count=1000, ids_seq=1)
    assert len(short) < 100 < len(inbox.encode_column(0, packed, ids, count=1000, ids_seq=1))


def _loose_row() -> bytes:
    return inbox.encode_loose(np.array([1]), np.array([2]), inbox.pack_values(np.array([3.0])))


def test_changed_rows_are_damaged() -> None:
    data = bytearray(_loose_row())
    data[-1] ^= 1
    with pytest.raises(Damaged, match="checksum"):
        inbox.decode(bytes(data))
    with pytest.raises(Damaged, match="too short"):
        inbox.decode(b"abc")


def test_rows_are_read_in_commit_order_and_deleted_per_group(
    connection: sqlite3.Connection,
) -> None:
    for group, seq in [(2, 1), (1, 2), (2, 3), (1, 4), (3, 5)]:
        inbox.insert(connection, group, seq, b"%d/%d" % (group, seq))
    assert [(g, s) for g, s, _ in inbox.read_all(connection)] == [
        (2, 1),
        (1, 2),
        (2, 3),
        (1, 4),
        (3, 5),
    ]
    inbox.delete_until(connection, 2, 2)
    inbox.delete_until(connection, 1, inbox.LAST_SEQ)
    assert [data for _, _, data in inbox.read_all(connection)] == [b"2/3", b"3/5"]
    assert inbox.read_ids(connection, 9, 9) is None

"""Inbox rows: round trip, damage, deletion."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from appliance.store.codec import Damaged
from appliance.store.logs import inbox
from tests.store.logs.build import entries, lines_of


def test_a_row_gives_back_all_batches() -> None:
    batches = [
        (7, entries([3, 1], ["x\ny", ""])),
        (1 << 40, entries([5, 6], trace_id="ä", span="b")),
        (7, entries([-1])),
    ]
    found = inbox.decode_row(inbox.encode_row(batches))
    assert [stream for stream, _ in found] == [7, 1 << 40, 7]
    for (_, before), (_, after) in zip(batches, found, strict=True):
        assert after.times_ns.tolist() == before.times_ns.tolist()
        assert lines_of(after) == lines_of(before)
        assert after.metadata == before.metadata
        assert (after.metadata_ids is None) == (before.metadata_ids is None)
    assert found[1][1].metadata_ids is not None
    assert found[1][1].metadata_ids.tolist() == [1, 1]


def test_large_rows_are_compressed() -> None:
    batch = entries(range(1000), ['{"level":"info","msg":"hello"}'] * 1000)
    assert len(inbox.encode_row([(1, batch)])) < len(batch.text) / 2


@pytest.mark.parametrize("keep", [0, 5, 30, -1])
def test_a_truncated_row_is_damaged(keep: int) -> None:
    row = inbox.encode_row([(1, entries([1, 2, 3]))])
    with pytest.raises(Damaged):
        inbox.decode_row(row[:keep])


def test_every_flipped_byte_is_noticed_or_harmless() -> None:
    row = inbox.encode_row([(1, entries([1, 2, 3]))])
    for place in range(len(row)):
        broken = bytearray(row)
        broken[place] ^= 0x55
        try:
            found = inbox.decode_row(bytes(broken))
        except Damaged:
            continue
        assert lines_of(found[0][1]) == [b"1", b"2", b"3"]


def test_forget_deletes_exactly_the_rows_it_is_told() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE inbox(id INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO inbox VALUES (?)", [(n,) for n in range(1, 11)])
    inbox.forget(connection, np.array([1, 2, 3, 6, 9, 10]))
    inbox.forget(connection, np.array([], dtype=np.int64))
    assert [row[0] for row in connection.execute("SELECT id FROM inbox")] == [4, 5, 7, 8]
    connection.close()

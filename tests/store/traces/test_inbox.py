"""Inbox rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from appliance.store.codec import Damaged
from appliance.store.traces import inbox
from appliance.store.traces.table import CODED, NUMBERS, SpanTable, pack


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute(
        "CREATE TABLE inbox(id INTEGER PRIMARY KEY AUTOINCREMENT, tenant INTEGER, data BLOB)"
    )
    yield made
    made.close()


def same(one: SpanTable, two: SpanTable) -> bool:
    a, b = one.columns, two.columns
    return (
        one.spans() == two.spans()
        and a.trace_ids.tolist() == b.trace_ids.tolist()
        and all(a.numbers[name].tolist() == b.numbers[name].tolist() for name in NUMBERS)
        and all(a.coded[name].ids.tolist() == b.coded[name].ids.tolist() for name in CODED)
        and all(tuple(a.coded[name].values) == tuple(b.coded[name].values) for name in CODED)
    )


def test_row_gives_back_the_table(build: Any) -> None:
    spans = [
        build.span(2, 5, name="später", duration_ns=0),
        build.span(1, 2**63, start_ns=7, parent=5),
    ]
    batch = replace(build.batch(spans, "café"), scope_ids=np.array([0, -1], np.int32))
    assert same(inbox.decode_row(inbox.encode_row(pack(batch))), pack(batch))


def test_flipped_byte_is_found(build: Any) -> None:
    data = bytearray(inbox.encode_row(pack(build.batch([build.span(1, 1)]))))
    data[len(data) // 2] ^= 1
    with pytest.raises(Damaged):
        inbox.decode_row(bytes(data))


def test_replay_goes_on_after_a_damaged_row(connection: sqlite3.Connection, build: Any) -> None:
    tables = [pack(build.batch([build.span(1, number)])) for number in range(3)]
    for table in tables:
        inbox.InboxWrite(7, table)(connection)
    connection.execute("UPDATE inbox SET data = x'00' WHERE id = 2")
    told: list[int] = []
    replayed = list(inbox.replay(connection, lambda row, _: told.append(row)))
    assert [(row, tenant) for row, tenant, _ in replayed] == [(1, 7), (3, 7)]
    assert same(replayed[1][2], tables[2])
    assert told == [2]


def test_write_that_is_tried_again_knows_its_last_row(
    connection: sqlite3.Connection, build: Any
) -> None:
    write = inbox.InboxWrite(1, pack(build.batch([build.span(1, 1)])))
    connection.execute("BEGIN")
    write(connection)
    connection.execute("ROLLBACK")
    inbox.InboxWrite(1, write.table)(connection)
    write(connection)
    assert write.row == 2


def test_forget_spares_other_tenants_and_later_rows(
    connection: sqlite3.Connection, build: Any
) -> None:
    for tenant in (1, 2, 1, 1):
        inbox.InboxWrite(tenant, pack(build.batch([build.span(1, 1)])))(connection)
    inbox.forget(connection, 1, 3)
    assert connection.execute("SELECT id, tenant FROM inbox").fetchall() == [(2, 2), (4, 1)]

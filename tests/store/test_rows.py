"""Many rows with few statements."""

from __future__ import annotations

import sqlite3

import pytest

from appliance.store.rows import insert_rows


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 511, 512, 1100])
def test_all_rows_are_there_in_order(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)")
    rows = [(number, str(number)) for number in range(count)]
    insert_rows(connection, "INSERT INTO t VALUES", iter(rows), columns=2)
    assert connection.execute("SELECT a, b FROM t ORDER BY rowid").fetchall() == rows
    connection.close()


def test_what_follows_the_values_holds_for_every_row() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)")
    tail = "ON CONFLICT(a) DO UPDATE SET b=excluded.b"
    for text in ("old", "new"):
        rows = ((number, text) for number in range(600))
        insert_rows(connection, "INSERT INTO t VALUES", rows, columns=2, tail=tail)
    assert connection.execute("SELECT b, count(*) FROM t GROUP BY b").fetchall() == [("new", 600)]
    connection.close()

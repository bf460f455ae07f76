"""The write-ahead log gives its room back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from appliance.store.log_file import LogFile, size_of


def open_writer(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t(x)")
    connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    return connection


def test_room_is_given_back(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "test.db")
    log = LogFile(writer, tmp_path / "test.db", "test")
    assert log.size_bytes() > 100_000
    log.empty(100)
    assert log.size_bytes() == 0
    writer.close()


def test_a_reader_in_the_way_is_not_waited_for_long(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "test.db")
    reader = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM t").fetchone()
    writer.execute("INSERT INTO t VALUES (1)")
    log = LogFile(writer, tmp_path / "test.db", "test")
    log.empty(100)
    assert log.size_bytes() > 100_000
    assert writer.execute("PRAGMA busy_timeout").fetchone()[0] == 10_000
    reader.close()
    writer.close()


def test_a_file_that_is_not_there_has_no_bytes(tmp_path: Path) -> None:
    assert size_of(tmp_path / "none") == 0

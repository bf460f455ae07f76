"""Erasure: deleted content is in neither file; who stands in the way is told."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.telemetry import Telemetry
from appliance.store import erasure
from appliance.store.database import Database, DatabaseOptions
from appliance.store.erasure import erase_remains

_PAGE = 8192


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "logs.db", "logs", DatabaseOptions(), Telemetry())
    yield opened
    opened.close()


def insert(database: Database, *values: bytes) -> None:
    def work(connection: sqlite3.Connection) -> None:
        connection.executemany("INSERT INTO inbox(data) VALUES (?)", [(v,) for v in values])

    database.write(work).result(5)


def remove(database: Database, first: int, last: int) -> None:
    sql = "DELETE FROM inbox WHERE id BETWEEN ? AND ?"
    database.write(lambda c: c.execute(sql, (first, last)).fetchall()).result(5)


def values(count: int, pages: float) -> list[bytes]:
    return [secrets.token_bytes(int(pages * _PAGE)) for _ in range(count)]


def held(database: Database, wanted: list[bytes]) -> int:
    """How many values have a part in a file of the database."""
    files = [database.path, database.path.with_name(database.path.name + "-wal")]
    data = b"".join(file.read_bytes() for file in files)
    parts = [[v[at : at + 40] for at in range(0, len(v), _PAGE // 3)] for v in wanted]
    return sum(any(part in data for part in one) for one in parts)


@pytest.mark.parametrize("pages", [0.05, 0.9, 40])
def test_nothing_stays_of_what_was_given_up_before_either(database: Database, pages: float) -> None:
    gone, kept = values(20, pages), values(20, pages)
    insert(database, *gone, *kept)
    assert database.empty_log(100)
    remove(database, 1, 20)
    assert held(database, gone)
    assert erase_remains(database)
    assert held(database, gone) == 0
    assert held(database, kept) == 20


def test_pages_are_overwritten_meanwhile_only(database: Database) -> None:
    first, second, third = values(3, 3)
    insert(database, first, second, third)
    remove(database, 1, 1)
    with database.overwriting(), database.overwriting():
        remove(database, 2, 2)
    remove(database, 3, 3)
    database._log_file._checkpoint("PASSIVE", 0)
    data = database.path.read_bytes()
    found = [one[2 * _PAGE : 2 * _PAGE + 40] in data for one in (first, second, third)]
    assert found == [True, False, True]


def test_a_reader_that_stays_is_in_the_way_for_a_while_only(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "_PATIENCE_MS", (1, 1))
    gone = values(3, 3)
    insert(database, *gone)
    with database.reader() as connection:
        connection.execute("SELECT count(*) FROM inbox").fetchone()
        remove(database, 1, 3)
        assert not erase_remains(database)
        assert held(database, gone)
        insert(database, b"others go on")
    assert erase_remains(database)
    assert held(database, gone) == 0


def test_a_damaged_list_of_free_pages_is_told(tmp_path: Path) -> None:
    database = Database(tmp_path / "logs.db", "logs", DatabaseOptions(), Telemetry())
    insert(database, *values(3, 40))
    remove(database, 1, 2)
    database.close()
    data = bytearray(database.path.read_bytes())
    trunk = int.from_bytes(data[32:36], "big")
    data[(trunk - 1) * _PAGE : trunk * _PAGE] = b"\xff" * _PAGE
    database.path.write_bytes(data)
    database = Database(tmp_path / "logs.db", "logs", DatabaseOptions(), Telemetry())
    try:
        assert not erase_remains(database)
    finally:
        database.close()


def test_others_that_free_pages_as_fast_do_not_keep_it_from_ending(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, steps = Database.vacuum, []

    def vacuum(self: Database, pages: int = 1) -> object:
        steps.append(pages)
        (value,) = values(1, 4)
        insert(self, value)
        self.write(lambda c: c.execute("DELETE FROM inbox").fetchall()).result(5)
        return real(self, pages)

    monkeypatch.setattr(erasure, "VACUUM_PAGES", 1)
    monkeypatch.setattr(Database, "vacuum", vacuum)
    assert erase_remains(database)
    assert steps == sorted(steps)
    assert steps[-1] >= 4

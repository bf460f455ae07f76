"""Read connections: kept, lent, closed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from appliance.store.failure import FileDamaged
from appliance.store.readers import ReaderPool


@pytest.fixture
def path(tmp_path: Path) -> Path:
    connection = sqlite3.connect(tmp_path / "test.db")
    connection.execute("CREATE TABLE t(x)")
    connection.close()
    return tmp_path / "test.db"


def test_idle_connections_are_lent_again_up_to_the_bound(path: Path) -> None:
    pool = ReaderPool(path, "test", keep=1)
    with pool.lend() as one, pool.lend() as other:
        assert one is not other
        one.execute("BEGIN")
    with pool.lend() as again:
        assert again in {one, other}
        assert not again.in_transaction
    pool.close()


def test_connections_that_come_back_late_are_closed(path: Path) -> None:
    pool = ReaderPool(path, "test", keep=4)
    with pool.lend() as lent:
        pool.close()
        lent.execute("SELECT * FROM t").fetchall()
    with pytest.raises(sqlite3.ProgrammingError):
        lent.execute("SELECT 1")


def test_connections_cannot_write(path: Path) -> None:
    pool = ReaderPool(path, "test", keep=1)
    with pool.lend() as lent, pytest.raises(sqlite3.OperationalError, match="readonly"):
        lent.execute("INSERT INTO t VALUES (1)")
    pool.close()


def test_broken_pages_are_named(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + bytes(4096))
    pool = ReaderPool(path, "test", keep=1)
    with pytest.raises(FileDamaged, match=r"test\.db is damaged"), pool.lend() as lent:
        lent.execute("SELECT * FROM t").fetchall()
    pool.close()

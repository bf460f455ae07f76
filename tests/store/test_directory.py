"""The data directory: its lock, and files set aside."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import Conflict
from appliance.store.directory import DataDirectory, find_damage


def make_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t(x)")
    connection.executemany("INSERT INTO t VALUES (?)", [("y" * 500,)] * 200)
    connection.commit()
    connection.close()


def test_second_process_is_refused_with_the_flag_to_change(tmp_path: Path) -> None:
    first = DataDirectory(tmp_path / "data", ManualClock())
    with pytest.raises(Conflict, match="--data"):
        DataDirectory(tmp_path / "data", ManualClock())
    first.close()
    DataDirectory(tmp_path / "data", ManualClock()).close()


def test_a_directory_that_cannot_be_made_is_refused_with_the_flag_to_change(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(Conflict, match=r"cannot be used \(.*--data"):
            DataDirectory(path, ManualClock())


def test_ephemeral_directory_is_removed() -> None:
    directory = DataDirectory(None, ManualClock())
    (directory.path / "metrics.db").write_bytes(b"")
    directory.close()
    assert not directory.path.exists()


@pytest.mark.parametrize("damage", ["garbage", "truncated", "page"])
def test_damaged_file_is_set_aside(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "logs.db"
    make_database(path)
    content = path.read_bytes()
    damaged = {
        "garbage": b"not a database" * 100,
        "truncated": content[: len(content) // 2],
        "page": content[:4096] + b"\xff" * 4096 + content[8192:],
    }[damage]
    path.write_bytes(damaged)
    directory = DataDirectory(tmp_path, ManualClock(5000))
    assert not directory.open("logs", Path.exists)
    assert "set aside as logs.db.damaged-5000" in directory.damaged["logs"]
    assert (tmp_path / "logs.db.damaged-5000").read_bytes() == damaged
    directory.close()


def test_damage_that_shows_when_the_store_is_opened_sets_the_file_aside(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    make_database(path)

    def load(path: Path) -> str:
        if not path.exists():
            return "new"
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error

    directory = DataDirectory(tmp_path, ManualClock(5000))
    assert directory.open("logs", load) == "new"
    assert "malformed" in directory.damaged["logs"]
    assert (tmp_path / "logs.db.damaged-5000").exists()
    directory.close()


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_IOERR_SHMSIZE"])
def test_file_that_cannot_be_opened_now_is_not_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "logs.db"
    make_database(path)
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorname = name

    def refuse(*_: object, **__: object) -> None:
        raise error

    directory = DataDirectory(tmp_path, ManualClock(5000))
    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(Conflict, match="free disk space"):
        directory.open("logs", Path.exists)
    assert path.exists()
    assert not directory.damaged
    directory.close()


def test_sound_file_is_kept(tmp_path: Path) -> None:
    make_database(tmp_path / "logs.db")
    assert find_damage(tmp_path / "logs.db") is None

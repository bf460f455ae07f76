"""SQLite's errors in the words of the house."""

from __future__ import annotations

import sqlite3

import pytest

from appliance.base.errors import StorageFull, Unavailable
from appliance.store.codec import Damaged
from appliance.store.failure import explain, is_damage, raising_damaged


def error_of(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorname = name
    return error


def test_explain_names_a_full_disk() -> None:
    assert "no space left" in str(explain(error_of("SQLITE_FULL"), "logs"))
    assert isinstance(explain(error_of("SQLITE_IOERR_WRITE"), "logs"), StorageFull)


def test_other_errors_may_pass() -> None:
    found = explain(error_of("SQLITE_BUSY"), "logs")
    assert isinstance(found, Unavailable)
    assert not isinstance(found, StorageFull)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("SQLITE_CORRUPT", True),
        ("SQLITE_CORRUPT_VTAB", True),
        ("SQLITE_NOTADB", True),
        ("SQLITE_FULL", False),
        ("SQLITE_CANTOPEN", False),
        ("SQLITE_READONLY", False),
        ("SQLITE_IOERR", False),
    ],
)
def test_only_broken_pages_are_damage(name: str, *, damage: bool) -> None:
    assert is_damage(error_of(name)) is damage
    with pytest.raises(Damaged if damage else sqlite3.OperationalError), raising_damaged():
        raise error_of(name)

"""Marks: named positions, durable in the same transaction as the entries read up to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping
    from concurrent.futures import Future

    from appliance.store.database import Database

#: Behind every character that a name can have.
_LAST = "\U0010ffff"


def write_marks(connection: sqlite3.Connection, marks: Mapping[str, str]) -> None:
    """Set marks, within a transaction."""
    connection.executemany(
        "INSERT INTO mark(name, value) VALUES (?, ?)"
        " ON CONFLICT(name) DO UPDATE SET value=excluded.value",
        marks.items(),
    )


def read_marks(database: Database, prefix: str) -> dict[str, str]:
    """See `MarkKeeper.marks`."""
    sql = "SELECT name, value FROM mark WHERE name>=? AND name<?"
    with database.reader() as connection:
        return dict(connection.execute(sql, (prefix, prefix + _LAST)).fetchall())


def drop_marks(database: Database, names: Collection[str]) -> Future[None]:
    """See `MarkKeeper.drop_marks`."""
    rows = [(name,) for name in names]

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany("DELETE FROM mark WHERE name=?", rows)

    return database.write(work)

"""Old events go, and what only they referred to; alerts, silences and the log are not touched.

Work in short transactions, so that writes go in between.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from appliance.store.alerts.labels import forget_unused
from appliance.store.retention import Pruned

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from appliance.store.database import Database

#: Events that one transaction deletes.
_STEP = 2000
#: Free pages that stay for the next events.
_SPARE_PAGES = 512
_SQL_OLD = (
    "SELECT id, alert_set, place FROM event INDEXED BY event_time"
    " WHERE at_ns < ? ORDER BY at_ns LIMIT ?"
)
_SQL_FIRST = "SELECT id, alert_set, place FROM event ORDER BY id LIMIT ?"


def prune_before(database: Database, before_ns: int, unused_ms: int) -> int:
    """Delete events from before a time; the result counts them.

    Args:
        unused_ms: Label sets noted before this go with their last event.

    Raises:
        Unavailable: The database cannot write.
    """
    deleted = 0
    while step := database.write(
        lambda connection: _delete(connection, _SQL_OLD, (before_ns, _STEP), unused_ms)
    ).result():
        deleted += step
    return deleted


def prune_to(database: Database, max_bytes: int, unused_ms: int) -> int:
    """Delete the oldest events until the file has no more live bytes than allowed.

    Raises:
        Unavailable: The database cannot write.
    """
    deleted = 0
    while live_bytes(database) > max_bytes:
        step = database.write(
            lambda connection: _delete(connection, _SQL_FIRST, (_STEP,), unused_ms)
        ).result()
        if not step:
            break
        deleted += step
    return deleted


def pruned(database: Database, work: Callable[[], int]) -> Pruned:
    """What some pruning removed; free pages are given back to the file system."""
    before = live_bytes(database)
    items = work()
    if items:
        database.shrink(spare=_SPARE_PAGES)
    return Pruned(int(items > 0), items, max(0, before - live_bytes(database)))


def live_bytes(database: Database) -> int:
    """Bytes of pages that are in use."""
    with database.reader() as connection:
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


def _delete(
    connection: sqlite3.Connection, sql: str, parameters: Sequence[int], unused_ms: int
) -> int:
    """Delete some events, and sets, places and label sets that nothing refers to any more."""
    rows = connection.execute(sql, parameters).fetchall()
    connection.executemany("DELETE FROM event WHERE id = ?", ((row[0],) for row in rows))
    members: dict[int, None] = {}
    for number in {row[1] for row in rows} - {0}:
        members |= _forget_set(connection, number)
    connection.executemany(
        "DELETE FROM place WHERE id = ? AND NOT EXISTS"
        " (SELECT 1 FROM event WHERE place <> 0 AND place = ?)",
        [(number, number) for number in {row[2] for row in rows} - {0}],
    )
    forget_unused(connection, unused_ms, members)
    return len(rows)


def _forget_set(connection: sqlite3.Connection, number: int) -> dict[int, None]:
    """Delete a set without events; its members, none when it has events still."""
    is_used = "SELECT 1 FROM event WHERE alert_set <> 0 AND alert_set = ? LIMIT 1"
    if connection.execute(is_used, (number,)).fetchone():
        return {}
    row = connection.execute("SELECT members FROM alert_set WHERE id = ?", (number,)).fetchone()
    if row is None:
        return {number: None}
    members = struct.unpack(f">{len(row[0]) // 8}q", row[0])
    connection.executemany(
        "DELETE FROM member WHERE fingerprint = ? AND alert_set = ?",
        ((member, number) for member in members),
    )
    connection.execute("DELETE FROM alert_set WHERE id = ?", (number,))
    return dict.fromkeys(members)

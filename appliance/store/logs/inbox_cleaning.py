"""Takes entries out of inbox rows that stay for the sake of other streams.

Only entries that are in chunks, or were: those up to their stream's `sealed_row`, which a replay
skips anyway. So a row can be written anew at any time, whatever is being sealed meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.store.codec import Damaged
from appliance.store.logs import inbox

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping

    from appliance.store.database import Database
    from appliance.store.logs.entries import Entries

#: Rows read, and written, in one go.
_ROWS, _BYTES = 256, 8 << 20


def take_out(database: Database, streams: Collection[int], span: tuple[int, int]) -> int:
    """Take sealed entries of some streams out of all rows, as far as [first, last] concerns them.

    Returns:
        Rows that do not decode, whatever they hold.

    Raises:
        Unavailable: The database cannot write.
    """
    with database.reader() as connection:
        sealed = {
            stream: row
            for stream, row in connection.execute("SELECT id, sealed_row FROM stream")
            if stream in streams
        }
    unread = 0
    for rows in _read(database, max(sealed.values(), default=0)):
        changed: list[tuple[int, bytes | None]] = []
        for row, data in rows:
            try:
                batches = inbox.decode_row(data)
            except Damaged:
                unread += 1
                continue
            kept = [one for one in batches if not _is_meant(one, sealed, row, span)]
            if len(kept) < len(batches):
                changed.append((row, inbox.encode_row(kept) if kept else None))
        if changed:
            _write(database, changed)
    return unread


def _is_meant(
    batch: tuple[int, Entries], sealed: Mapping[int, int], row: int, span: tuple[int, int]
) -> bool:
    stream, entries = batch
    if row > sealed.get(stream, 0):
        return False
    low, high = entries.bounds(*span)
    return low < high


def _read(database: Database, last: int) -> Iterator[list[tuple[int, bytes]]]:
    """Rows up to the last one, some at a time."""
    sql = "SELECT id, data FROM inbox WHERE id>? AND id<=? ORDER BY id LIMIT ?"
    after = 0
    while True:
        rows: list[tuple[int, bytes]] = []
        size = 0
        with database.reader() as connection:
            for row, data in connection.execute(sql, (after, last, _ROWS)):
                rows.append((row, data))
                size += len(data)
                if size > _BYTES:
                    break
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _write(database: Database, changed: list[tuple[int, bytes | None]]) -> None:
    """Write rows anew, unless they have gone by now; those without anything go."""

    def work(connection: sqlite3.Connection) -> None:
        for row, data in changed:
            if data is None:
                connection.execute("DELETE FROM inbox WHERE id=?", (row,))
            else:
                connection.execute("UPDATE inbox SET data=? WHERE id=?", (data, row))

    database.write(work).result()

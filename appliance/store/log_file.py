"""The write-ahead log of one file: kept small although readers overlap.

SQLite starts the log anew when all of it is in the database and nobody reads from it. Where there
is always some reader that began before the last commit, that never happens by itself.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

#: The log is cut to this when it starts anew.
LOG_BYTES = 64 << 20
#: How long a connection waits for a lock; nobody else should hold one.
BUSY_SECONDS = 10
#: Milliseconds that writes wait, at most, for readers that keep a grown log from starting anew.
_PATIENCE_MS = 4000
#: Of one attempt. Where readers overlap, one long attempt often fails though none of them stays
#: for long; of many short ones an early one succeeds.
_ATTEMPT_MS = 5


class LogFile:
    """Used by the writer thread; `size_bytes` by any.

    Args:
        connection: The one that writes.
        database: Path of the database file.
    """

    def __init__(self, connection: sqlite3.Connection, database: Path, signal: str) -> None:
        self._connection = connection
        self._signal = signal
        self._path = database.with_name(database.name + "-wal")
        self._bound = 2 * LOG_BYTES

    def size_bytes(self) -> int:
        """Bytes on disk."""
        return size_of(self._path)

    def keep_bounded(self) -> None:
        """Start a grown log anew.

        Waits for today's readers, longer the larger the log; after a failure it may double.
        """
        size = self.size_bytes()
        if size <= self._bound:
            return
        patience_ms = min(size * 200 // LOG_BYTES, _PATIENCE_MS)
        is_done = self._checkpoint("RESTART", patience_ms)
        self._bound = 2 * LOG_BYTES if is_done else max(2 * LOG_BYTES, 2 * size)

    def empty(self, patience_ms: int) -> bool:
        """Return the log's room, and what the database has freed, unless a reader is in the way.

        Returns:
            Whether it is done.
        """
        return self._checkpoint("TRUNCATE", min(patience_ms, _PATIENCE_MS))

    def _checkpoint(self, mode: str, patience_ms: int) -> bool:
        """Whether it is done; an attempt that fails waits at least `_ATTEMPT_MS` for readers."""
        is_busy = 1
        try:
            self._connection.execute(f"PRAGMA busy_timeout={_ATTEMPT_MS}")
            for _ in range(max(1, patience_ms // _ATTEMPT_MS)):
                (is_busy, *_) = self._connection.execute(
                    f"PRAGMA wal_checkpoint({mode})"
                ).fetchone()
                if not is_busy:
                    break
        except sqlite3.Error as error:
            _log.error("%s: checkpoint failed: %s", self._signal, error)
        self._connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        return not is_busy


def size_of(file: Path) -> int:
    """Bytes of a file; 0 when there is none."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0

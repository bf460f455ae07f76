"""Read-only connections of one file, kept open between queries.

They map nothing into memory: it makes no query faster (what is decoded from the pages costs far
more), would count as the process' memory, and an unreadable sector would kill the process.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
from typing import TYPE_CHECKING

from appliance.store.failure import explain, is_damage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUSY_SECONDS = 10


class ReaderPool:
    """Lends connections to any thread; makes one when none is idle.

    Args:
        keep: Most idle connections kept open.
    """

    def __init__(self, path: Path, signal: str, *, keep: int) -> None:
        self._path = path
        self._signal = signal
        self._keep = keep
        self._is_closed = False
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()

    @contextlib.contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """A connection; the borrower begins its transaction, which ends with the loan.

        Raises:
            FileDamaged: What was read lies on a broken page.
        """
        connection = self._borrow()
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise explain(error, self._signal) from error
            raise
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close idle connections now, lent ones when they come back."""
        self._is_closed = True
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            uri = self._path.absolute().as_uri() + "?mode=ro"
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
            )
            connection.execute("PRAGMA temp_store=MEMORY")
            return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        if self._is_closed or self._idle.qsize() >= self._keep:
            connection.close()
        else:
            self._idle.put(connection)

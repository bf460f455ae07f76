"""The archive: whole traces in a file of their own, which retention never touches.

Invariant: the file is made, and opened, only when something is archived or was before, so that it
costs those who archive nothing neither time nor disk.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from appliance.base.errors import Unavailable
from appliance.model.trace import StoredSpan
from appliance.store.codec import Damaged, decode_list, encode_list
from appliance.store.database import Database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.store.database import DatabaseOptions

SIGNAL = "archive"


class ArchiveFile:
    """The open file.

    Args:
        path: Made when missing.
    """

    def __init__(self, path: Path, *, database: DatabaseOptions, telemetry: Telemetry) -> None:
        self._database = Database(path, SIGNAL, database, telemetry)

    def put(self, tenant: str, trace_id: bytes, blob: bytes, now_ms: int) -> Future[None]:
        """Set a trace."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO trace(tenant, id, archived_ms, spans) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET archived_ms=excluded.archived_ms, spans=excluded.spans",
                (tenant, trace_id, now_ms, blob),
            )

        return self._database.write(work, size_bytes=len(blob))

    def get(self, tenant: str, trace_id: bytes) -> bytes | None:
        """What `put` was given; None when unknown."""
        sql = "SELECT spans FROM trace WHERE tenant = ? AND id = ?"
        with self._database.reader() as connection:
            row = connection.execute(sql, (tenant, trace_id)).fetchone()
        return None if row is None else bytes(row[0])

    def close(self) -> None:
        """Write what is queued, then close the file."""
        self._database.close()


class TraceArchive:
    """Any thread may call.

    Args:
        path: Where the file is, if there is one.
        open_file: Opens it, or makes it.
    """

    def __init__(self, path: Path, open_file: Callable[[], ArchiveFile], clock: Clock) -> None:
        self._path = path
        self._open_file = open_file
        self._clock = clock
        self._file: ArchiveFile | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def keep(self, tenant: str, trace_id: bytes, spans: Sequence[StoredSpan]) -> Future[None]:
        """Archive a trace as it is now; ends when it is durable. An older copy is replaced.

        Raises:
            Unavailable: The file cannot take it now.
        """
        parts = itertools.chain.from_iterable(
            (span.resource, span.scope, span.span) for span in spans
        )
        blob = encode_list(list(parts))
        return self._opened().put(tenant, trace_id, blob, self._clock.now_ms())

    def kept(self, tenant: str, trace_id: bytes) -> list[StoredSpan]:
        """The spans of an archived trace; empty when it is not archived.

        Raises:
            Unavailable: They cannot be read; the file is damaged, or the server is stopping.
        """
        if self._file is None and not self._path.exists():
            return []
        blob = self._opened().get(tenant, trace_id)
        try:
            parts = iter(decode_list(blob) if blob is not None else ())
            return [StoredSpan(*three) for three in zip(parts, parts, parts, strict=True)]
        except (Damaged, ValueError) as error:
            message = f"the archived trace {trace_id.hex()} cannot be read: {error}"
            raise Unavailable(message, retry_after_seconds=60) from error

    def close(self) -> None:
        """Write what is queued and close the file, if it is open, for good."""
        with self._lock:
            self._is_closed = True
            if self._file is not None:
                self._file.close()
                self._file = None

    def _opened(self) -> ArchiveFile:
        with self._lock:
            if self._is_closed:  # by whoever was still at work then
                raise Unavailable("the archive is closed: the server is stopping")
            if self._file is None:
                self._file = self._open_file()
            return self._file

"""The data directory: one lock, one file per signal, damaged files set aside."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import sqlite3
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from appliance.base.errors import Conflict
from appliance.store.failure import FileDamaged, is_damage

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock

T = TypeVar("T")
_log = logging.getLogger(__name__)

#: Of larger files only header, length and schema are checked, so that the start stays short.
CHECK_AT_START_BYTES = 64 << 20


class DataDirectory:
    """Holds the directory's lock while it is open.

    Args:
        path: The directory, made when missing; None: a temporary one, removed at the end.

    Raises:
        Conflict: Another process has it, or it cannot be written to.
    """

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self.ephemeral = path is None
        self.path = Path(tempfile.mkdtemp(prefix="appliance-")) if path is None else path
        self._clock = clock
        #: One message per file that was set aside at this start.
        self.damaged: dict[str, str] = {}
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(self.path / "appliance.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Conflict(
                f"data directory {str(self.path)!r} cannot be used ({error.strerror});"
                " choose one that can be written to with --data"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(self._lock, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._lock)
            raise Conflict(
                f"data directory {str(self.path)!r} is in use by process {owner};"
                " stop it, or choose another one with --data"
            ) from error
        with contextlib.suppress(OSError):  # a full disk; the number is only for the message above
            os.ftruncate(self._lock, 0)
            os.write(self._lock, str(os.getpid()).encode())

    def open(self, signal: str, make: Callable[[Path], T]) -> T:
        """The signal's store, after a damaged file has been set aside.

        Args:
            make: Opens the store of a file, which may be missing.

        Raises:
            Conflict: The file is sound as far as one can see, but cannot be used now.
        """
        path = self.path / f"{signal}.db"
        try:
            if path.exists() and (reason := find_damage(path)):
                self._set_aside(signal, path, reason)
            try:
                return make(path)
            except (sqlite3.DatabaseError, FileDamaged) as error:
                if not is_damage(error):
                    raise
                self._set_aside(signal, path, str(error))
            return make(path)
        except (OSError, sqlite3.Error) as error:
            raise Conflict(
                f"{str(path)!r} cannot be opened ({error}); see that there is free disk space"
                " and that it may be read and written, or choose another directory with --data"
            ) from error

    def close(self) -> None:
        """Release the lock; an ephemeral directory is removed."""
        os.close(self._lock)
        if self.ephemeral:
            shutil.rmtree(self.path, ignore_errors=True)

    def _set_aside(self, signal: str, path: Path, reason: str) -> None:
        aside = path.with_name(f"{path.name}.damaged-{self._clock.now_ms()}")
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        self.damaged[signal] = f"{path.name} is damaged ({reason}); set aside as {aside.name}"
        _log.error("%s; %s starts empty", self.damaged[signal], signal)


def find_damage(path: Path) -> str | None:
    """Why a database file cannot be used, or None.

    Small files are checked as a whole; of larger ones the header, the length and the schema.

    Raises:
        OSError, sqlite3.Error: It cannot be looked at, which says nothing about the file.
    """
    size = path.stat().st_size
    if size == 0:
        return None
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return "not an SQLite file"
    page = struct.unpack(">H", header[16:18])[0]
    expected = (65536 if page == 1 else page) * struct.unpack(">I", header[28:32])[0]
    wal = path.with_name(path.name + "-wal")
    has_wal = wal.exists() and wal.stat().st_size > 0
    if expected > size and not has_wal:
        return f"truncated: {size} of {expected} bytes"
    return _check(path, whole=size <= CHECK_AT_START_BYTES)


def _check(path: Path, *, whole: bool) -> str | None:
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if whole:
                answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                return None if answer == "ok" else str(answer)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    return None

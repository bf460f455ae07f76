"""A durable queue with several readers: items ascend, each reader has a position.

Invariants:
- An item's future ends after its commit; an item is deleted only when every reader is past it, or
  when the queue is too large or the item too old, which is counted for each reader it was due to.
- A position is written after what it stands for has been sent: after a crash some items are sent
  twice, none is left out.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from appliance.store.database import Database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from appliance.base.telemetry import Telemetry
    from appliance.store.database import DatabaseOptions

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class QueueBounds:
    """How much may wait: bytes of all items, and the age of one."""

    max_bytes: int = 1 << 30
    max_age_ms: int = 3 * _DAY_MS


class QueueItem(NamedTuple):
    """One item as it was put in."""

    seq: int
    at_ms: int
    samples: int
    data: bytes


class _Entry(NamedTuple):
    """What is kept in memory of an item."""

    seq: int
    at_ms: int
    samples: int
    size: int


class ForwardQueue:
    """See the module's docstring.

    Attributes:
        listeners: Called after each commit, in the writer thread.

    Args:
        path: The file; made when missing.
    """

    def __init__(
        self,
        path: Path,
        bounds: QueueBounds,
        *,
        database: DatabaseOptions,
        telemetry: Telemetry,
    ) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._bounds = bounds
        self._lock = threading.Lock()
        self._database = Database(path, "forward", database, telemetry)
        with self._database.reader() as connection:
            rows = connection.execute(
                "SELECT seq, at_ms, samples, length(data) FROM item ORDER BY seq"
            )
            self._entries = deque(_Entry(*row) for row in rows)
            self._positions: dict[str, int] = dict(
                connection.execute("SELECT remote, seq FROM position")
            )
            row = connection.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = 'item'"
            ).fetchone()
        self._last = int(row[0]) if row else 0
        self._bytes = sum(entry.size for entry in self._entries)

    def append(self, make: Callable[[], bytes], *, samples: int, at_ms: int) -> Future[None]:
        """Put an item in.

        Args:
            make: Makes its content, in the writer thread; maybe called twice.
            samples: How many samples it has, for the figures.

        Raises:
            Unavailable: The writer cannot keep up, or the queue is closing.
        """
        size = 0
        seq = 0

        def work(connection: sqlite3.Connection) -> None:
            nonlocal size, seq
            data = make()
            size = len(data)
            cursor = connection.execute(
                "INSERT INTO item(at_ms, samples, data) VALUES (?, ?, ?)", (at_ms, samples, data)
            )
            seq = int(cursor.lastrowid or 0)

        def then(_: None) -> None:
            with self._lock:
                self._entries.append(_Entry(seq, at_ms, samples, size))
                self._bytes += size
                self._last = seq
            for listener in self.listeners:
                listener()

        return self._database.write(work, then=then, size_bytes=24 * samples + 1)

    def read(self, after: int, max_bytes: int) -> list[QueueItem]:
        """Items after a position, at least one if there is one, else as many as fit."""
        with self._lock:
            waiting = [entry for entry in self._entries if entry.seq > after]
        taken, size = 0, 0
        for entry in waiting:
            size += entry.size
            if taken and size > max_bytes:
                break
            taken += 1
        if not taken:
            return []
        with self._database.reader() as connection:
            rows = connection.execute(
                "SELECT seq, at_ms, samples, data FROM item"
                " WHERE seq > ? AND seq <= ? ORDER BY seq",
                (after, waiting[taken - 1].seq),
            )
            return [QueueItem(*row) for row in rows]

    def pending_samples(self, after: int) -> int:
        """Samples that wait behind a position."""
        with self._lock:
            found = 0
            for entry in reversed(self._entries):
                if entry.seq <= after:
                    break
                found += entry.samples
            return found

    def readers(self) -> list[str]:
        """Those who have a position."""
        with self._lock:
            return list(self._positions)

    def position(self, reader: str) -> int:
        """Where a reader goes on; a new one at the end."""
        with self._lock:
            return self._positions.setdefault(reader, self._last)

    def set_position(self, reader: str, seq: int) -> Future[None]:
        """Note that a reader is past an item."""
        with self._lock:
            self._positions[reader] = seq

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO position(remote, seq) VALUES (?, ?)"
                " ON CONFLICT(remote) DO UPDATE SET seq = excluded.seq",
                (reader, seq),
            )

        return self._database.write(work)

    def keep_readers(self, readers: Iterable[str]) -> Future[None]:
        """Forget the positions of all readers but these; new ones start at the end."""
        with self._lock:
            kept = {name: self._positions.get(name, self._last) for name in readers}
            self._positions = kept
        rows = list(kept.items())

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM position")
            connection.executemany("INSERT INTO position(remote, seq) VALUES (?, ?)", rows)

        return self._database.write(work)

    def trim(self, now_ms: int) -> dict[str, int]:
        """Delete what everyone has, what is too old and what is too much.

        Returns:
            Samples that were lost, by reader.
        """
        with self._lock:
            cut, lost = self._cut(now_ms)
        if cut:

            def work(connection: sqlite3.Connection) -> None:
                connection.execute("DELETE FROM item WHERE seq <= ?", (cut,))

            self._database.write(work).result()
            self._database.shrink(spare=1024)
        return lost

    def _cut(self, now_ms: int) -> tuple[int, dict[str, int]]:
        """Take entries out; the last one's number, and what was lost."""
        done = min(self._positions.values(), default=self._last)
        oldest = now_ms - self._bounds.max_age_ms
        cut = 0
        lost: dict[str, int] = {}
        while self._entries:
            entry = self._entries[0]
            is_bad = entry.at_ms < oldest or self._bytes > self._bounds.max_bytes
            if entry.seq > done and not is_bad:
                break
            for reader, position in self._positions.items():
                if position < entry.seq:
                    lost[reader] = lost.get(reader, 0) + entry.samples
            self._bytes -= entry.size
            cut = entry.seq
            self._entries.popleft()
        return cut, lost

    def disk_bytes(self) -> int:
        """Bytes of the file, write-ahead log included."""
        return self._database.size_bytes()

    def close(self) -> None:
        """Write what is waiting, then close the file."""
        self._database.close()

"""What a signal's file is filled with: by tenant, by age, by kind of content.

Looks at files from outside, over a connection of its own that only reads, so that stores are not
held up. Rows that lie between blobs are not walked where an index tells the same: figures by tenant
and day are shares of the live bytes, by the size of the contents.

Invariant: a look takes at most `SECONDS`; what was not found out by then is left out.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: The longest a look may take.
SECONDS = 2.0
#: Streams that are told.
MOST_STREAMS = 10
_DAY_MS = 86_400_000
_NS = 1_000_000
#: Instructions of SQLite's machine between two looks at the time.
_STEP = 20_000


@dataclass(frozen=True, slots=True)
class Blocks:
    """SQL for one signal.

    Attributes:
        weights: (tenant's id, day since the epoch, items, weight), maybe several of a day; a weight
            is in proportion to bytes.
        span: The oldest and the newest time.
        per_ms: Units of such times in a millisecond.
    """

    weights: str
    span: str
    per_ms: int


_SIGNALS = {
    "metrics": Blocks(
        # Not grouped here: the blobs themselves would go through the sorter.
        "SELECT tenant, max_ms / 86400000, sample_count, length(data) FROM block",
        "SELECT min(min_ms), max(max_ms) FROM block",
        1,
    ),
    "logs": Blocks(
        "SELECT tenant, max_ns / 86400000000000, sum(entries), sum(raw_bytes)"
        " FROM chunk INDEXED BY chunk_time GROUP BY 1, 2",
        "SELECT min(min_ns), max(max_ns) FROM chunk INDEXED BY chunk_time",
        _NS,
    ),
    "traces": Blocks(
        "SELECT tenant, max_ns / 86400000000000, sum(spans), sum(stored_bytes) FROM block"
        " GROUP BY 1, 2",
        "SELECT min(min_ns), max(max_ns) FROM block",
        _NS,
    ),
}
_STREAMS = (
    "SELECT stream, sum(entries), sum(raw_bytes) FROM chunk INDEXED BY chunk_time"
    " GROUP BY stream ORDER BY 3 DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class StreamUsage:
    """A log stream: its tenant, lines, and bytes of their text."""

    tenant: str
    labels: Labels
    entries: int
    text_bytes: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a file is filled with.

    Attributes:
        file_bytes, wal_bytes: Of the database file and its write-ahead log.
        live_bytes, free_bytes: Of pages that hold something, and of those that do not; pages may be
            in the log alone.
        inbox_bytes: Of requests that are not in blocks yet.
        blocks: Sealed blocks.
        oldest_ms, newest_ms: Of what is in blocks; None without any.
        by_tenant: Live bytes by tenant's name, an estimate.
        by_day: Live bytes in blocks by day since the epoch of their newest item, an estimate.
        items: In blocks.
        streams: The largest log streams.
        is_complete: Whether everything was found out in time.
    """

    file_bytes: int = 0
    wal_bytes: int = 0
    live_bytes: int = 0
    free_bytes: int = 0
    inbox_bytes: int = 0
    blocks: int = 0
    items: int = 0
    oldest_ms: int | None = None
    newest_ms: int | None = None
    by_tenant: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[int, int] = field(default_factory=dict)
    streams: tuple[StreamUsage, ...] = ()
    is_complete: bool = True

    @property
    def disk_bytes(self) -> int:
        """Bytes on the disk, write-ahead log included."""
        return self.file_bytes + self.wal_bytes


def read_usage(path: Path, signal: str) -> Usage:
    """Look at a signal's file; a file that is missing or cannot be read is an empty usage."""
    file_bytes, wal_bytes = _size(path), _size(path.with_name(path.name + "-wal"))
    empty = Usage(file_bytes, wal_bytes, is_complete=not file_bytes)
    if not file_bytes:
        return empty
    try:
        with _connection(path) as connection:
            return _read(connection, signal, empty)
    except sqlite3.Error:
        return empty


@contextlib.contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(
        f"file:{quote(path.absolute().as_posix())}?mode=ro",
        uri=True,
        isolation_level=None,
        timeout=SECONDS,
    )
    try:
        end = time.monotonic() + SECONDS  # noqa: TID251 - real time of the disk
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEP)  # noqa: TID251
        connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()


def _read(connection: sqlite3.Connection, signal: str, empty: Usage) -> Usage:
    size, count, free = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    usage = replace(empty, live_bytes=size * (count - free), free_bytes=size * free)
    known = _SIGNALS.get(signal)
    if known is None:
        return replace(usage, is_complete=True)
    try:
        row = connection.execute("SELECT sum(length(data)) FROM inbox").fetchone()
        return _with_blocks(connection, known, replace(usage, inbox_bytes=row[0] or 0))
    except sqlite3.OperationalError:  # it took too long
        return usage


def _with_blocks(connection: sqlite3.Connection, known: Blocks, usage: Usage) -> Usage:
    rows = connection.execute(known.weights).fetchall()
    names = dict(connection.execute("SELECT id, name FROM tenant").fetchall())
    total = sum(row[3] or 0 for row in rows)
    share = max(0, usage.live_bytes - usage.inbox_bytes) / total if total else 0.0
    by_tenant: dict[str, int] = {}
    by_day: dict[int, int] = {}
    for tenant, day, _, weight in rows:
        size = int((weight or 0) * share)
        name = names.get(tenant, str(tenant))
        by_tenant[name] = by_tenant.get(name, 0) + size
        by_day[day] = by_day.get(day, 0) + size
    table = "chunk" if "chunk" in known.weights else "block"
    first, last = connection.execute(known.span).fetchone()
    return replace(
        usage,
        blocks=connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0],  # noqa: S608 - two names
        items=sum(row[2] or 0 for row in rows),
        oldest_ms=None if first is None else first // known.per_ms,
        newest_ms=None if last is None else last // known.per_ms,
        by_tenant=by_tenant,
        by_day=by_day,
        streams=_streams(connection, names) if table == "chunk" else (),
        is_complete=True,
    )


def _streams(connection: sqlite3.Connection, tenants: Mapping[int, str]) -> tuple[StreamUsage, ...]:
    found = []
    for stream, entries, size in connection.execute(_STREAMS, (MOST_STREAMS,)).fetchall():
        row = connection.execute(
            "SELECT tenant, labels FROM stream WHERE id=?", (stream,)
        ).fetchone()
        if row is not None:
            name = tenants.get(row[0], str(row[0]))
            found.append(StreamUsage(name, Labels.decode(bytes(row[1])), entries, size))
    return tuple(found)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

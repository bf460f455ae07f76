"""Deletion: entries are removed for good, chunk by chunk; requests keep count of what went.

A chunk that loses some of its entries is written anew under another number, in the transaction
that deletes it and notes what went; so a crash leaves it whole or done, and the same deletion can
be run again. Unsealed entries are sealed first; what inbox rows that other streams need still hold
of them is taken out. No chunk is exchanged while others are sealed, which are compared with it.

When a request is finished the files hold nothing of what it has deleted: see `store/erasure.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from appliance.base.errors import NotFound
from appliance.model.deletion import Deleted
from appliance.model.log import LogChunk
from appliance.store.codec import Damaged
from appliance.store.erasure import erase_remains
from appliance.store.logs.chunks.block import ChunkRow, encode
from appliance.store.logs.inbox_cleaning import take_out
from appliance.store.logs.reading.listing import list_pieces
from appliance.store.logs.reading.piece import ChunkPiece, ChunkPlace, Gone, entries_of
from appliance.store.logs.reading.scan import labels_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from appliance.model.matcher import Matcher
    from appliance.store.label_index import LabelIndex
    from appliance.store.logs.entries import Entries
    from appliance.store.logs.reading.piece import Shelf
    from appliance.store.logs.seal import Compactor

_MIN_NS, _MAX_NS = -(1 << 63), (1 << 63) - 1
#: Chunks changed in one transaction.
_AT_ONCE = 8
#: Which entries of a chunk go: bool[entry]; None: all.
Choice = Callable[[LogChunk], NDArray[np.bool_]] | None


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of a chunk.

    Attributes:
        rest: Its entries that stay; None when none does.
        gone: What it loses.
    """

    piece: ChunkPiece
    rest: ChunkRow | None
    gone: Deleted


@dataclass(slots=True)
class _Tally:
    """What one call has removed."""

    entries: int = 0
    text_bytes: int = 0
    streams: set[int] = field(default_factory=set)
    times: list[int] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)

    def add(self, change: _Change) -> None:
        gone = change.gone
        self.entries += gone.entries
        self.text_bytes += gone.text_bytes
        self.streams.add(change.piece.stream)
        self.chunks.append(change.piece.number)
        self.times += [time for time in (gone.oldest_ns, gone.newest_ns) if time is not None]

    def deleted(self) -> Deleted:
        oldest, newest = min(self.times, default=None), max(self.times, default=None)
        return Deleted(self.entries, self.text_bytes, len(self.streams), oldest, newest)


class Eraser:
    """Deletes entries of one store; runs exclude each other.

    Args:
        removed: Told how many chunks there are less, in the writer thread.
    """

    def __init__(
        self, shelf: Shelf, compactor: Compactor, *, removed: Callable[[int], None]
    ) -> None:
        self._shelf = shelf
        self._compactor = compactor
        self._removed = removed
        self._lock = threading.Lock()
        self._unread = 0
        # Chunks that were deleted for each request of which no file need hold anything any more.
        self._clean: dict[int, list[int]] = {}

    def run(
        self,
        tenant: str,
        matchers: tuple[Matcher, ...],
        span: tuple[int, int],
        *,
        choose: Choice,
        request: int | None,
    ) -> Deleted:
        """Delete entries with times in [first, last]; see `LogDeletions.delete`."""
        number = self._shelf.tenants.find(tenant)
        span = max(_MIN_NS, span[0]), min(_MAX_NS, span[1])
        if number is None or span[0] > span[1]:
            return Deleted()
        index = self._shelf.registry.index(number)
        streams = index.select(matchers)
        tally = _Tally()
        with self._lock, self._shelf.database.overwriting():
            self._unread = 0
            self._compactor.seal_streams(self._shelf.head.spans(streams, *span))
            chunks = [
                piece
                for piece in list_pieces(self._shelf, number, streams, span)
                if isinstance(piece, ChunkPiece)
            ]
            changes: list[_Change] = []
            for chunk in chunks:
                change = self._change(chunk, index, span, choose)
                changes += [] if change is None else [change]
                if len(changes) >= _AT_ONCE:
                    self._apply(changes, number, request, tally)
                    changes = []
            if changes:
                self._apply(changes, number, request, tally)
            self._unread += take_out(self._shelf.database, set(streams.tolist()), span)
            if request is not None and not self._unread:
                self._clean[request] = tally.chunks
        if tally.entries:
            self._shelf.database.shrink()
        return tally.deleted()

    def finish(self, request: int) -> bool:
        """Leave nothing of what `run` has deleted; see `LogDeletions.finish_deletion`."""
        is_erased = erase_remains(self._shelf.database)
        chunks = self._clean.pop(request, None)
        if chunks is None:
            return False
        # Who read one while it was deleted may have kept it for others.
        self._shelf.forget(chunks)
        return is_erased

    def _change(
        self, piece: ChunkPiece, index: LabelIndex, span: tuple[int, int], choose: Choice
    ) -> _Change | None:
        """What becomes of a chunk; None when it stays as it is."""
        if choose is None and span[0] <= piece.min_ns and piece.max_ns <= span[1]:
            gone = Deleted(piece.count, piece.size_bytes, 1, piece.min_ns, piece.max_ns)
            return _Change(piece, None, gone)
        labels = labels_of(index, piece.stream)
        if labels is None:
            return None  # retention has just deleted it
        try:
            entries = entries_of(piece)
        except (Gone, Damaged) as error:
            if isinstance(error, Damaged):
                self._shelf.damage("chunk", piece.number, error)
                self._unread += 1
            return None
        low, high = entries.bounds(*span)
        rows = np.arange(low, high)
        if choose is not None and low < high:
            rows = low + np.flatnonzero(choose(entries.cut(low, high).chunk(labels)))
        return _loss(piece, entries, rows) if len(rows) else None

    def _apply(
        self, changes: Sequence[_Change], tenant: int, request: int | None, tally: _Tally
    ) -> None:
        def work(connection: sqlite3.Connection) -> list[tuple[_Change, int]]:
            done = [
                (one, _replace(connection, tenant, one))
                for one in changes
                if connection.execute(
                    "DELETE FROM chunk WHERE id=? RETURNING id", (one.piece.number,)
                ).fetchall()
            ]
            if request is not None:
                _note(connection, request, [one for one, _ in done])
            return done

        def then(done: list[tuple[_Change, int]]) -> None:
            for one, number in done:
                if one.rest is not None:
                    self._shelf.successors.put(one.piece.number, _place(one, number), 1)
            self._shelf.forget([one.piece.number for one, _ in done])
            self._removed(sum(one.rest is None for one, _ in done))

        with self._compactor.lock:
            done = self._shelf.database.write(work, then=then).result()
        self._compactor.parse_later(number for _, number in done if number)
        for one, _ in done:
            tally.add(one)


def _loss(piece: ChunkPiece, entries: Entries, rows: NDArray[np.int64]) -> _Change:
    """What becomes of a chunk that loses some rows, ascending."""
    lost, times = entries.lines.take(rows), entries.times_ns[rows]
    gone = Deleted(len(rows), len(lost.text), 1, int(times[0]), int(times[-1]))
    if len(rows) == len(entries):
        return _Change(piece, None, gone)
    rest = replace(encode(entries.without(rows)), is_distinct=piece.is_distinct)
    return _Change(piece, rest, gone)


def _replace(connection: sqlite3.Connection, tenant: int, change: _Change) -> int:
    """Write what is left of a chunk; returns its number, 0 when nothing is."""
    if change.rest is None:
        return 0
    return change.rest.insert(connection, tenant, change.piece.stream)


def _place(change: _Change, number: int) -> ChunkPlace:
    rest, stream = change.rest, change.piece.stream
    assert rest is not None  # noqa: S101 - the caller looked
    span = rest.min_ns, rest.max_ns
    return ChunkPlace(number, stream, *span, rest.entries, rest.raw_bytes, int(rest.is_distinct))


def _note(connection: sqlite3.Connection, request: int, changes: Iterable[_Change]) -> None:
    """Add what was removed to a request.

    Raises:
        NotFound: The request has been cancelled.
    """
    tally = _Tally()
    for change in changes:
        tally.add(change)
    gone = tally.deleted()
    updated = connection.execute(
        "UPDATE delete_request SET state='started', entries=entries+?, text_bytes=text_bytes+?,"
        " oldest_ns=min(coalesce(oldest_ns, ?), ?), newest_ns=max(coalesce(newest_ns, ?), ?)"
        " WHERE id=?",
        (
            gone.entries, gone.text_bytes, gone.oldest_ns, gone.oldest_ns, gone.newest_ns,
            gone.newest_ns, request,
        ),
    )  # fmt: skip
    if not updated.rowcount:
        raise NotFound(f"delete request {request} has been cancelled")
    connection.executemany(
        "INSERT OR IGNORE INTO delete_stream(request, stream) VALUES (?, ?)",
        [(request, stream) for stream in tally.streams],
    )

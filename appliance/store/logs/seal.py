"""Compactor: turns full or old parts of the head into chunks.

A stream's open entries are frozen, encoded outside the writer thread, and swapped: chunks in,
inbox rows that nothing else needs out, the frozen entries out of the head. Inbox rows that other
streams still need stay; `stream.sealed_row` says that they hold nothing of the sealed stream.
When nothing is left to seal, the new chunks are parsed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from appliance.store.logs import inbox
from appliance.store.logs.chunks.block import ChunkRow, encode, split
from appliance.store.logs.chunks.parsed import FieldWriter
from appliance.store.logs.entries import merge
from appliance.store.logs.reading.listing import list_chunks
from appliance.store.logs.reading.repeats import find_repeated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.store.logs.head import Frozen
    from appliance.store.logs.options import LogOptions
    from appliance.store.logs.reading.piece import Shelf

#: One transaction takes about so many bytes of chunks, or so many streams.
_SWAP_BYTES = 4 << 20
_SWAP_STREAMS = 256


class Compactor:
    """Seals one store's head; that excludes each other, parsing what was sealed does not.

    Args:
        written: Told how many chunks were written, in the writer thread.
        dropped: Told how many duplicates were dropped.
    """

    def __init__(
        self,
        shelf: Shelf,
        options: LogOptions,
        *,
        clock: Clock,
        telemetry: Telemetry,
        written: Callable[[int], None],
        dropped: Callable[[int], None],
    ) -> None:
        self._shelf = shelf
        self._fields = FieldWriter(shelf.database)
        self._head = shelf.head
        self._options = options
        self._clock = clock
        #: Held while entries move from the head into chunks.
        self.lock = threading.Lock()
        self._written = written
        self._dropped = dropped
        self._sealed = telemetry.counter(
            "appliance_store_blocks_sealed_total", "Blocks written.", ("signal",)
        ).labels("logs")
        self._seconds = telemetry.histogram(
            "appliance_store_seal_seconds", "Duration of seals that wrote blocks.", ("signal",)
        ).labels("logs")

    @property
    def is_due(self) -> bool:
        """Whether a pass would find something to seal."""
        head, options = self._head, self._options
        if head.full or head.size_bytes > options.head_bytes:
            return True
        if head.row_bytes > options.inbox_bytes:
            return True
        since = head.oldest_since()
        return since is not None and self._clock.monotonic() - since >= options.max_age_seconds

    def run(self, *, force: bool = False) -> int:
        """Seal what is due, or everything; returns how many chunks were written.

        Raises:
            Unavailable: The database cannot write; the head stays as it was.
        """
        with self.lock:
            written = self._seal(self._due(force=force)) if force or self.is_due else 0
        # Others may seal meanwhile: a number is never that of another chunk.
        self._fields.run(lambda: not force and self.is_due)
        return written

    def seal_streams(self, streams: Sequence[int]) -> int:
        """Seal what some streams have in the head; returns how many chunks were written.

        Raises:
            Unavailable: The database cannot write; the head stays as it was.
        """
        with self.lock:
            return self._seal(list(streams))

    def parse_later(self, chunks: Iterable[int]) -> None:
        """Parse chunks when there is time."""
        self._fields.add(chunks)

    def _seal(self, due: list[int]) -> int:
        with self._seconds.time():
            return sum(
                self._seal_some(due[start : start + _SWAP_STREAMS])
                for start in range(0, len(due), _SWAP_STREAMS)
            )

    def _seal_some(self, streams: list[int]) -> int:
        """Seal streams, in more than one transaction when they are large."""
        written = size = 0
        waiting: list[tuple[Frozen, list[ChunkRow]]] = []
        for number in streams:
            frozen = self._head.freeze(number)
            if frozen is None:
                continue
            try:
                waiting.append((frozen, self._chunks(frozen)))
            except BaseException:
                self._head.thaw([frozen, *(one for one, _ in waiting)])
                raise
            size += sum(chunk.stored_bytes for chunk in waiting[-1][1])
            if size > _SWAP_BYTES:
                written += self._swap(waiting)
                waiting, size = [], 0
        return written + (self._swap(waiting) if waiting else 0)

    def _chunks(self, frozen: Frozen) -> list[ChunkRow]:
        """Entries as chunks, less those that older chunks have already."""
        entries = merge(frozen.parts)
        span = entries.min_ns, entries.max_ns
        older = list_chunks(self._shelf, frozen.stream, span)
        repeats = find_repeated(entries.times_ns, lambda: entries.lines, older)
        if repeats is not None:
            entries = entries.without(repeats)
        return [encode(piece) for piece in split(entries, self._options.chunk_bytes)]

    def _due(self, *, force: bool) -> list[int]:
        """Streams to seal now."""
        streams = self._head.streams()
        if force:
            return [number for number, *_ in streams]
        options = self._options
        limit = self._clock.monotonic() - options.max_age_seconds
        due = dict.fromkeys(
            number for number, since, *_ in streams if since <= limit or number in self._head.full
        )
        excess = self._head.size_bytes - options.head_bytes
        if excess > 0:  # half of the bound is made free, so that this does not happen all the time
            excess += options.head_bytes // 2
            for number, _, size, _ in sorted(streams, key=lambda item: -item[2]):
                if excess <= 0:
                    break
                due[number] = None
                excess -= size
        if self._head.row_bytes > options.inbox_bytes:  # slow streams pin rows of busy ones
            rows = sorted(row for *_, row in streams)
            middle = rows[len(rows) // 2] if rows else 0
            due.update(dict.fromkeys(number for number, _, _, row in streams if row <= middle))
        return list(due)

    def _swap(self, batch: list[tuple[Frozen, list[ChunkRow]]]) -> int:
        sealed = [frozen for frozen, _ in batch]

        def work(connection: sqlite3.Connection) -> list[int]:
            numbers = [
                chunk.insert(connection, frozen.tenant, frozen.stream)
                for frozen, chunks in batch
                for chunk in chunks
            ]
            marks = [(int(frozen.rows[-1]), frozen.stream) for frozen in sealed]
            connection.executemany("UPDATE stream SET sealed_row=? WHERE id=?", marks)
            inbox.forget(connection, self._head.unneeded_rows(sealed))
            return numbers

        def then(numbers: list[int]) -> None:
            entries = sum(chunk.entries for _, chunks in batch for chunk in chunks)
            self._dropped(self._head.drop(sealed) - entries)
            self._written(len(numbers))

        try:
            numbers = self._shelf.database.swap(work, then).result()
        except BaseException:
            self._head.thaw(sealed)
            raise
        self._sealed.inc(len(numbers))
        self._fields.add(numbers)
        return len(numbers)

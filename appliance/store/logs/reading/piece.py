"""Pieces a selection is made of: a stream's part of the head, or a sealed chunk.

Their time range is known at once, the rest is read when it is asked for, column by column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from appliance.lines.metadata import MetadataSets
from appliance.model.log import PlainLines
from appliance.store.codec import Damaged
from appliance.store.failure import raising_damaged
from appliance.store.logs.chunks.block import (
    decode_lines,
    decode_offsets,
    decode_times,
)
from appliance.store.logs.chunks.column_codec import column_bytes
from appliance.store.logs.chunks.fields import cut_fields, decode_fields
from appliance.store.logs.chunks.metadata import StoredMetadata, decode_metadata, metadata_bytes
from appliance.store.logs.chunks.token_filter import TokenFilter, decode_filter
from appliance.store.logs.entries import Entries, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np
    from numpy.typing import NDArray

    from appliance.lines.column import Column, Fields
    from appliance.store.cache import ByteCache
    from appliance.store.database import Database
    from appliance.store.logs.chunks.fields import StoredFields
    from appliance.store.logs.chunks.metadata import Coded
    from appliance.store.logs.damage import DamageReport
    from appliance.store.logs.head import Head
    from appliance.store.registry import Registry, Tenants


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a source reads from.

    Attributes:
        cache: Decoded columns by chunk and column.
        texts: Lines by chunk, apart, so that reading much text drops no columns. Only those that
            are read for the second time: who reads everything once needs no more memory.
        seen: Chunks whose lines have been read lately.
        filters: Token filters by chunk: much smaller than what they save from being read.
        successors: What is left of chunks that a deletion has just written anew.
        pool: Threads that read and work on pieces.
        ahead: How many groups of pieces a scan may have at work.
    """

    database: Database
    tenants: Tenants
    registry: Registry
    head: Head
    cache: ByteCache[tuple[int, str], Any]
    texts: ByteCache[int, PlainLines]
    seen: ByteCache[int, bool]
    filters: ByteCache[int, TokenFilter]
    damage: DamageReport
    successors: ByteCache[int, ChunkPlace]
    pool: ThreadPoolExecutor
    ahead: int

    def forget(self, chunks: Collection[int]) -> None:
        """Drop what is cached of chunks that are no more."""
        gone = set(chunks)
        self.cache.discard_where(lambda key: key[0] in gone)
        for chunk in gone:
            self.texts.discard(chunk)
            self.filters.discard(chunk)


class Piece(Protocol):
    """Entries of one stream of which only range and size are known at first.

    Attributes:
        size_bytes: Length of the text.
        is_distinct: No chunk of the stream that is older has one of the entries.
        earlier: Pieces of the stream that may have some of the entries, which then count there.
    """

    stream: int
    min_ns: int
    max_ns: int
    size_bytes: int
    is_distinct: bool
    earlier: Sequence[Piece]

    def is_ruled_out(self, tokens: NDArray[np.uint64]) -> bool:
        """Whether no line can have all of the tokens."""
        ...

    def times(self) -> NDArray[np.int64]:
        """Times alone: int64[entry], ascending."""
        ...

    def metadata(self) -> Coded:
        """Structured metadata alone."""
        ...

    def lines(self) -> PlainLines:
        """Lines alone."""
        ...

    def line_offsets(self) -> NDArray[np.int64] | None:
        """Where lines begin, int64[entry + 1], when that is known without reading the text."""
        ...

    def fields(self, parser: str, names: Collection[str], low: int, high: int) -> Fields | None:
        """Stored columns of what a parser finds in lines low to high - 1; None: parse them."""
        ...


class Gone(Exception):  # noqa: N818 - not an error
    """The chunk is not there any more."""


def entries_of(piece: Piece) -> Entries:
    """All entries of a piece.

    Raises:
        Gone, Damaged: They cannot be read.
    """
    lines = piece.lines()
    distinct, ids = piece.metadata()
    return Entries(piece.times(), lines.text, lines.offsets, MetadataSets(distinct), ids)


class HeadPiece:
    """A stream's entries in the head."""

    is_distinct = False

    def __init__(self, head: Head, stream: int, parts: tuple[Entries, ...]) -> None:
        self.stream = stream
        self.min_ns = min(part.min_ns for part in parts)
        self.max_ns = max(part.max_ns for part in parts)
        self.size_bytes = sum(len(part.text) for part in parts)
        self.earlier: Sequence[Piece] = ()
        self._head = head
        self._parts = parts

    def is_ruled_out(self, _: NDArray[np.uint64]) -> bool:
        """Whether no line can have all of the tokens."""
        return False

    def entries(self) -> Entries:
        """All entries."""
        if len(self._parts) > 1:
            merged = merge(self._parts)
            self._head.replace(self.stream, self._parts, merged)
            self._parts = (merged,)
        return self._parts[0]

    def times(self) -> NDArray[np.int64]:
        """Times alone: int64[entry], ascending."""
        return self.entries().times_ns

    def metadata(self) -> Coded:
        """Structured metadata alone."""
        entries = self.entries()
        return entries.metadata, entries.metadata_ids

    def lines(self) -> PlainLines:
        """Lines alone."""
        entries = self.entries()
        return PlainLines(entries.text, entries.offsets)

    def line_offsets(self) -> NDArray[np.int64] | None:
        """Where lines begin: int64[entry + 1]."""
        return self.entries().offsets

    def fields(self, parser: str, names: Collection[str], low: int, high: int) -> Fields | None:
        """None: lines in the head have not been parsed."""
        del parser, names, low, high
        return None


class ChunkPlace(NamedTuple):
    """What the index tells of a chunk."""

    number: int
    stream: int
    min_ns: int
    max_ns: int
    entries: int
    size_bytes: int
    is_distinct: int


class ChunkPiece:
    """A sealed chunk."""

    def __init__(self, shelf: Shelf, place: ChunkPlace) -> None:
        self.number, self.stream, self.min_ns, self.max_ns, self.count = place[:5]
        self.size_bytes = place.size_bytes
        self.is_distinct = bool(place.is_distinct)
        self.earlier: Sequence[Piece] = ()
        self._shelf = shelf

    def is_ruled_out(self, tokens: NDArray[np.uint64]) -> bool:
        """Whether no line can have all of the tokens."""
        filters = self._shelf.filters
        found = filters.get(self.number)
        if found is None:
            found = decode_filter(self._columns("filter")[0])
            filters.put(self.number, found, found.size_bytes)
        return not found.may_contain(tokens)

    def times(self) -> NDArray[np.int64]:
        """Times alone: int64[entry], ascending."""
        times: NDArray[np.int64] | None = self._cached("times")
        return self._load_small()[0] if times is None else times

    def metadata(self) -> Coded:
        """Structured metadata alone."""
        found: Coded | None = self._cached("metadata")
        sets, ids = self._load_small()[1] if found is None else found
        return (sets.kept_by(self._metadata) if isinstance(sets, StoredMetadata) else sets), ids

    def _metadata(self, name: str, load: Callable[[], Column]) -> Column:
        return self._column(f"metadata {name}", load)

    def lines(self) -> PlainLines:
        """Lines alone."""
        shelf = self._shelf
        lines = shelf.texts.get(self.number)
        if lines is None:
            lengths, text = self._columns("lengths, text")
            lines = decode_lines(lengths, text, self.count)
            if shelf.seen.get(self.number):
                shelf.texts.put(self.number, lines, len(lines.text) + lines.offsets.nbytes)
            shelf.seen.put(self.number, True, 1)  # noqa: FBT003 - a value
        return lines

    def line_offsets(self) -> NDArray[np.int64] | None:
        """Where lines begin, int64[entry + 1], when that is known without reading the text."""
        lines = self._shelf.texts.get(self.number)
        if lines is not None:
            return lines.offsets
        offsets: NDArray[np.int64] | None = self._cached("offsets")
        if offsets is None:
            (lengths,) = self._columns("lengths")
            if lengths is None:
                return None
            offsets = decode_offsets(lengths, self.count)
            self._keep("offsets", offsets, offsets.nbytes)
        return offsets

    def fields(self, parser: str, names: Collection[str], low: int, high: int) -> Fields | None:
        """Stored columns of what a parser finds in lines low to high - 1; None: parse them."""
        try:
            stored = self._stored_fields()
            wanted = frozenset(names)
            if stored is None or not stored.answers(parser, wanted):
                return None
            columns = {
                name: self._column(f"field {name}", partial(stored.column, name))
                for name in wanted & stored.columns.keys()
            }
        except Damaged as error:
            self._shelf.damage("chunk_fields", self.number, error)
            return None
        return cut_fields(columns, stored.irregular, low, high)

    def _stored_fields(self) -> StoredFields | None:
        found: StoredFields | None = self._cached("fields")
        if found is None:
            sql = "SELECT data FROM chunk_fields WHERE chunk=?"
            with self._shelf.database.reader() as connection, raising_damaged():
                row = connection.execute(sql, (self.number,)).fetchone()
            if row is None:
                return None
            found = decode_fields(row[0], self.count)
            self._keep("fields", found, found.size_bytes)
        return found

    def _column(self, key: str, load: Callable[[], Column]) -> Column:
        column: Column | None = self._cached(key)
        if column is None:
            column = load()
            self._keep(key, column, column_bytes(column))
        return column

    def _load_small(self) -> tuple[NDArray[np.int64], Coded]:
        """Read what nearly every reader needs at once: times and metadata."""
        times_blob, metadata_blob = self._columns("times, metadata")
        times = decode_times(times_blob, self.count)
        metadata = decode_metadata(metadata_blob, self.count)
        self._keep("times", times, times.nbytes)
        self._keep("metadata", metadata, metadata_bytes(metadata))
        return times, metadata

    def _cached(self, column: str) -> Any:
        return self._shelf.cache.get((self.number, column))

    def _keep(self, column: str, value: object, size_bytes: int) -> None:
        self._shelf.cache.put((self.number, column), value, size_bytes)

    def _columns(self, names: str) -> tuple[Any, ...]:
        sql = f"SELECT {names} FROM chunk WHERE id=?"  # noqa: S608 - constants
        with self._shelf.database.reader() as connection, raising_damaged():
            row: tuple[Any, ...] | None = connection.execute(sql, (self.number,)).fetchone()
        if row is None:
            raise Gone
        return row

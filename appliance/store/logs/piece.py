"""Pieces a selection is made of: a stream's part of the head, or a sealed chunk.

Their time range is known at once, the rest is read when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from appliance.store.failure import raising_damaged
from appliance.store.logs.block import decode, decode_times
from appliance.store.logs.entries import Entries, merge
from appliance.store.logs.token_filter import may_contain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.store.cache import ByteCache
    from appliance.store.database import Database
    from appliance.store.logs.damage import DamageReport
    from appliance.store.logs.head import Head
    from appliance.store.registry import Registry, Tenants


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a source reads from."""

    database: Database
    tenants: Tenants
    registry: Registry
    head: Head
    cache: ByteCache[int, Entries]
    damage: DamageReport


class Piece(Protocol):
    """Entries of one stream of which only the time range is known at first."""

    stream: int
    min_ns: int
    max_ns: int

    def is_ruled_out(self, tokens: NDArray[np.uint64]) -> bool:
        """Whether no line can have all of the tokens."""
        ...

    def times(self) -> NDArray[np.int64]:
        """Times alone: int64[entry], ascending."""
        ...

    def entries(self) -> Entries:
        """All entries, cut to no range."""
        ...


class Gone(Exception):  # noqa: N818 - not an error
    """The chunk is not there any more."""


class HeadPiece:
    """A stream's entries in the head."""

    def __init__(self, head: Head, stream: int, parts: tuple[Entries, ...]) -> None:
        self.stream = stream
        self.min_ns = min(part.min_ns for part in parts)
        self.max_ns = max(part.max_ns for part in parts)
        self._head = head
        self._parts = parts

    def is_ruled_out(self, _: NDArray[np.uint64]) -> bool:
        """Whether no line can have all of the tokens."""
        return False

    def times(self) -> NDArray[np.int64]:
        """Times alone: int64[entry], ascending."""
        return self.entries().times_ns

    def entries(self) -> Entries:
        """All entries, cut to no range."""
        if len(self._parts) > 1:
            merged = merge(self._parts)
            self._head.replace(self.stream, self._parts, merged)
            self._parts = (merged,)
        return self._parts[0]


class ChunkPiece:
    """A sealed chunk.

    Args:
        row: Its number, stream, oldest and newest time.
    """

    def __init__(self, shelf: Shelf, row: tuple[int, int, int, int]) -> None:
        self.number, self.stream, self.min_ns, self.max_ns = row
        self._shelf = shelf

    def is_ruled_out(self, tokens: NDArray[np.uint64]) -> bool:
        """Whether no line can have all of the tokens."""
        if self._shelf.cache.get(self.number) is not None:
            return False  # looking at the text costs less than reading the filter
        (blob,) = self._columns("filter")
        return not may_contain(blob, tokens)

    def times(self) -> NDArray[np.int64]:
        """Times alone: int64[entry], ascending."""
        found = self._shelf.cache.get(self.number)
        return decode_times(self._columns("times")[0]) if found is None else found.times_ns

    def entries(self) -> Entries:
        """All entries, cut to no range."""
        found = self._shelf.cache.get(self.number)
        if found is None:
            found = decode(*self._columns("times, lengths, metadata, text"))
            self._shelf.cache.put(self.number, found, found.size_bytes)
        return found

    def _columns(self, names: str) -> tuple[bytes, ...]:
        sql = f"SELECT {names} FROM chunk WHERE id=?"  # noqa: S608 - constants
        with self._shelf.database.reader() as connection, raising_damaged():
            row: tuple[bytes, ...] | None = connection.execute(sql, (self.number,)).fetchone()
        if row is None:
            raise Gone
        return row

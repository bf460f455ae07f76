"""Chunk rows: entries of one stream ↔ compressed columns.

Line lengths are a column of their own, so that bytes are summed without reading text. Chunks of
older versions have none when no line contains a newline: then the newlines tell them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.lines.metadata import MetadataSets
from appliance.model.log import PlainLines
from appliance.store.codec import (
    Damaged,
    decode_array,
    decode_bytes,
    encode_array,
    encode_bytes,
)
from appliance.store.logs.chunks.metadata import decode_metadata, encode_metadata
from appliance.store.logs.chunks.token_filter import build_filter
from appliance.store.logs.entries import Entries, offsets_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from numpy.typing import NDArray


_NEWLINE = 10
#: Of zstd. Lines of logs take as much room with it as with 3 and 4, and are written faster.
_TEXT_LEVEL = 1
_INSERT = (
    "INSERT INTO chunk(tenant, stream, min_ns, max_ns, entries, raw_bytes, stored_bytes,"
    " filter, times, lengths, metadata, text, is_distinct)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk as stored; the columns are blobs, absent ones None.

    Attributes:
        is_distinct: No older chunk of the stream has one of the entries.
    """

    min_ns: int
    max_ns: int
    entries: int
    raw_bytes: int
    filter: bytes
    times: bytes
    lengths: bytes | None
    metadata: bytes | None
    text: bytes
    is_distinct: bool = True

    @property
    def stored_bytes(self) -> int:
        """Size of the blobs."""
        blobs = (self.filter, self.times, self.lengths, self.metadata, self.text)
        return sum(len(blob) for blob in blobs if blob is not None)

    def insert(self, connection: sqlite3.Connection, tenant: int, stream: int) -> int:
        """Write the row; returns its number."""
        counts = (self.min_ns, self.max_ns, self.entries, self.raw_bytes, self.stored_bytes)
        blobs = (self.filter, self.times, self.lengths, self.metadata, self.text)
        row = (tenant, stream, *counts, *blobs, self.is_distinct)
        return int(connection.execute(_INSERT, row).lastrowid or 0)


def split(entries: Entries, chunk_bytes: int) -> Iterator[Entries]:
    """Entries in pieces of about `chunk_bytes` of text; a short rest stays with the last one."""
    count = max(1, round(len(entries.text) / chunk_bytes))
    marks = np.arange(1, count) * (len(entries.text) / count)
    ends = np.searchsorted(entries.offsets, marks).tolist()
    low = 0
    for high in [*ends, len(entries)]:
        if high > low:
            yield entries.cut(low, high)
            low = high


def encode(entries: Entries) -> ChunkRow:
    """Entries, at least one, as a chunk."""
    return ChunkRow(
        min_ns=entries.min_ns,
        max_ns=entries.max_ns,
        entries=len(entries),
        raw_bytes=len(entries.text),
        filter=build_filter(entries.text),
        times=encode_array(entries.times_ns),
        lengths=encode_array(np.diff(entries.offsets).astype(np.uint32)),
        metadata=encode_metadata(entries.metadata, entries.metadata_ids),
        text=encode_bytes(entries.text, level=_TEXT_LEVEL),
    )


def decode(row: ChunkRow) -> Entries:
    """The entries of a chunk.

    Raises:
        Damaged: The columns are broken or do not fit each other.
    """
    times_ns = decode_times(row.times, row.entries)
    lines = decode_lines(row.lengths, row.text, row.entries)
    distinct, ids = decode_metadata(row.metadata, row.entries)
    return Entries(times_ns, lines.text, lines.offsets, MetadataSets(distinct), ids)


def decode_times(blob: bytes, count: int) -> NDArray[np.int64]:
    """The times of a chunk of `count` entries: int64[entry], ascending nanoseconds.

    Raises:
        Damaged: Not times.
    """
    times: NDArray[np.int64] = _whole(blob, count).astype(np.int64, copy=False)
    return times


def decode_offsets(lengths: bytes, count: int) -> NDArray[np.int64]:
    """Where the lines of a chunk of `count` entries begin: int64[entry + 1].

    Raises:
        Damaged: Not lengths.
    """
    return offsets_of(_whole(lengths, count).astype(np.int64))


def _whole(blob: bytes, count: int) -> NDArray[Any]:
    values = decode_array(blob, max_count=count)
    if len(values) != count:
        raise Damaged(f"chunk of {count} entries has {len(values)} of a column")
    return values


def decode_lines(lengths: bytes | None, text: bytes, count: int) -> PlainLines:
    """The lines of a chunk of `count` entries.

    Raises:
        Damaged: The columns are broken or do not fit each other.
    """
    body = decode_bytes(text)
    offsets = _newlines(body) if lengths is None else decode_offsets(lengths, count)
    if len(offsets) != count + 1 or int(offsets[-1]) != len(body):
        raise Damaged(f"chunk of {count} times has {len(offsets) - 1} lines")
    return PlainLines(body, offsets)


def _newlines(text: bytes) -> NDArray[np.int64]:
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
    offsets = np.zeros(len(ends) + 1, dtype=np.int64)
    np.add(ends, 1, out=offsets[1:])
    return offsets

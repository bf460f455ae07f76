"""Inbox: one row per acknowledged request, until all its entries are in chunks.

A row is a checked, compressed list (`store/codec.py`): a header, then the columns of all batches
one after another: streams, counts, times, line lengths, distinct metadata with its numbers, text.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import orjson

from appliance.lines.metadata import MetadataSets
from appliance.store.codec import Damaged, decode_list, encode_list
from appliance.store.logs.entries import Entries, line_lengths, offsets_of
from appliance.store.logs.marks import write_marks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray


#: Version of the layout.
_HEADER = struct.Struct("<B")
_VERSION = 1
#: A batch of a row: stream and entries.
Batch = tuple[int, Entries]


def encode_row(batches: Sequence[Batch]) -> bytes:
    """A request's entries as the content of an inbox row."""
    parts = [entries for _, entries in batches]
    coded = [part for part in parts if part.metadata_ids is not None]
    sections = [
        _HEADER.pack(_VERSION),
        np.array([stream for stream, _ in batches], dtype=np.int64).tobytes(),
        np.array([len(part) for part in parts], dtype=np.int64).tobytes(),
        np.concatenate([part.times_ns for part in parts]).tobytes(),
        line_lengths(parts).astype(np.uint32).tobytes(),
        orjson.dumps([None if part.metadata_ids is None else [*part.metadata] for part in parts])
        if coded
        else b"",
        b"".join([part.metadata_ids.tobytes() for part in coded if part.metadata_ids is not None]),
        b"".join([part.text for part in parts]),
    ]
    return encode_list(sections, level=1)


def decode_row(data: bytes) -> list[Batch]:
    """The entries of an inbox row.

    Raises:
        Damaged: Not such a row.
    """
    try:
        header, *sections = decode_list(data)
        if header != _HEADER.pack(_VERSION):
            raise Damaged(f"inbox row of unknown version {header!r}")
        return _batches(sections)
    except (ValueError, IndexError, struct.error) as error:
        raise Damaged(f"inbox row does not decode: {error}") from error


def _batches(sections: list[bytes]) -> list[Batch]:
    streams = np.frombuffer(sections[0], np.int64).tolist()
    ends = np.cumsum(np.frombuffer(sections[1], np.int64)).tolist()
    times = np.frombuffer(sections[2], np.int64)
    offsets = offsets_of(np.frombuffer(sections[3], np.uint32).astype(np.int64))
    distinct = orjson.loads(sections[4]) if sections[4] else [None] * len(streams)
    numbers = np.frombuffer(sections[5], np.int32)
    text = sections[6]
    batches = []
    start = used = 0
    for stream, end, metadata in zip(streams, ends, distinct, strict=True):
        first, last = int(offsets[start]), int(offsets[end])
        entries = Entries(
            times[start:end].copy(), text[first:last], offsets[start : end + 1] - first
        )
        if metadata is not None:
            ids = numbers[used : used + end - start].copy()
            used += end - start
            entries = Entries(
                entries.times_ns, entries.text, entries.offsets, as_metadata(metadata), ids
            )
        batches.append((stream, entries))
        start = end
    return batches


def as_metadata(decoded: list[list[list[str]]]) -> MetadataSets:
    """Distinct metadata as JSON gives it back."""
    return MetadataSets(tuple((name, value) for name, value in pairs) for pairs in decoded)


class InboxWrite:
    """The write of one row; encodes in the writer thread, once, however often it is tried.

    Attributes:
        items: Stream, tenant and entries; may be none, then no row is written.
        marks: Written with them.
    """

    def __init__(self, items: Sequence[tuple[int, int, Entries]], marks: Mapping[str, str]) -> None:
        self.items = items
        self.marks = marks
        self.row = 0
        self.row_bytes = 0
        self._data: bytes | None = None

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Insert the row; its number is in `row` afterwards."""
        if self.items:
            if self._data is None:
                self._data = encode_row([(stream, entries) for stream, _, entries in self.items])
                self.row_bytes = len(self._data)
            sql = "INSERT INTO inbox(data) VALUES (?)"
            self.row = int(connection.execute(sql, (self._data,)).lastrowid or 0)
        if self.marks:
            write_marks(connection, self.marks)


def replay(
    connection: sqlite3.Connection, damaged: Callable[[int, Damaged], None]
) -> Iterator[tuple[int, int, list[tuple[int, int, Entries]]]]:
    """(row, size, stream, tenant and entries not in chunks yet) of all rows, as they arrived.

    A damaged row is told and left.
    """
    known = {
        number: (tenant, sealed)
        for number, tenant, sealed in connection.execute(
            "SELECT id, tenant, sealed_row FROM stream"
        )
    }
    for row, data in connection.execute("SELECT id, data FROM inbox ORDER BY id"):
        try:
            batches = [(stream, *known[stream], entries) for stream, entries in decode_row(data)]
        except KeyError as error:
            damaged(row, Damaged(f"stream {error} is unknown"))
            continue
        except Damaged as error:
            damaged(row, error)
            continue
        yield row, len(data), [(s, tenant, e) for s, tenant, sealed, e in batches if sealed < row]


def forget(connection: sqlite3.Connection, rows: NDArray[np.int64]) -> None:
    """Delete rows: int64[row], ascending; consecutive ones go together."""
    if not len(rows):
        return
    breaks = np.flatnonzero(np.diff(rows) != 1)
    first = rows[np.concatenate(([0], breaks + 1))].tolist()
    last = rows[np.concatenate((breaks, [len(rows) - 1]))].tolist()
    ranges = zip(first, last, strict=True)
    connection.executemany("DELETE FROM inbox WHERE id BETWEEN ? AND ?", ranges)

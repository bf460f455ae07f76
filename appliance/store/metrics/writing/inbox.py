"""Rows of the inbox, the write-ahead part of the file: one per request.

A row's number is `group << 40 | seq`; `seq` counts commits, so ascending `seq` is the order in
which the head took them. Two kinds of rows, each a header, then a payload that is compressed when
that pays:
- column: one time, series ids (or the `seq` of the row that has them), values;
- loose: ids, times, values.
Either may have native histograms, which its values refer to, behind the values.
A column row may hold ids and no values: what is left of a sealed row that later rows refer to.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base import zstd
from appliance.store.codec import Damaged
from appliance.store.metrics.blocks import histogram_codec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram

SEQ_BITS = 40
#: The highest commit number there can be.
LAST_SEQ = (1 << SEQ_BITS) - 1
#: kind, CRC-32 of what follows the header, time of a column, seq of the ids, number of samples.
_HEADER = struct.Struct("<BIqqI")
_COLUMN, _LOOSE, _IDS_ONLY = 1, 2, 3
#: Added to a kind.
_WITH_HISTOGRAMS = 0x10
#: Shorter payloads are not compressed.
_COMPRESS_FROM = 256


@dataclass(frozen=True, slots=True, eq=False)
class ColumnRow:
    """One scrape.

    Attributes:
        timestamp_ms: None in a row that has ids only.
        ids: int64[series], or None when they are those of row `ids_seq`.
        values: float64[series].
        histograms: What boxed values refer to.
    """

    timestamp_ms: int | None
    ids: NDArray[np.int64] | None
    ids_seq: int
    values: NDArray[np.float64]
    histograms: Sequence[Histogram] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LooseRow:
    """Samples with times of their own: int64[sample], int64[sample], float64[sample]."""

    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram] = ()


@dataclass(frozen=True, slots=True)
class PackedValues:
    """Values as the rows take them; made outside the writer thread."""

    data: bytes
    has_histograms: bool


def row_id(group: int, seq: int) -> int:
    """The key of a row."""
    return group << SEQ_BITS | seq


def pack_values(values: NDArray[np.float64], histograms: Sequence[Histogram] = ()) -> PackedValues:
    """Values, and the histograms that boxed ones refer to."""
    data = _pack(values.tobytes())
    if histograms:
        packed = histogram_codec.encode(histograms)
        data += struct.pack("<i", len(packed)) + packed
    return PackedValues(data, bool(histograms))


def encode_column(
    timestamp_ms: int,
    packed: PackedValues,
    ids: NDArray[np.int64] | None,
    *,
    count: int,
    ids_seq: int,
) -> bytes:
    """A column's row; `ids` None: they are those of row `ids_seq`."""
    payload = packed.data if ids is None else packed.data + _pack_ids(ids)
    kind = _COLUMN | _WITH_HISTOGRAMS if packed.has_histograms else _COLUMN
    return _HEADER.pack(kind, zlib.crc32(payload), timestamp_ms, ids_seq, count) + payload


def encode_ids(ids: NDArray[np.int64]) -> bytes:
    """A row of ids only."""
    payload = _pack_ids(ids)
    return _HEADER.pack(_IDS_ONLY, zlib.crc32(payload), 0, 0, len(ids)) + payload


def encode_loose(ids: NDArray[np.int64], times: NDArray[np.int64], packed: PackedValues) -> bytes:
    """A row of loose samples."""
    payload = _pack_ids(ids) + _pack_ids(times) + packed.data
    kind = _LOOSE | _WITH_HISTOGRAMS if packed.has_histograms else _LOOSE
    return _HEADER.pack(kind, zlib.crc32(payload), 0, 0, len(ids)) + payload


def decode(data: bytes) -> ColumnRow | LooseRow:
    """A row of any kind.

    Raises:
        Damaged: Not a row.
    """
    if len(data) < _HEADER.size:
        raise Damaged(f"inbox row of {len(data)} bytes is too short")
    kind, checksum, timestamp_ms, ids_seq, count = _HEADER.unpack_from(data)
    if zlib.crc32(data[_HEADER.size :]) != checksum:
        raise Damaged("inbox row has a wrong checksum")
    has_histograms = bool(kind & _WITH_HISTOGRAMS)
    kind &= ~_WITH_HISTOGRAMS
    try:
        if kind == _LOOSE:
            ids, at = _unpack_ids(data, _HEADER.size)
            times, at = _unpack_ids(data, at)
            values, histograms, _ = _unpack_values(data, at, has_histograms=has_histograms)
            return LooseRow(ids, times, values[:count], histograms)
        if kind == _IDS_ONLY:
            ids, _ = _unpack_ids(data, _HEADER.size)
            return ColumnRow(None, ids, 0, np.empty(0))
        values, histograms, at = _unpack_values(data, _HEADER.size, has_histograms=has_histograms)
        column = None if at == len(data) else _unpack_ids(data, at)[0]
        return ColumnRow(timestamp_ms, column, ids_seq, values[:count], histograms)
    except (ValueError, struct.error, zstd.ZstdError) as error:
        raise Damaged(f"inbox row does not decode: {error}") from error


def read_all(connection: sqlite3.Connection) -> Iterator[tuple[int, int, bytes]]:
    """(group, seq, data) of every row, ascending by seq."""
    numbers = np.array([row[0] for row in connection.execute("SELECT id FROM inbox")], np.int64)
    for number in numbers[np.argsort(numbers & LAST_SEQ)].tolist():
        row = connection.execute("SELECT data FROM inbox WHERE id=?", (number,)).fetchone()
        yield number >> SEQ_BITS, number & LAST_SEQ, row[0]


def read_ids(connection: sqlite3.Connection, group: int, seq: int) -> NDArray[np.int64] | None:
    """The series ids that a column's row has: int64[series]; None when it is gone or has none."""
    sql = "SELECT data FROM inbox WHERE id=?"
    found = connection.execute(sql, (row_id(group, seq),)).fetchone()
    row = decode(found[0]) if found is not None else None
    return row.ids if row is not None else None


def insert(connection: sqlite3.Connection, group: int, seq: int, data: bytes) -> None:
    """Add a row."""
    connection.execute("INSERT INTO inbox(id, data) VALUES (?, ?)", (row_id(group, seq), data))


def delete_until(connection: sqlite3.Connection, group: int, seq: int) -> None:
    """Delete a group's rows up to a commit, that one included."""
    connection.execute(
        "DELETE FROM inbox WHERE id BETWEEN ? AND ?", (row_id(group, 0), row_id(group, seq))
    )


def _pack_ids(values: NDArray[np.int64]) -> bytes:
    """int64 values as differences: ids and times of one request are mostly near one another."""
    return _pack(np.diff(values, prepend=np.int64(0)).tobytes())


def _unpack_ids(data: bytes, at: int) -> tuple[NDArray[np.int64], int]:
    raw, end = _unpack(data, at)
    return np.cumsum(np.frombuffer(raw, np.int64)), end


def _unpack_values(
    data: bytes, at: int, *, has_histograms: bool
) -> tuple[NDArray[np.float64], list[Histogram], int]:
    """Values, histograms, and where they end."""
    raw, at = _unpack(data, at)
    values = np.frombuffer(raw, np.float64)
    if not has_histograms:
        return values, [], at
    packed, at = _unpack(data, at)
    return values, histogram_codec.decode(packed), at


def _pack(raw: bytes) -> bytes:
    """Length and bytes; a negative length means zstd."""
    if len(raw) >= _COMPRESS_FROM:
        packed = zstd.compress(raw, 1)
        if len(packed) < len(raw) * 9 // 10:
            return struct.pack("<i", -len(packed)) + packed
    return struct.pack("<i", len(raw)) + raw


def _unpack(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<i", data, at)
    end = at + 4 + abs(length)
    part = data[at + 4 : end]
    return (zstd.decompress(part) if length < 0 else part), end

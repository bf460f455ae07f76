"""Stored fields: what a parser finds in a chunk's lines, as columns that are read one by one.

A cache: whatever is not in it is parsed from the lines, with the same result. Layout of a blob:
length of the directory (u32 LE), the directory (a checked blob of JSON), then the parts it tells
of, each a checked blob: irregular rows, then codes and values of each column.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from appliance.lines.column import ABSENT, Column, Fields
from appliance.store.codec import Damaged, decode_array, decode_bytes, encode_array, encode_bytes
from appliance.store.logs.chunks.column_codec import ColumnBlobs, decode_column, encode_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A column of texts with more distinct values per value than this is not worth its room.
_MAX_DISTINCT_SHARE = 0.5
#: Of lines with more names than this none is kept: they are data, not names.
_MAX_NAMES = 400
#: With more irregular rows than this share, parsing all is as good.
_MAX_IRREGULAR_SHARE = 0.25
#: All columns together take at most this share of what the chunk takes without them.
_MAX_SHARE = 0.25
_LENGTH = struct.Struct("<I")


def encode_fields(parser: str, fields: Fields, *, count: int, chunk_bytes: int) -> bytes | None:
    """The columns worth keeping as a blob; None when none is.

    Args:
        fields: Of all lines of the chunk and all names.
        count: Entries of the chunk.
        chunk_bytes: What the chunk takes without columns.
    """
    if not 0 < len(fields.columns) <= _MAX_NAMES:
        return None
    if len(fields.irregular) > _MAX_IRREGULAR_SHARE * count:
        return None
    encoded = {name: _encode(column) for name, column in fields.columns.items()}
    irregular = encode_array(fields.irregular) if len(fields.irregular) else b""
    room = int(chunk_bytes * _MAX_SHARE) - len(irregular)
    kept: dict[str, ColumnBlobs] = {}
    for name, blobs in sorted(encoded.items(), key=lambda item: _size(item[1])):
        room -= _size(blobs)
        if blobs is None or room < 0:
            break
        kept[name] = blobs
    if not kept:
        return None
    directory = {
        "parser": parser,
        "count": count,
        "irregular": len(irregular),
        "columns": [
            [name, one.kind, len(one.codes), len(one.values)] for name, one in kept.items()
        ],
        "parsed": [name for name in encoded if name not in kept],
    }
    head = encode_bytes(orjson.dumps(directory))
    parts = [part for one in kept.values() for part in (one.codes, one.values)]
    return b"".join([_LENGTH.pack(len(head)), head, irregular, *parts])


def _encode(column: Column) -> ColumnBlobs | None:
    """A column as blobs; None when it is not worth keeping."""
    present = len(column) - int(np.count_nonzero(column.codes == ABSENT))
    return encode_column(column, most_texts=max(1, int(_MAX_DISTINCT_SHARE * present)))


def _size(blobs: ColumnBlobs | None) -> int:
    return 1 << 60 if blobs is None else blobs.size_bytes


@dataclass(frozen=True, slots=True)
class StoredFields:
    """A blob's directory, and the blob.

    Attributes:
        columns: By name.
        parsed: Names that lines have but no column.
        irregular: int64[k], ascending.
    """

    parser: str
    count: int
    columns: dict[str, ColumnBlobs]
    parsed: frozenset[str]
    irregular: NDArray[np.int64]

    @property
    def size_bytes(self) -> int:
        """Memory of what is not decoded."""
        return sum(blobs.size_bytes for blobs in self.columns.values())

    def answers(self, parser: str, names: frozenset[str]) -> bool:
        """Whether columns tell all about these names."""
        return parser == self.parser and self.parsed.isdisjoint(names)

    def column(self, name: str) -> Column:
        """A column of `columns`.

        Raises:
            Damaged: It does not decode.
        """
        return decode_column(self.columns[name], self.count)


def decode_fields(blob: bytes, count: int) -> StoredFields:
    """What a blob has of a chunk of `count` entries.

    Raises:
        Damaged: Not such a blob.
    """
    try:
        (length,) = _LENGTH.unpack_from(blob)
        start = _LENGTH.size + length
        directory: dict[str, Any] = orjson.loads(decode_bytes(blob[_LENGTH.size : start]))
        irregular = np.empty(0, dtype=np.int64)
        if directory["irregular"]:
            end = start + directory["irregular"]
            irregular = decode_array(blob[start:end], max_count=count).astype(np.int64)
            start = end
        columns = {}
        for name, kind, codes_bytes, values_bytes in directory["columns"]:
            middle, end = start + codes_bytes, start + codes_bytes + values_bytes
            columns[name] = ColumnBlobs(kind, blob[start:middle], blob[middle:end])
            start = end
        found = StoredFields(
            directory["parser"],
            directory["count"],
            columns,
            frozenset(directory["parsed"]),
            irregular,
        )
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise Damaged(f"fields do not decode: {error}") from error
    if found.count != count or start != len(blob):
        raise Damaged(f"fields of {found.count} entries in a chunk of {count}")
    bounds = np.concatenate(([-1], irregular, [count]))
    if not (bounds[1:] > bounds[:-1]).all():
        raise Damaged("irregular rows are not rows of the chunk")
    return found


def cut_fields(
    columns: dict[str, Column], irregular: NDArray[np.int64], low: int, high: int
) -> Fields:
    """Fields of rows low to high - 1."""
    first, end = np.searchsorted(irregular, (low, high)).tolist()
    cut = {name: Column(column.codes[low:high], column.values) for name, column in columns.items()}
    return Fields(cut, irregular[first:end] - low)

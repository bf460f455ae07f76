"""Stored fields: what a parser finds in a chunk's lines, as columns that are read one by one.

A cache: whatever is not in it is parsed from the lines, with the same result. Layout of a blob:
length of the directory (u32 LE), the directory (a checked blob of JSON), then the parts it tells
of, each a checked blob. A column is two parts: a code per row (0: absent) and the values, numbers
as arrays in ascending order.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from appliance.lines.column import ABSENT, Column, Fields
from appliance.store.codec import Damaged, decode_array, decode_bytes, encode_array, encode_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

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
#: Kinds of values; floats are written with or without a fraction of 0.
_TEXTS, _INTEGERS, _FLOATS, _SHORT_FLOATS = "t", "i", "f", "s"
#: Memory of a value beside its characters, roughly.
_VALUE_BYTES = 60


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
    encoded = {name: _encode_column(column) for name, column in fields.columns.items()}
    irregular = encode_array(fields.irregular) if len(fields.irregular) else b""
    room = int(chunk_bytes * _MAX_SHARE) - len(irregular)
    kept: dict[str, tuple[str, bytes, bytes]] = {}
    for name, column in sorted(encoded.items(), key=lambda item: _size(item[1])):
        room -= _size(column)
        if column is None or room < 0:
            break
        kept[name] = column
    if not kept:
        return None
    directory = {
        "parser": parser,
        "count": count,
        "irregular": len(irregular),
        "columns": [
            [name, kind, len(codes), len(values)] for name, (kind, codes, values) in kept.items()
        ],
        "parsed": [name for name in encoded if name not in kept],
    }
    head = encode_bytes(orjson.dumps(directory))
    parts = [part for _, codes, values in kept.values() for part in (codes, values)]
    return b"".join([_LENGTH.pack(len(head)), head, irregular, *parts])


def _size(parts: tuple[str, bytes, bytes] | None) -> int:
    return 1 << 60 if parts is None else len(parts[1]) + len(parts[2])


def _encode_column(column: Column) -> tuple[str, bytes, bytes] | None:
    """Kind, codes and values; None when the column is not worth keeping."""
    column = column.compact()
    values = column.values
    present = len(column) - int(np.count_nonzero(column.codes == ABSENT))
    numeric = _numbers(values)
    if numeric is None:
        if len(values) > max(1, _MAX_DISTINCT_SHARE * present):
            return None
        try:
            return _TEXTS, _encode_codes(column.codes), encode_bytes(orjson.dumps(list(values)))
        except TypeError:  # a text that is no UTF-8
            return None
    kind, numbers = numeric
    order = np.argsort(numbers, kind="stable")
    rank = np.empty(len(order) + 1, dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    rank[ABSENT] = ABSENT
    return kind, _encode_codes(rank[column.codes]), encode_array(numbers[order])


def _encode_codes(codes: NDArray[np.int32]) -> bytes:
    return encode_array((codes + 1).astype(np.uint32))


def _numbers(texts: Sequence[str]) -> tuple[str, NDArray[Any]] | None:
    """Kind and numbers, int64 or float64 [text], of which the texts can be made again."""
    try:
        integers = list(map(int, texts))
        if _written(_INTEGERS, integers) == list(texts):
            return _INTEGERS, np.array(integers, dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    try:
        floats = list(map(float, texts))
    except ValueError:
        return None
    for kind in (_SHORT_FLOATS, _FLOATS):
        if _written(kind, floats) == list(texts):
            return kind, np.array(floats)
    return None


def _written(kind: str, numbers: Sequence[float]) -> list[str]:
    texts = list(map(repr, numbers))
    return [text.removesuffix(".0") for text in texts] if kind == _SHORT_FLOATS else texts


@dataclass(frozen=True, slots=True)
class StoredFields:
    """A blob's directory, and the blob.

    Attributes:
        columns: Kind, and first byte, middle and end of the codes and values, by name.
        parsed: Names that lines have but no column.
        irregular: int64[k], ascending.
    """

    parser: str
    count: int
    columns: dict[str, tuple[str, int, int, int]]
    parsed: frozenset[str]
    irregular: NDArray[np.int64]
    blob: bytes

    def answers(self, parser: str, names: frozenset[str]) -> bool:
        """Whether columns tell all about these names."""
        return parser == self.parser and self.parsed.isdisjoint(names)

    def column(self, name: str) -> Column:
        """A column of `columns`.

        Raises:
            Damaged: It does not decode.
        """
        kind, start, middle, end = self.columns[name]
        codes = decode_array(self.blob[start:middle], max_count=self.count).astype(np.int32) - 1
        values = _decode_values(kind, self.blob[middle:end], self.count)
        if len(codes) != self.count or int(codes.max(initial=ABSENT)) >= len(values):
            raise Damaged(f"column {name!r} does not fit its chunk")
        return Column(codes, values)


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
            end = start + codes_bytes + values_bytes
            columns[name] = (kind, start, start + codes_bytes, end)
            start = end
        found = StoredFields(
            directory["parser"],
            directory["count"],
            columns,
            frozenset(directory["parsed"]),
            irregular,
            blob,
        )
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise Damaged(f"fields do not decode: {error}") from error
    if found.count != count or start != len(blob):
        raise Damaged(f"fields of {found.count} entries in a chunk of {count}")
    bounds = np.concatenate(([-1], irregular, [count]))
    if not (bounds[1:] > bounds[:-1]).all():
        raise Damaged("irregular rows are not rows of the chunk")
    return found


def column_bytes(column: Column) -> int:
    """Memory of a column, roughly."""
    return column.codes.nbytes + _VALUE_BYTES * len(column.values)


def cut_fields(
    columns: dict[str, Column], irregular: NDArray[np.int64], low: int, high: int
) -> Fields:
    """Fields of rows low to high - 1."""
    first, end = np.searchsorted(irregular, (low, high)).tolist()
    cut = {name: Column(column.codes[low:high], column.values) for name, column in columns.items()}
    return Fields(cut, irregular[first:end] - low)


def _decode_values(kind: str, blob: bytes, max_count: int) -> list[str]:
    if kind == _TEXTS:
        try:
            values: list[str] = orjson.loads(decode_bytes(blob))
        except ValueError as error:
            raise Damaged(f"values do not decode: {error}") from error
        return values
    return _written(kind, decode_array(blob, max_count=max_count).tolist())

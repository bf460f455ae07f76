"""Structured metadata of a chunk as a blob: distinct sets and which of them each entry has.

Few sets are kept as JSON. Many, such as with trace ids, are kept as columns by name, so that a
query reads the names it asks for and no more. Layouts: a list (`store/codec.py`) of the JSON and
the numbers; or `_COLUMNS`, the length of the directory (u32 LE), the directory (JSON), the numbers,
and codes and values of each column.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import orjson

from appliance.lines.metadata import MetadataSets
from appliance.model.log import Metadata
from appliance.store.codec import (
    Damaged,
    decode_array,
    decode_bytes,
    decode_list,
    encode_array,
    encode_bytes,
    encode_list,
)
from appliance.store.logs.chunks.column_codec import ColumnBlobs, decode_column, encode_column
from appliance.store.logs.entries import NO_METADATA
from appliance.store.logs.inbox import as_metadata

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.lines.column import Column

#: Distinct metadata and the numbers of an entry's: int32[entry], None when no entry has any.
Coded = tuple[Sequence[Metadata], "NDArray[np.int32] | None"]
#: With more sets than this they are kept as columns.
_FEW = 64
#: First byte of the second layout; the first one begins with a codec's number.
_COLUMNS = b"\x40"
_LENGTH = struct.Struct("<I")
#: What a set takes in memory, roughly.
_SET_BYTES = 400


def encode_metadata(sets: Sequence[Metadata], ids: NDArray[np.int32] | None) -> bytes | None:
    """Metadata as a blob; None when no entry has any."""
    if ids is None or not ids.any():
        return None
    used, numbers = np.unique(np.concatenate(([0], ids)), return_inverse=True)
    distinct = MetadataSets(sets[number] for number in used.tolist())
    ids = numbers[1:].astype(np.int32)
    if len(distinct) > _FEW:
        columns = [(name, encode_column(distinct.column(name))) for name in distinct.names]
        if all(blobs is not None for _, blobs in columns):
            return _encode_columns(distinct, ids, [(n, b) for n, b in columns if b is not None])
    return encode_list([orjson.dumps(list(distinct)), encode_array(ids)])


def _encode_columns(
    distinct: MetadataSets, ids: NDArray[np.int32], columns: list[tuple[str, ColumnBlobs]]
) -> bytes:
    numbers = encode_array(ids)
    directory = {
        "sets": len(distinct),
        "numbers": len(numbers),
        "mean_bytes": distinct.mean_bytes,
        "columns": [[name, one.kind, len(one.codes), len(one.values)] for name, one in columns],
    }
    head = encode_bytes(orjson.dumps(directory))
    parts = [part for _, one in columns for part in (one.codes, one.values)]
    return b"".join([_COLUMNS, _LENGTH.pack(len(head)), head, numbers, *parts])


def decode_metadata(blob: bytes | None, count: int) -> Coded:
    """The metadata of a chunk of `count` entries.

    Raises:
        Damaged: The column is broken or does not fit.
    """
    if blob is None:
        return NO_METADATA, None
    if blob.startswith(_COLUMNS):
        return _decode_columns(blob, count)
    try:
        names, numbers = decode_list(blob)
        distinct = as_metadata(orjson.loads(names))
    except ValueError as error:
        raise Damaged(f"metadata does not decode: {error}") from error
    return distinct, _numbers(numbers, count, len(distinct))


def _numbers(blob: bytes, count: int, sets: int) -> NDArray[np.int32]:
    ids: NDArray[np.int32] = decode_array(blob, max_count=count).astype(np.int32, copy=False)
    if len(ids) != count or int(ids.max(initial=0)) >= sets:
        raise Damaged(f"metadata of {len(ids)} entries in a chunk of {count}")
    return ids


class StoredMetadata(Sequence[Metadata]):
    """Implements `lines.metadata.MetadataTable` over a blob; a column is decoded when it is read.

    Args:
        keep: Gives the column of a name, by the given function unless it has it already.
    """

    def __init__(
        self,
        directory: dict[str, Any],
        blobs: dict[str, ColumnBlobs],
        keep: Callable[[str, Callable[[], Column]], Column] | None = None,
    ) -> None:
        self._directory = directory
        self._blobs = blobs
        self._keep = keep
        self._count: int = directory["sets"]
        self.names: tuple[str, ...] = tuple(blobs)
        self.mean_bytes: float = directory["mean_bytes"]

    def kept_by(self, keep: Callable[[str, Callable[[], Column]], Column]) -> StoredMetadata:
        """The same with columns kept."""
        return StoredMetadata(self._directory, self._blobs, keep)

    @property
    def size_bytes(self) -> int:
        """Memory of what is not decoded."""
        return sum(blobs.size_bytes for blobs in self._blobs.values())

    def column(self, name: str) -> Column:
        """See `MetadataTable.column`.

        Raises:
            Damaged: It does not decode.
        """
        blobs = self._blobs[name]
        if self._keep is None:
            return decode_column(blobs, self._count)
        return self._keep(name, lambda: decode_column(blobs, self._count))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> Metadata: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Metadata]: ...

    def __getitem__(self, number: int | slice) -> Metadata | Sequence[Metadata]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(self._count))]
        if not -self._count <= number < self._count:
            raise IndexError(number)
        found = ((name, self.column(name).get(number)) for name in self.names)
        return tuple((name, text) for name, text in found if text is not None)


def _decode_columns(blob: bytes, count: int) -> Coded:
    try:
        start = 1 + _LENGTH.size
        (length,) = _LENGTH.unpack_from(blob, 1)
        directory: dict[str, Any] = orjson.loads(decode_bytes(blob[start : start + length]))
        start += length
        ids = _numbers(blob[start : start + directory["numbers"]], count, directory["sets"])
        start += directory["numbers"]
        blobs = {}
        for name, kind, codes_bytes, values_bytes in directory["columns"]:
            middle, end = start + codes_bytes, start + codes_bytes + values_bytes
            blobs[name] = ColumnBlobs(kind, blob[start:middle], blob[middle:end])
            start = end
        found = StoredMetadata(directory, blobs)
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise Damaged(f"metadata does not decode: {error}") from error
    if start != len(blob):
        raise Damaged("metadata has another length than it tells")
    return found, ids


def metadata_bytes(metadata: Coded) -> int:
    """Memory of decoded metadata, roughly; columns of stored ones apart."""
    sets, ids = metadata
    own = 0 if ids is None else ids.nbytes
    if isinstance(sets, StoredMetadata):
        return own + sets.size_bytes
    return own + _SET_BYTES * len(sets)

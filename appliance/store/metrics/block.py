"""Sealed blocks: one timestamp array and a matrix of values as a blob.

Layout: version u8, CRC-32 of the rest u32, length of the times u32, times (`codec.encode_array`),
values (`matrix.encode_matrix`).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.codec import Damaged, decode_array, encode_array
from appliance.store.metrics.matrix import EncodedMatrix, encode_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = struct.Struct("<BII")
_VERSION = 1


def encode_block(times: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """A block: int64[column] ascending, float64[row, column]; at least one of each."""
    packed = encode_array(times)
    rest = struct.pack("<I", len(packed)) + packed + encode_matrix(values)
    return struct.pack("<BI", _VERSION, zlib.crc32(rest)) + rest


class Block:
    """A block whose rows are decoded on demand.

    Attributes:
        times: int64[column], ascending.

    Raises:
        Damaged: Not a block.
    """

    def __init__(self, blob: bytes) -> None:
        if len(blob) < _HEADER.size:
            raise Damaged(f"block of {len(blob)} bytes is too short")
        version, checksum, length = _HEADER.unpack_from(blob)
        if version != _VERSION:
            raise Damaged(f"block has version {version}, known is {_VERSION}")
        if zlib.crc32(memoryview(blob)[5:]) != checksum:
            raise Damaged("block has a wrong checksum")
        at = _HEADER.size + length
        self.times: NDArray[np.int64] = decode_array(blob[_HEADER.size : at])
        self._matrix = EncodedMatrix(blob[at:])
        if len(self.times) != self._matrix.columns:
            raise Damaged("block has not as many times as columns")

    @property
    def row_count(self) -> int:
        """Rows of the matrix."""
        return self._matrix.rows

    def decode_into(self, rows: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Decode rows into float64[row, column], all columns.

        Raises:
            Damaged: A row does not decode.
        """
        if len(rows) and rows.max() >= self.row_count:
            raise Damaged(f"block has {self.row_count} rows, row {rows.max()} is wanted")
        self._matrix.decode_into(rows, out)

    def decode(self) -> NDArray[np.float64]:
        """All rows: float64[row, column]."""
        out = np.empty((self.row_count, len(self.times)), dtype=np.float64)
        self.decode_into(np.arange(self.row_count), out)
        return out

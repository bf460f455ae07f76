"""Sealed blocks: one timestamp array and a matrix of values as a blob.

Layout: version u8, CRC-32 of the rest u32, length of the times u32, times (`codec.encode_array`),
values (`matrix.encode_matrix`). Version 2, for blocks with native histograms, has the length of
the values u32 before them, and the histograms behind: for each row that has any the length of its
part u32, then the parts (`histogram_codec`); so that a few series can be read alone.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from appliance.store.codec import Damaged, decode_array, encode_array
from appliance.store.metrics.blocks import histogram_codec
from appliance.store.metrics.blocks.matrix import EncodedMatrix, encode_matrix
from appliance.store.metrics.histogram_pool import in_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram

_HEADER = struct.Struct("<BII")
_LENGTH = struct.Struct("<I")
_PLAIN, _WITH_HISTOGRAMS = 1, 2


def encode_block(
    times: NDArray[np.int64], values: NDArray[np.float64], histograms: Sequence[Histogram] = ()
) -> bytes:
    """A block: int64[column] ascending, float64[row, column]; at least one of each.

    Args:
        histograms: What boxed cells refer to; more than those is allowed.
    """
    packed = encode_array(times)
    rows = [in_order(row, histograms) for row in values] if histograms else []
    version, parts = _PLAIN, [_LENGTH.pack(len(packed)), packed]
    if any(rows):
        version = _WITH_HISTOGRAMS
        matrix = encode_matrix(values, has_histograms=True)
        pieces = [histogram_codec.encode(row) for row in rows if row]
        parts += [_LENGTH.pack(len(matrix)), matrix]
        parts += [_LENGTH.pack(len(piece)) for piece in pieces] + pieces
    else:
        parts.append(encode_matrix(values))
    rest = b"".join(parts)
    return struct.pack("<BI", version, zlib.crc32(rest)) + rest


class RowHistograms(Sequence["Histogram"]):
    """The histograms of a block, decoded row by row when asked for.

    Args:
        counts: int64[row].
        data: Lengths and parts.

    Raises:
        Damaged: Not such bytes; later too, when a row does not decode.
    """

    def __init__(self, counts: NDArray[np.int64], data: bytes) -> None:
        filled = np.flatnonzero(counts)
        try:
            lengths = np.frombuffer(data, np.uint32, len(filled))
        except ValueError as error:
            raise Damaged(f"histograms do not decode: {error}") from error
        ends = np.cumsum(lengths, dtype=np.int64) + 4 * len(filled)
        if len(filled) and ends[-1] != len(data):
            raise Damaged("histograms have not the length they should have")
        self._data = data
        self._bounds = [4 * len(filled), *ends.tolist()]
        self._firsts = [0, *np.cumsum(counts[filled]).tolist()]
        self._parts: dict[int, list[Histogram]] = {}
        self._part_of = np.where(counts > 0, np.cumsum(counts > 0) - 1, -1)

    def __len__(self) -> int:
        return int(self._firsts[-1])

    @overload
    def __getitem__(self, index: int) -> Histogram: ...
    @overload
    def __getitem__(self, index: slice) -> list[Histogram]: ...
    def __getitem__(self, index: int | slice) -> Histogram | list[Histogram]:
        if isinstance(index, slice):
            return [self[number] for number in range(len(self))[index]]
        part = bisect_right(self._firsts, index) - 1
        found = self._parts.get(part)
        if found is None:
            self._parts[part] = found = self._decode(part)
        item: Histogram = found[index - self._firsts[part]]
        return item

    def load(self, rows: NDArray[np.int64]) -> None:
        """Decode those of some rows.

        Raises:
            Damaged: They do not decode.
        """
        for part in self._part_of[rows].tolist():
            if part >= 0 and part not in self._parts:
                self._parts[part] = self._decode(part)

    def _decode(self, part: int) -> list[Histogram]:
        start, end = self._bounds[part : part + 2]
        found = histogram_codec.decode(self._data[start:end])
        if len(found) != self._firsts[part + 1] - self._firsts[part]:
            raise Damaged("block has not as many histograms as cells of them")
        return found


class Block:
    """A block whose rows are decoded on demand.

    Attributes:
        times: int64[column], ascending.
        histograms: What boxed cells refer to; of rows that are not decoded yet, looking at one
            may raise Damaged.

    Raises:
        Damaged: Not a block.
    """

    def __init__(self, blob: bytes) -> None:
        if len(blob) < _HEADER.size:
            raise Damaged(f"block of {len(blob)} bytes is too short")
        version, checksum, length = _HEADER.unpack_from(blob)
        if version not in {_PLAIN, _WITH_HISTOGRAMS}:
            raise Damaged(f"block has version {version}, known is {_WITH_HISTOGRAMS}")
        if zlib.crc32(memoryview(blob)[5:]) != checksum:
            raise Damaged("block has a wrong checksum")
        at = _HEADER.size + length
        self.times: NDArray[np.int64] = decode_array(blob[_HEADER.size : at])
        self.histograms: Sequence[Histogram] = ()
        if version == _PLAIN:
            self._matrix = EncodedMatrix(blob[at:])
        else:
            at += _LENGTH.size
            end = at + _LENGTH.unpack_from(blob, at - _LENGTH.size)[0]
            self._matrix = EncodedMatrix(blob[at:end], has_histograms=True)
            self.histograms = RowHistograms(self._matrix.histogram_counts, blob[end:])
        if len(self.times) != self._matrix.columns:
            raise Damaged("block has not as many times as columns")

    @property
    def row_count(self) -> int:
        """Rows of the matrix."""
        return self._matrix.rows

    @property
    def body_bytes(self) -> int:
        """Memory of the encoded matrix."""
        return self._matrix.body_bytes

    def decode_into(self, rows: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Decode rows into float64[row, column], all columns.

        Raises:
            Damaged: A row does not decode.
        """
        if len(rows) and rows.max() >= self.row_count:
            raise Damaged(f"block has {self.row_count} rows, row {rows.max()} is wanted")
        self._matrix.decode_into(rows, out)
        if isinstance(self.histograms, RowHistograms):
            self.histograms.load(rows)

    def decode(self) -> NDArray[np.float64]:
        """All rows: float64[row, column]."""
        out = np.empty((self.row_count, len(self.times)), dtype=np.float64)
        self.decode_into(np.arange(self.row_count), out)
        return out

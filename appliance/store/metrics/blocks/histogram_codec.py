"""Many native histograms ↔ bytes, in columns.

Successive histograms of a series mostly have the same buckets, so the layout (schema, zero
threshold, bounds, which buckets there are) stands once in a dictionary and a histogram costs its
counts only. Counts of one layout form a matrix [histogram, column] whose rows are stored as
differences to the row before: of integers where all are integers, else of bit patterns. All is
laid out in byte planes, column by column, and compressed with zstd.

Layout, before compression: version (u8), histograms (u32), layouts (u32); layout of each histogram
(u32), reset hint of each (u8), sum of each (f64 planes); per layout its description and its
matrix: count, zero count, positive counts, negative counts. There is no checksum: the block that
holds the bytes has one. Every bit of every number comes back (NaN kinds, -0.0, infinities).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base import zstd
from appliance.model.histogram import ResetHint
from appliance.model.histogram_batch import COUNT, SUM, ZERO, HistogramBatch
from appliance.store.codec import Damaged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram

    _Layout = tuple[int, float, bytes, bytes, bytes]

_VERSION = 1
_HEADER = struct.Struct("<BII")
#: schema, zero threshold, number of bounds, of positive and of negative buckets.
_LAYOUT = struct.Struct("<hdIII")
#: How the matrix is stored: width of a cell in bytes, 0 for bit patterns of float64.
_CELL = struct.Struct("<B")
_WIDTHS = (1, 2, 4, 8)
_LEVEL = 3
_EXACT_INTEGERS = 2.0**53


def encode(histograms: Sequence[Histogram]) -> bytes:
    """Histograms as bytes; those of a series next to each other take the least room."""
    numbers: dict[_Layout, int] = {}
    chosen = np.empty(len(histograms), dtype="<u4")
    for place, histogram in enumerate(histograms):
        chosen[place] = numbers.setdefault(_layout(histogram), len(numbers))
    members: list[list[Histogram]] = [[] for _ in numbers]
    for number, histogram in zip(chosen.tolist(), histograms, strict=True):
        members[number].append(histogram)
    sums = np.array([histogram.sum for histogram in histograms], dtype=np.float64)
    parts = [
        _HEADER.pack(_VERSION, len(histograms), len(numbers)),
        chosen.tobytes(),
        bytes(histogram.reset_hint for histogram in histograms),
        _planes(_xor_rows(sums.view(np.uint64).reshape(-1, 1)), 8),
    ]
    for layout, group in zip(numbers, members, strict=True):
        schema, threshold, bounds, positive, negative = layout
        sizes = (len(part) // 8 for part in (bounds, positive, negative))
        parts += [_LAYOUT.pack(schema, threshold, *sizes), bounds, positive, negative]
        parts.append(_encode_matrix(np.array([_row(histogram) for histogram in group])))
    return zstd.compress(b"".join(parts), _LEVEL)


def decode(data: bytes) -> list[Histogram]:
    """What `encode` was given, as rows of a batch per layout.

    Raises:
        Damaged: Not such bytes.
    """
    try:
        reader = _Reader(zstd.decompress(data))
        found = _decode(reader)
    except (struct.error, ValueError, IndexError, zstd.ZstdError) as error:
        raise Damaged(f"histograms do not decode: {error}") from error
    if reader.at != len(reader.data):
        raise Damaged("histograms have bytes left over")
    return found


def _decode(reader: _Reader) -> list[Histogram]:
    version, total, layouts = reader.unpack(_HEADER)
    if version != _VERSION:
        raise Damaged(f"histograms have version {version}, which is unknown")
    chosen = reader.array("<u4", total)
    if layouts > total or (total and int(chosen.max()) >= layouts):
        raise Damaged("histograms name a layout that is not there")
    hints = reader.array("u1", total)
    if total and int(hints.max()) > max(ResetHint):
        raise Damaged("histograms have a reset hint that is unknown")
    sums = _unxor_rows(reader.planes(8, total, 1)).view(np.float64)[:, 0]
    found: list[Histogram | None] = [None] * total
    order = np.argsort(chosen, kind="stable")
    ends = np.cumsum(np.bincount(chosen, minlength=layouts)).tolist()
    for start, end in zip([0, *ends], ends, strict=False):
        places = order[start:end]
        batch = _decode_layout(reader, sums[places], hints[places])
        for place, histogram in zip(places.tolist(), batch.rows(), strict=True):
            found[place] = histogram
    return [histogram for histogram in found if histogram is not None]


def _layout(histogram: Histogram) -> _Layout:
    return (
        histogram.schema,
        histogram.zero_threshold,
        histogram.custom_values.astype("<f8").tobytes(),
        histogram.positive.indexes.astype("<i8").tobytes(),
        histogram.negative.indexes.astype("<i8").tobytes(),
    )


def _row(histogram: Histogram) -> NDArray[np.float64]:
    return np.concatenate(
        [
            [histogram.count, histogram.zero_count],
            histogram.positive.counts,
            histogram.negative.counts,
        ]
    )


def _decode_layout(
    reader: _Reader, sums: NDArray[np.float64], hints: NDArray[np.uint8]
) -> HistogramBatch:
    """The histograms of the next layout."""
    schema, threshold, bounds, positive, negative = reader.unpack(_LAYOUT)
    custom = reader.array("<f8", bounds)
    indexes = reader.array("<i8", positive), reader.array("<i8", negative)
    (width,) = reader.unpack(_CELL)
    rows, columns = len(sums), 2 + positive + negative
    if width == 0:
        matrix = _unxor_rows(reader.planes(8, rows, columns)).view(np.float64)
    elif width in _WIDTHS:
        steps = reader.planes(width, rows, columns)
        matrix = np.cumsum(_unzigzag(steps), axis=0).astype(np.float64)
    else:
        raise Damaged(f"histograms have cells of {width} bytes")
    numbers = np.empty((rows, 1 + columns))
    numbers[:, COUNT], numbers[:, SUM] = matrix[:, 0], sums
    numbers[:, ZERO:] = matrix[:, 1:]
    return HistogramBatch(schema, threshold, custom, *indexes, numbers, hints)


def _encode_matrix(matrix: NDArray[np.float64]) -> bytes:
    bits = np.ascontiguousarray(matrix).view(np.uint64)
    with np.errstate(invalid="ignore"):
        whole = matrix.astype(np.int64)
    is_whole = (whole.astype(np.float64).view(np.uint64) == bits).all()
    if not is_whole or np.abs(matrix).max(initial=0) > _EXACT_INTEGERS:
        return _CELL.pack(0) + _planes(_xor_rows(bits), 8)
    steps = np.diff(whole, axis=0, prepend=0)
    zigzag = ((steps << 1) ^ (steps >> 63)).view(np.uint64)
    highest = int(zigzag.max(initial=0))
    width = next(size for size in _WIDTHS if highest < 1 << (8 * size))
    return _CELL.pack(width) + _planes(zigzag, width)


def _unzigzag(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (values >> np.uint64(1)).view(np.int64) ^ -(values & np.uint64(1)).view(np.int64)


def _xor_rows(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    changed = bits.copy()
    changed[1:] ^= bits[:-1]
    return changed


def _unxor_rows(changed: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.bitwise_xor.accumulate(changed, axis=0)


def _planes(values: NDArray[np.uint64], width: int) -> bytes:
    """uint64[row, column] as its lowest `width` bytes: all first bytes, then all second ones."""
    cells = np.ascontiguousarray(values.T).astype("<u8").view(np.uint8).reshape(-1, 8)
    return np.ascontiguousarray(cells[:, :width].T).tobytes()


class _Reader:
    """Takes things from bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def _take(self, size: int) -> int:
        start = self.at
        if start + size > len(self.data):
            raise Damaged("histograms end too early")
        self.at += size
        return start

    def unpack(self, form: struct.Struct) -> tuple[Any, ...]:
        return form.unpack_from(self.data, self._take(form.size))

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        start = self._take(np.dtype(dtype).itemsize * count)
        return np.frombuffer(self.data, dtype, count, start)

    def planes(self, width: int, rows: int, columns: int) -> NDArray[np.uint64]:
        """uint64[row, column]."""
        data = self.array("u1", width * rows * columns)
        cells = np.zeros((rows * columns, 8), dtype=np.uint8)
        cells[:, :width] = data.reshape(width, -1).T
        return np.ascontiguousarray(cells.view("<u8").reshape(columns, rows).T)

"""Rows of sample values ↔ bytes, bit for bit.

Each row is one of: a constant; exact decimals scaled to int64; float64; the latter two through
pcodec, row by row (one call for a whole matrix doubles the size). Rows of a few columns are stored
as they are: a call of pcodec costs as much for few values as for many, and such blocks are soon
joined (`upkeep/compaction.py`). Cells that are absent, stale or
stand for histograms take their neighbour's value, which costs next to nothing, and are marked in
bitmaps beside it. The histograms themselves are elsewhere (`block.py`), in the order of the cells,
row by row: a cell's index follows from the bitmaps.

Layout, before zstd: rows u32, columns u32, kind u8[rows], marked u8[rows], length u32[rows],
bitmaps u8[marked rows, planes, (columns + 7) // 8] (any mark; stale; histogram), the rows'
payloads. A matrix without histograms has two planes, one with histograms three.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from appliance.base import zstd
from appliance.model.sample import (
    ABSENT,
    STALE,
    box_histograms,
    is_absent,
    is_histogram,
    is_stale,
)
from appliance.store.codec import Damaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHAPE = struct.Struct("<II")
#: Kinds of rows; smaller ones are the power of ten of exact decimals.
_CONSTANT, _FLOAT, _PLAIN = 255, 254, 253
#: Matrices of fewer columns have plain rows.
_SHORT = 24
_MAX_POWER = 9
#: Integers up to here are exact as float64.
_EXACT = float(1 << 53)
#: Columns looked at first when a power of ten is tried.
_PROBE = 16


def encode_matrix(values: NDArray[np.float64], *, has_histograms: bool = False) -> bytes:
    """float64[row, column], at least one of each, as bytes.

    Args:
        has_histograms: Whether cells may stand for histograms; `EncodedMatrix` must be told.
    """
    values = np.ascontiguousarray(values)
    filled, planes = _fill(values, has_histograms=has_histograms)
    bits = filled.view(np.uint64)
    kinds = np.full(len(filled), _FLOAT, dtype=np.uint8)
    if values.shape[1] < _SHORT:
        kinds[:] = _PLAIN
    kinds[(bits == bits[:, :1]).all(axis=1)] = _CONSTANT
    scaled = _scale(filled, kinds)
    payloads = _encode_rows(filled, kinds, scaled)
    marked = planes[0].any(axis=1)
    lengths = np.fromiter(map(len, payloads), dtype=np.uint32, count=len(payloads))
    bitmaps = np.packbits(np.stack([plane[marked] for plane in planes], axis=1), axis=2)
    parts = [
        _SHAPE.pack(*values.shape),
        kinds.tobytes(),
        marked.astype(np.uint8).tobytes(),
        lengths.tobytes(),
        bitmaps.tobytes(),
        *payloads,
    ]
    return zstd.compress(b"".join(parts), 3)


class EncodedMatrix:
    """A matrix whose rows are decoded on demand.

    Args:
        data: What `encode_matrix` made.
        has_histograms: As it was told.

    Attributes:
        rows, columns: The matrix's shape.
        histogram_counts: int64[row], cells that stand for histograms.

    Raises:
        Damaged: Not such bytes.
    """

    def __init__(self, data: bytes, *, has_histograms: bool = False) -> None:
        planes = 3 if has_histograms else 2
        try:
            body = zstd.decompress(data)
            rows, columns = _SHAPE.unpack_from(body)
            at = _SHAPE.size
            self._kinds = np.frombuffer(body, np.uint8, rows, at)
            self._marked = np.frombuffer(body, np.uint8, rows, at + rows)
            lengths = np.frombuffer(body, np.uint32, rows, at + 2 * rows)
            at += 6 * rows
            count, width = int(self._marked.sum()), (columns + 7) // 8
            bitmaps = np.frombuffer(body, np.uint8, count * planes * width, at)
        except (ValueError, struct.error, zstd.ZstdError) as error:
            raise Damaged(f"matrix does not decode: {error}") from error
        self.rows: int = rows
        self.columns: int = columns
        self._bitmaps = bitmaps.reshape(count, planes, width)
        self.histogram_counts: NDArray[np.int64] = np.zeros(rows, dtype=np.int64)
        if has_histograms:
            bits = np.bitwise_count(self._bitmaps[:, 2]).sum(axis=1)
            self.histogram_counts[np.flatnonzero(self._marked)] = bits
        ends = at + bitmaps.nbytes + np.cumsum(lengths, dtype=np.int64)
        self._ends = ends
        self._starts = ends - lengths
        self._body = body
        if rows == 0 or ends[-1] != len(body):
            raise Damaged(f"matrix of {rows} rows has not the length it should have")

    @property
    def body_bytes(self) -> int:
        """Memory of what is decoded from."""
        return len(self._body)

    def decode_into(self, rows: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Decode some rows.

        Args:
            rows: int64[n].
            out: float64[n, column]; the last axis is contiguous.

        Raises:
            Damaged: A row does not decode.
        """
        from pcodec import standalone  # noqa: PLC0415 - lazy

        integers = out.view(np.int64)
        kinds = self._kinds[rows]
        constant, plain = kinds == _CONSTANT, kinds == _PLAIN
        coded = np.flatnonzero(~(constant | plain))
        body, starts, ends = self._body, self._starts[rows], self._ends[rows]
        for mask, width in ((constant, 8), (plain, 8 * self.columns)):
            if mask.any():
                cells = starts[mask][:, None] + np.arange(width)
                raw = np.frombuffer(body, np.uint8)[cells]
                out[mask] = np.ascontiguousarray(raw).view(np.float64)
        is_float = (kinds == _FLOAT).tolist()
        try:
            for row in coded.tolist():
                target = out[row] if is_float[row] else integers[row]
                standalone.simple_decompress_into(body[starts[row] : ends[row]], target)
        except (RuntimeError, TypeError, ValueError) as error:
            raise Damaged(f"row does not decode: {error}") from error
        for power in np.unique(kinds[kinds <= _MAX_POWER]).tolist():
            scaled = kinds == power
            out[scaled] = integers[scaled] / 10.0**power
        self._mark(rows, out)

    def _mark(self, rows: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Put absent cells, staleness markers and indexes of histograms back."""
        marked = np.flatnonzero(self._marked[rows])
        if not len(marked):
            return
        number = np.cumsum(self._marked, dtype=np.int64) - 1
        bitmaps = self._bitmaps[number[rows[marked]]]
        masks = np.unpackbits(bitmaps, axis=2, count=self.columns).astype(np.bool_)
        part = out[marked]
        part[masks[:, 0]] = ABSENT
        part[masks[:, 1]] = STALE
        if masks.shape[1] > 2:
            before = np.cumsum(self.histogram_counts) - self.histogram_counts
            within = np.cumsum(masks[:, 2], axis=1) - 1
            indexes = within + before[rows[marked]][:, None]
            part[masks[:, 2]] = box_histograms(indexes[masks[:, 2]])
        out[marked] = part


def _fill(
    values: NDArray[np.float64], *, has_histograms: bool
) -> tuple[NDArray[np.float64], list[NDArray[np.bool_]]]:
    """Values without marks, and which cells had one: any, stale, histogram; all [row, column]."""
    stale = is_stale(values)
    planes = [stale | is_absent(values), stale]
    if has_histograms:
        planes.append(is_histogram(values))
        planes[0] |= planes[2]
    marks = planes[0]
    rows = np.flatnonzero(marks.any(axis=1))
    if not len(rows):
        return values, planes
    part, clear = values[rows], ~marks[rows]
    columns = np.arange(values.shape[1])
    source = np.maximum.accumulate(np.where(clear, columns, -1), axis=1)
    # Cells before the first value take that one; a row without any takes zero.
    source = np.where(source < 0, clear.argmax(axis=1)[:, None], source)
    part = np.take_along_axis(part, source, axis=1)
    part[~clear.any(axis=1)] = 0.0
    filled = values.copy()
    filled[rows] = part
    return filled, planes


def _scale(values: NDArray[np.float64], kinds: NDArray[np.uint8]) -> dict[int, NDArray[np.int64]]:
    """Rows of exact decimals as integers; their kind becomes the power of ten."""
    found: dict[int, NDArray[np.int64]] = {}
    rest = np.flatnonzero(kinds == _FLOAT)
    for power in range(_MAX_POWER + 1):
        if not len(rest):
            break
        likely = rest[_as_integers(values[rest, :_PROBE], power)[1]]
        integers, exact = _as_integers(values[likely], power)
        kinds[likely[exact]] = power
        found.update(zip(likely[exact].tolist(), integers[exact].astype(np.int64), strict=True))
        rest = np.setdiff1d(rest, likely[exact], assume_unique=True)
    return found


def _as_integers(
    values: NDArray[np.float64], power: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values times a power of ten, rounded, and which rows come back from it bit for bit."""
    scale = 10.0**power
    with np.errstate(invalid="ignore", over="ignore"):
        integers = np.rint(values * scale) + 0.0  # -0.0 becomes 0.0, hence not exact
        back = np.ascontiguousarray(integers / scale).view(np.uint64)
        same = back == np.ascontiguousarray(values).view(np.uint64)
        exact = (same & (np.abs(integers) <= _EXACT)).all(axis=1)
    return integers, exact


def _encode_rows(
    values: NDArray[np.float64],
    kinds: NDArray[np.uint8],
    scaled: dict[int, NDArray[np.int64]],
) -> list[bytes]:
    from pcodec import ChunkConfig, standalone  # noqa: PLC0415 - lazy

    config, compress = ChunkConfig(compression_level=4), standalone.simple_compress
    raw, width = values.tobytes(), 8 * values.shape[1]
    payloads = []
    for number, kind in enumerate(kinds.tolist()):
        start = number * width
        if kind == _CONSTANT:
            payloads.append(raw[start : start + 8])
        elif kind == _PLAIN:
            payloads.append(raw[start : start + width])
        else:
            payloads.append(compress(scaled.get(number, values[number]), config))
    return payloads

"""Prometheus' XOR chunks of float samples (tsdb/docs/format/chunks.md), encoding only.

A bit string is computed for all samples at once: each is some fields of known widths. The format
lets an encoder reuse the window of significant bits of the sample before; this one states it anew
each time, which makes samples independent of each other, at 11 bits each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.wire.remote.encode import varint

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Samples of a chunk, as Prometheus makes them.
CHUNK_SAMPLES = 120
#: Control bits and widths of a change of the interval: (largest width, prefix, prefix bits).
_RANGES = ((14, 0b10, 2), (17, 0b110, 3), (20, 0b1110, 4))
_ONE = np.uint64(1)

_Fields = list[tuple["NDArray[np.uint64]", "NDArray[np.int64]"]]


def encode_chunk(times: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """One chunk.

    Args:
        times: int64[sample], milliseconds, ascending; 1 to 65,535.
        values: float64[sample].
    """
    count = len(times)
    bits = np.ascontiguousarray(values).view(np.uint64)
    first = int(times[0])
    zigzag = first << 1 if first >= 0 else (-first << 1) - 1
    head = count.to_bytes(2) + varint(zigzag) + int(bits[0]).to_bytes(8)
    if count == 1:
        return head
    deltas = np.diff(times)
    head += varint(int(deltas[0]))
    fields = _value_fields(bits[1:] ^ bits[:-1])
    if count == 2:
        return head + _pack(fields)
    zero = np.zeros(1, dtype=np.uint64)
    none = np.zeros(1, dtype=np.int64)
    timed = [
        (np.concatenate([zero, field]), np.concatenate([none, width]))
        for field, width in _time_fields(np.diff(deltas))
    ]
    return head + _pack(timed + fields)


def _time_fields(changes: NDArray[np.int64]) -> _Fields:
    """Prefix and content of each change of the interval."""
    prefix = np.full(len(changes), 0b1111, dtype=np.uint64)
    prefix_width = np.full(len(changes), 4, dtype=np.int64)
    width = np.full(len(changes), 64, dtype=np.int64)
    for size, code, code_width in reversed(_RANGES):
        edge = 1 << (size - 1)
        fits = (changes >= 1 - edge) & (changes <= edge)
        prefix[fits], prefix_width[fits], width[fits] = code, code_width, size
    same = changes == 0
    prefix[same], prefix_width[same], width[same] = 0, 1, 0
    return [(prefix, prefix_width), (changes.view(np.uint64), width)]


def _value_fields(xor: NDArray[np.uint64]) -> _Fields:
    """Control bits, window and significant bits of each value."""
    differs = xor != 0
    leading = np.minimum(63 - _log2(xor), 31)
    trailing = _log2(xor & (~xor + _ONE))
    significant = 64 - leading - trailing
    nothing = np.where(differs, 5, 0)
    return [
        (np.where(differs, 0b11, 0).astype(np.uint64), np.where(differs, 2, 1)),
        (leading.astype(np.uint64), nothing),
        ((significant & 63).astype(np.uint64), np.where(differs, 6, 0)),
        (xor >> trailing.astype(np.uint64), np.where(differs, significant, 0)),
    ]


def _log2(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The highest bit of each number; 0 for 0."""
    found = np.zeros(len(numbers), dtype=np.int64)
    rest = numbers.copy()
    for step in (32, 16, 8, 4, 2, 1):
        big = rest >= (_ONE << np.uint64(step))
        found[big] += step
        rest[big] >>= np.uint64(step)
    return found


def _pack(fields: _Fields) -> bytes:
    """The bits of all fields, sample by sample, the most significant first."""
    content = np.stack([field for field, _ in fields], axis=1).ravel()
    widths = np.stack([width for _, width in fields], axis=1).ravel()
    total = int(widths.sum())
    ends = np.repeat(np.cumsum(widths), widths)
    shifts = (ends - 1 - np.arange(total)).astype(np.uint64)
    bits = (np.repeat(content, widths) >> shifts) & _ONE
    return np.packbits(bits.astype(np.uint8)).tobytes()

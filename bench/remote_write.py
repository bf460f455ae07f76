"""Bodies of remote write 1.0, made quickly: many samples of many series with the same times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cramjam
import numpy as np
from numpy.typing import NDArray


def labels_bytes(labels: Mapping[str, str]) -> bytes:
    """The label pairs of a TimeSeries message, sorted."""
    return b"".join(
        _field(1, _field(1, name.encode()) + _field(2, labels[name].encode()))
        for name in sorted(labels)
    )


def request(
    series: Sequence[bytes], times_ms: NDArray[np.int64], values: NDArray[np.float64]
) -> bytes:
    """A compressed WriteRequest.

    Args:
        series: Label bytes of each.
        times_ms: int64[time]; all of six varint bytes, as today's are.
        values: float64[series, time].
    """
    count = len(times_ms)
    sample = np.zeros((len(series), count, 18), dtype=np.uint8)
    sample[:, :, 0], sample[:, :, 1], sample[:, :, 2] = 0x12, 16, 0x09
    raw = np.ascontiguousarray(values).view(np.uint8).reshape(len(series), count, 8)
    sample[:, :, 3:11] = raw
    sample[:, :, 11] = 0x10
    for byte in range(6):
        bits = (times_ms >> (7 * byte)) & 0x7F
        sample[:, :, 12 + byte] = bits | (0x80 if byte < 5 else 0)
    parts = [_field(1, series[row] + sample[row].tobytes()) for row in range(len(series))]
    return bytes(cramjam.snappy.compress_raw(b"".join(parts)))


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)

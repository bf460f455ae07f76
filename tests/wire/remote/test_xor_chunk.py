"""XOR chunks against a decoder of their own, bit by bit as the format describes it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.wire.remote.xor_chunk import encode_chunk


class Bits:
    """Reads a chunk."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | (self._data[self._at >> 3] >> (7 - self._at % 8)) & 1
            self._at += 1
        return value

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(8)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value


def decode(data: bytes) -> list[tuple[int, int]]:
    """(time, bits of the value) of each sample."""
    bits = Bits(data)
    count = bits.take(16)
    zigzag = bits.varint()
    time, value = (zigzag >> 1) ^ -(zigzag & 1), bits.take(64)
    found = [(time, value)]
    delta = leading = trailing = 0
    for n in range(1, count):
        delta = bits.varint() if n == 1 else delta + _change(bits)
        time += delta
        if bits.take(1):
            if bits.take(1):
                leading, size = bits.take(5), bits.take(6) or 64
                trailing = 64 - leading - size
            value ^= bits.take(64 - leading - trailing) << trailing
        found.append((time, value))
    return found


def _change(bits: Bits) -> int:
    size = 0
    for size in (0, 14, 17, 20):  # noqa: B007 - the last one stays
        if not bits.take(1):
            break
    else:
        size = 64
    value = bits.take(size)
    if size == 64:
        return value - (1 << 64) if value >> 63 else value
    return value - (1 << size) if size and value > 1 << (size - 1) else value


@given(
    st.lists(
        st.tuples(st.integers(-(1 << 50), 1 << 50), st.integers(0, (1 << 64) - 1)),
        min_size=1,
        max_size=130,
        unique_by=lambda item: item[0],
    )
)
def test_what_is_encoded_is_decoded(samples: list[tuple[int, int]]) -> None:
    samples.sort()
    times = np.array([at for at, _ in samples], dtype=np.int64)
    values = np.array([bits for _, bits in samples], dtype=np.uint64).view(np.float64)
    assert decode(encode_chunk(times, values)) == samples


def test_regular_samples_are_small() -> None:
    times = np.arange(120, dtype=np.int64) * 15_000
    assert len(encode_chunk(times, np.full(120, 1.0))) < 60
    changes = np.array([0, 8191, 8192, -8191, 65_536, -65_535, 524_288, -524_287, 600_000])
    times = np.cumsum(np.concatenate([[10**9, 10**6], 10**6 + np.cumsum(changes)]))
    assert [at for at, _ in decode(encode_chunk(times, times.astype(np.float64)))] == times.tolist()

from __future__ import annotations

import struct

import numpy as np
import pytest

from appliance.base import zstd
from appliance.model.histogram import Buckets, Histogram
from appliance.store.codec import Damaged
from appliance.store.metrics.blocks.histogram_codec import decode, encode
from tests.promql.histograms.model import h


def test_layouts_are_stored_once() -> None:
    indexes = np.arange(-10, 30, dtype=np.int64)
    rng = np.random.default_rng(1)
    counts = np.cumsum(rng.poisson(2, (500, 40)), axis=0).astype(np.float64)
    histograms = [
        Histogram(3, float(row.sum()), 1.5, 0.001, 0.0, Buckets(indexes, row)) for row in counts
    ]
    assert len(encode(histograms)) < 500 * 30
    found = decode(encode(histograms))
    assert found[0].positive.indexes is found[-1].positive.indexes
    assert (found[77].positive.counts == counts[77]).all()


def test_counts_of_every_kind_come_back_bit_by_bit() -> None:
    odd = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
    counts = np.array([-0.0, np.nan, odd, np.inf, -np.inf, 5e-324, 1.7e308, 2.0**53 + 2])
    before = Histogram(0, odd, -0.0, 0.5, -0.0, Buckets(np.arange(8, dtype=np.int64), counts))
    (after,) = decode(encode([before]))
    assert after.positive.counts.tobytes() == counts.tobytes()
    assert struct.pack("<ddd", after.count, after.sum, after.zero_count) == struct.pack(
        "<ddd", before.count, before.sum, before.zero_count
    )


def test_nothing_and_empty_histograms() -> None:
    assert decode(encode([])) == []
    (found,) = decode(encode([h("count:0")]))
    assert len(found.positive.indexes) == 0


@pytest.mark.parametrize("kept", [0, 1, 8, 20, 40])
def test_cut_bytes_are_damaged(kept: int) -> None:
    data = encode([h("count:3 sum:2 buckets:[1 2]"), h("schema:-53 custom_values:[1] buckets:[1]")])
    with pytest.raises(Damaged):
        decode(data[:kept])
    raw = zstd.decompress(data)
    with pytest.raises(Damaged):
        decode(zstd.compress(raw[:kept], 1))
    with pytest.raises(Damaged):
        decode(zstd.compress(raw + b"\0", 1))


def test_an_unknown_version_is_damaged() -> None:
    raw = bytearray(zstd.decompress(encode([h("count:3")])))
    raw[0] = 99
    with pytest.raises(Damaged, match="version 99"):
        decode(zstd.compress(bytes(raw), 1))

"""Blocks: times and values together, damage found."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.histogram import Buckets, Histogram
from appliance.model.sample import ABSENT, box_histograms, is_histogram, unbox_histograms
from appliance.store.codec import Damaged
from appliance.store.metrics.blocks.block import Block, encode_block

TIMES = np.array([-5, 0, 1 << 60], dtype=np.int64)
VALUES = np.array([[1.0, 2.0, 3.5], [0.1, 0.1, 0.1]])


def test_block_gives_back_times_and_values() -> None:
    block = Block(encode_block(TIMES, VALUES))
    assert block.times.tolist() == TIMES.tolist()
    assert block.decode().tolist() == VALUES.tolist()
    assert block.row_count == 2


def test_any_changed_byte_is_found() -> None:
    blob = encode_block(TIMES, VALUES)
    for at in range(len(blob)):
        changed = bytearray(blob)
        changed[at] ^= 0x40
        with pytest.raises(Damaged):
            Block(bytes(changed))


def test_any_truncation_is_found() -> None:
    blob = encode_block(TIMES, VALUES)
    for size in range(len(blob)):
        with pytest.raises(Damaged):
            Block(blob[:size])


def test_a_row_that_is_not_there_is_damage() -> None:
    block = Block(encode_block(TIMES, VALUES))
    with pytest.raises(Damaged, match="row 2 is wanted"):
        block.decode_into(np.array([2]), np.empty((1, 3)))


def histograms(count: int) -> list[Histogram]:
    buckets = [Buckets(np.arange(3), np.array([n, n + 1.0, 0.5])) for n in range(count)]
    return [Histogram(2, float(n), n * 0.1, positive=each) for n, each in enumerate(buckets)]


def mixed() -> tuple[np.ndarray, list[Histogram]]:
    """Rows: all histograms, floats, histograms and others; what they refer to, in no order."""
    pool = histograms(10)
    values = np.full((3, 3), 1.5)
    values[0] = box_histograms(np.array([7, 2, 7]))
    values[2, 1:] = [ABSENT, box_histograms(np.array([9]))[0]]
    return values, pool


def test_block_gives_back_histograms() -> None:
    values, pool = mixed()
    block = Block(encode_block(TIMES, values, pool))
    found = block.decode()
    assert is_histogram(found).tolist() == is_histogram(values).tolist()
    indexes = unbox_histograms(found[is_histogram(found)]).tolist()
    assert [block.histograms[index].count for index in indexes] == [7.0, 2.0, 7.0, 9.0]
    assert [item.count for item in block.histograms[1:]] == [2.0, 7.0, 9.0]
    assert found[1].tolist() == [1.5, 1.5, 1.5]
    assert found[2, 0] == 1.5
    assert len(block.histograms) == 4


def test_rows_of_histograms_are_read_alone() -> None:
    values, pool = mixed()
    block = Block(encode_block(TIMES, values, pool))
    out = np.empty((1, 3))
    block.decode_into(np.array([2]), out)
    index = int(unbox_histograms(out[0, 2:])[0])
    found = block.histograms[index]
    assert found.count == 9.0
    assert found.positive.counts.tolist() == [9.0, 10.0, 0.5]


def test_blocks_without_histograms_have_the_first_version() -> None:
    pool = histograms(2)
    assert encode_block(TIMES, VALUES, pool) == encode_block(TIMES, VALUES)
    assert encode_block(TIMES, VALUES)[0] == 1
    assert encode_block(TIMES, mixed()[0], histograms(10))[0] == 2
    assert Block(encode_block(TIMES, VALUES)).histograms == ()


def test_damaged_histograms_are_found_when_read() -> None:
    values, pool = mixed()
    blob = bytearray(encode_block(TIMES, values, pool))
    blob[-3] ^= 1
    with pytest.raises(Damaged):
        Block(bytes(blob))

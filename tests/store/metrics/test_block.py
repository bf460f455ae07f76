"""Blocks: times and values together, damage found."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.store.codec import Damaged
from appliance.store.metrics.block import Block, encode_block

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

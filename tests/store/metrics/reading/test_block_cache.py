"""Blocks are kept for the next query, never one that was rewritten meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.store.metrics.blocks.block import Block, encode_block
from appliance.store.metrics.reading.block_cache import BlockCache, CachedBlock, OpenBlock

BLOCK = CachedBlock(np.array([1]), np.array([[1.0]]), ())
OPENED = OpenBlock(Block(encode_block(BLOCK.times, BLOCK.values)))


def test_a_query_that_began_before_a_rewrite_keeps_nothing() -> None:
    made = BlockCache(1 << 20)
    before = made.epoch
    made.keep(1, BLOCK, before)
    made.rewritten([1])
    assert made.decoded.get(1) is None
    made.keep(1, BLOCK, before)
    assert made.decoded.get(1) is None
    made.keep(2, BLOCK, before)
    assert made.decoded.get(2) is BLOCK
    made.keep(1, BLOCK, made.epoch)
    assert made.decoded.get(1) is BLOCK


def test_what_is_remembered_of_rewrites_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.store.metrics.reading.block_cache._REMEMBERED", 3)
    made = BlockCache(1 << 20)
    before = made.epoch
    made.rewritten(range(10))
    made.keep(5, BLOCK, before)
    assert made.decoded.get(5) is None
    made.keep(5, BLOCK, made.epoch)
    assert made.decoded.get(5) is BLOCK


def test_a_rewritten_block_is_gone_in_both_forms() -> None:
    made = BlockCache(1 << 20)
    made.keep(1, BLOCK, made.epoch)
    made.keep(1, OPENED, made.epoch)
    assert made.decoded.get(1) is BLOCK
    assert made.opened.get(1) is OPENED
    before = made.epoch
    made.rewritten([1])
    made.keep(1, OPENED, before)
    assert made.decoded.get(1) is None
    assert made.opened.get(1) is None


def test_decoded_blocks_do_not_drive_out_opened_ones() -> None:
    made = BlockCache(1 << 20)
    made.keep(0, OPENED, made.epoch)
    large = CachedBlock(np.arange(100), np.zeros((100, 100)), ())
    for number in range(1, 40):
        made.keep(number, large, made.epoch)
    assert made.decoded.get(1) is None
    assert made.decoded.get(39) is large
    assert made.opened.get(0) is OPENED


def test_the_second_opening_is_known_as_such() -> None:
    made = BlockCache(1 << 20)
    assert [made.note_opening(number) for number in (7, 8, 7)] == [False, False, True]

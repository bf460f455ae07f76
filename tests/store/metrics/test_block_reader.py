"""Decoded blocks are kept for the next query, never one that was rewritten meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.telemetry import Telemetry
from appliance.store.metrics.block_reader import BlockReader, CachedBlock

BLOCK = CachedBlock(np.array([1]), np.array([[1.0]]), ())


def reader() -> BlockReader:
    damaged = Telemetry().counter("damaged_total", "Damaged.", ("signal",)).labels("metrics")
    return BlockReader(1 << 20, damaged)


def test_a_query_that_began_before_a_rewrite_keeps_nothing() -> None:
    made = reader()
    before = made.epoch
    made.keep(1, BLOCK, before)
    made.rewritten([1])
    assert made.cache.get(1) is None
    made.keep(1, BLOCK, before)
    assert made.cache.get(1) is None
    made.keep(2, BLOCK, before)
    assert made.cache.get(2) is BLOCK
    made.keep(1, BLOCK, made.epoch)
    assert made.cache.get(1) is BLOCK


def test_what_is_remembered_of_rewrites_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.store.metrics.block_reader._REMEMBERED", 3)
    made = reader()
    before = made.epoch
    made.rewritten(range(10))
    made.keep(5, BLOCK, before)
    assert made.cache.get(5) is None
    made.keep(5, BLOCK, made.epoch)
    assert made.cache.get(5) is BLOCK

"""Boxed cells keep what they refer to when they move; users' NaN never pass for them."""

from __future__ import annotations

import numpy as np

from appliance.model.histogram import Histogram
from appliance.model.sample import (
    ABSENT,
    NORMAL_NAN_BITS,
    STALE,
    box_histograms,
    is_absent,
    is_histogram,
    is_stale,
    unbox_histograms,
)
from appliance.store.metrics.histogram_pool import adopt, in_order, normalised, shifted, size_of

POOL = [Histogram(0, float(count), 0.0) for count in range(4)]


def boxed(*indexes: int) -> np.ndarray:
    return box_histograms(np.array(indexes))


def test_adopted_cells_refer_to_the_same_histograms() -> None:
    cells = np.concatenate([[1.0], boxed(3, 1, 3), [STALE]])
    target = [Histogram(0, 99.0, 0.0)]
    adopt(cells, POOL, target)
    found = unbox_histograms(cells[1:4]).tolist()
    assert [target[index].count for index in found] == [3.0, 1.0, 3.0]
    assert len(target) == 3, "each histogram once, unused ones not at all"
    assert cells[0] == 1.0
    assert is_stale(cells)[4]


def test_shifted_and_ordered_cells() -> None:
    cells = np.concatenate([boxed(2, 0), [7.0]])
    assert unbox_histograms(shifted(cells, 10)[:2]).tolist() == [12, 10]
    assert shifted(cells, 10)[2] == 7.0
    assert [item.count for item in in_order(cells, POOL)] == [2.0, 0.0]
    assert size_of(POOL) > size_of(POOL[:1]) > 0


def test_strange_nans_become_ordinary_ones() -> None:
    given = np.concatenate([boxed(0, 5), [ABSENT, STALE, 1.0]])
    pushed = normalised(given, 1, may_be_absent=False)
    assert is_histogram(pushed).tolist() == [True, False, False, False, False]
    assert pushed.view(np.uint64)[[1, 2]].tolist() == [NORMAL_NAN_BITS] * 2
    assert is_stale(pushed)[3]
    scraped = normalised(given, 0, may_be_absent=True)
    assert is_absent(scraped).tolist() == [False, False, True, False, False]
    assert not is_histogram(scraped).any()
    assert normalised(given[4:], 0, may_be_absent=False) is not None

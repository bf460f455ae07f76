from __future__ import annotations

import numpy as np

from appliance.model.histogram import Buckets
from appliance.promql.histograms.buckets import aligned, beyond, mapped, populated

SIDE = Buckets(np.array([0, 1, 3]), np.array([1.0, 0.0, 4.0]))


def test_aligned_fills_what_a_side_has_not() -> None:
    other = Buckets(np.array([1, 2]), np.array([5.0, 6.0]))
    indexes, (ours, theirs) = aligned([SIDE, other])
    assert indexes.tolist() == [0, 1, 2, 3]
    assert ours.tolist() == [1, 0, 0, 4]
    assert theirs.tolist() == [0, 5, 6, 0]


def test_populated_and_beyond_drop_buckets() -> None:
    assert populated(SIDE).indexes.tolist() == [0, 3]
    assert beyond(SIDE, 0, 1.0).indexes.tolist() == [1, 3]
    assert beyond(SIDE, 0, 0.0) is SIDE


def test_mapped_adds_up_for_fewer_bounds() -> None:
    found = mapped(SIDE, np.array([1.0, 2.0, 3.0]), np.array([2.0]))
    assert found.tolist() == [1, 4]

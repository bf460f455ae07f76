"""Entries at a least distance."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.logql.thinning import Thinner


@given(
    st.lists(st.lists(st.integers(0, 60), max_size=8).map(sorted), max_size=6),
    st.integers(1, 20),
    st.integers(1, 6),
)
def test_parts_are_thinned_as_the_whole(parts: list[list[int]], interval: int, limit: int) -> None:
    expected: list[int] = []
    for key in sorted(key for part in parts for key in part):
        if len(expected) < limit and (not expected or key >= expected[-1] + interval):
            expected.append(key)
    thinner: Thinner[int] = Thinner(interval, limit)
    for part in sorted(filter(None, parts)):
        if thinner.settle(part[0]):
            break
        thinner.add(np.array(part), part)
    thinner.settle(None)
    assert thinner.chosen == expected

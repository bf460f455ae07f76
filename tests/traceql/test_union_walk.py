"""The walk of `&>>` through nested set numbers."""

from __future__ import annotations

import pytest

from appliance.traceql.union_walk import Bounds, walk


@pytest.mark.parametrize(
    ("above", "below", "found"),
    [
        ([(1, 8)], [(2, 3), (4, 5)], ({0}, {0, 1})),
        ([(1, 4), (5, 8)], [(2, 3), (6, 7)], ({0, 1}, {0, 1})),
        ([(1, 6), (2, 5)], [(3, 4)], ({0, 1}, {0})),
        ([], [(1, 2)], (set(), set())),
        ([(0, 0)], [(2, 3)], (set(), set())),
        # What is passed over: an inner ancestor whose branch has gone by,
        ([(1, 8), (2, 5)], [(3, 4), (6, 7)], ({0}, {0, 1})),
        # and a descendant that came while another ancestor was looked at.
        ([(1, 2), (3, 8)], [(4, 7), (5, 6)], ({1}, set())),
    ],
)
def test_what_is_found(
    above: list[Bounds], below: list[Bounds], found: tuple[set[int], set[int]]
) -> None:
    assert walk(above, below) == found

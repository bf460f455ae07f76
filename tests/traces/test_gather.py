"""Rows of many blocks under common group numbers."""

from __future__ import annotations

import numpy as np

from appliance.traces.gather import Gathered, distinct_codes


def test_a_group_has_one_number_in_all_blocks() -> None:
    gathered: Gathered[str] = Gathered()
    gathered.add(np.array([7, 5, 7]), {5: "b", 7: "a"}.__getitem__, np.array([1, 2, 3]))
    gathered.add(np.array([], np.int64), str, np.array([], np.int64))
    gathered.add(np.array([0, 1]), {0: "c", 1: "b"}.__getitem__, np.array([4, 5]))
    names = {number: key for key, number in gathered.keys.items()}
    assert [names[number] for number in gathered.groups.tolist()] == ["a", "b", "a", "c", "b"]
    assert gathered.column(0).tolist() == [1, 2, 3, 4, 5]


def test_nothing_gathered() -> None:
    gathered: Gathered[str] = Gathered()
    assert (len(gathered.groups), len(gathered.column(0)), gathered.keys) == (0, 0, {})


def test_codes_are_told_apart_whether_they_are_small_or_not() -> None:
    for codes in ([3, 0, 3, 7], [1 << 40, 5, 1 << 40], [-1, 2, -1], [0]):
        distinct, places = distinct_codes(np.array(codes, np.int64))
        assert distinct.tolist() == sorted(set(codes))
        assert distinct[places].tolist() == codes

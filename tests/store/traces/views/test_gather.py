"""Rows of several columns in one order."""

from __future__ import annotations

import numpy as np

from appliance.model.trace import AttributeValue, Dictionary, NumberValues
from appliance.store.traces.views.gather import Gather


def rows(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, np.int64)


def column(ids: list[int], values: list[AttributeValue]) -> Dictionary:
    return Dictionary(np.array(ids, np.int32), values)


def listed(found: Dictionary) -> list[object]:
    return [found.values[number] if number >= 0 else ... for number in found.ids.tolist()]


def test_arrays_and_sources() -> None:
    gather = Gather([rows(0, 2), rows(1), rows()], rows(2, 0, 1))
    parts = [np.array([10, 11, 12]), np.array([20, 21]), np.array([30])]
    assert gather.array(parts).tolist() == [21, 10, 12]
    owners, places = gather.sources(rows(0, 2))
    assert (owners.tolist(), places.tolist()) == ([1, 0], [1, 2])
    assert len(gather) == 3


def test_equal_values_are_one_and_unused_ones_go() -> None:
    gather = Gather([rows(0, 1, 2), rows(0, 1), rows(0)], rows(5, 4, 3, 2, 1, 0))
    found = gather.dictionary(
        [column([0, 1, -1], ["a", "b"]), column([2, 0], ["b", "unused", "c"]), None]
    )
    assert listed(found) == [..., "b", "c", ..., "b", "a"]
    assert sorted(map(str, found.values)) == ["a", "b", "c"]


def test_equal_looking_values_of_several_types_stay_apart() -> None:
    values: list[AttributeValue] = [1, True, 1.0, "1", b"1", [1], {"a": 1}, None]
    ids = list(range(len(values)))
    gather = Gather([rows(*ids), rows(*ids)], rows(*range(2 * len(ids))))
    found = gather.dictionary([column(ids, values), column(ids, values)])
    assert list(map(repr, listed(found))) == list(map(repr, values * 2))
    assert len(found.values) == len(values)


def test_numbers_stay_an_array() -> None:
    gather = Gather([rows(0, 1), rows(0, 1), rows(0)], rows(0, 1, 2, 3, 4))
    parts = [
        Dictionary(np.array([1, 0], np.int32), NumberValues(np.array([7, -7]))),
        Dictionary(np.array([0, -1], np.int32), NumberValues(np.array([7, 9]))),
        None,
    ]
    found = gather.dictionary(parts)
    assert isinstance(found.values, NumberValues)
    assert listed(found) == [-7, 7, 7, ..., ...]
    floats = Dictionary(np.array([0], np.int32), NumberValues(np.array([7.0])))
    mixed = gather.dictionary([*parts[:2], floats])
    assert list(map(repr, listed(mixed))) == ["-7", "7", "7", "Ellipsis", "7.0"]


def test_nothing_is_gathered_from_nothing() -> None:
    found = Gather([rows()], rows()).dictionary([column([], [])])
    assert (found.ids.tolist(), list(found.values)) == ([], [])

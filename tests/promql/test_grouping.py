"""Groups of rows and what they are grouped by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.labels import Labels
from appliance.promql.grouping import Groups, aggregation_key, dropping, grouped, matching_key

LABELS = Labels.of({"A": "0", "__name__": "m", "__type__": "counter", "a": "1", "b": "2"})


@pytest.mark.parametrize(
    ("dropped", "kept"),
    [
        ([], ["A", "__name__", "__type__", "a", "b"]),
        (["__name__"], ["A", "__type__", "a", "b"]),
        (["__name__", "__type__", "__unit__"], ["A", "a", "b"]),
        (["b", "c"], ["A", "__name__", "__type__", "a"]),
        (["z"], ["A", "__name__", "__type__", "a", "b"]),
    ],
)
def test_labels_are_dropped_wherever_they_stand(dropped: list[str], kept: list[str]) -> None:
    assert [name for name, _ in dropping(dropped)(LABELS)] == kept


@given(
    st.dictionaries(st.sampled_from("ABYZ_abyz"), st.just("1")),
    st.sets(st.sampled_from("ABYZ_abyz")),
)
def test_the_quick_ways_of_dropping_give_the_same(found: dict[str, str], names: set[str]) -> None:
    labels = Labels.of(found)
    assert dropping(names)(labels) == labels.without(*names)


def test_aggregations_never_group_without_by_the_name() -> None:
    assert dict(aggregation_key(["a", "A"], without=True)(LABELS)) == {
        "__type__": "counter",
        "b": "2",
    }
    assert dict(aggregation_key(["__name__", "x"], without=False)(LABELS)) == {"__name__": "m"}
    assert aggregation_key([], without=False)(LABELS) == ()


def test_matching_looks_at_the_name_only_when_told() -> None:
    assert "__name__" not in dict(matching_key([], on=False)(LABELS))
    assert dict(matching_key(["__name__"], on=True)(LABELS)) == {"__name__": "m"}


def test_groups_are_numbered_as_they_come() -> None:
    rows = [Labels.of({"a": value}) for value in ("2", "1", "2", "")]
    groups, labels = grouped(rows, aggregation_key(["a"], without=False))
    assert groups.ids.tolist() == [0, 1, 0, 2]
    assert labels == [rows[0], rows[1], Labels()]
    assert groups.members(0).tolist() == [0, 2]


def test_reductions_of_groups_with_and_without_rows() -> None:
    groups = Groups.of(np.array([2, 0, 2]), 3)
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert groups.reduce(np.add, rows, -1.0).tolist() == [[3.0, 4.0], [-1.0, -1.0], [6.0, 8.0]]
    mask = np.array([[True, False], [False, False], [True, True]])
    assert groups.any(mask).tolist() == [[False, False], [False, False], [True, True]]
    assert groups.tally(mask).tolist() == [[0, 0], [0, 0], [2, 1]]
    assert groups.tally(np.ones((3, 2), dtype=np.bool_)).tolist() == [[1, 1], [0, 0], [2, 2]]


def test_groups_of_one_row_come_in_their_own_order() -> None:
    groups = Groups.of(np.array([1, 0]), 2)
    assert groups.reduce(np.add, np.array([[1.0], [2.0]]), 0.0).tolist() == [[2.0], [1.0]]

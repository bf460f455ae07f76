"""Arithmetic between series."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.traceql.ast import Op
from appliance.traceql.metrics.arithmetic import combine
from appliance.traceql.metrics.labels import Labels
from appliance.traceql.metrics.series import SeriesMatrix
from appliance.traceql.results import SpanExemplar
from appliance.traceql.static import Static, Type


def label(name: str, value: str) -> tuple[str, Static]:
    return name, Static(Type.STRING, value)


def matrix(*series: tuple[Labels, list[float]]) -> SeriesMatrix:
    values = np.array([row for _, row in series], dtype=np.float64).reshape(len(series), -1)
    return SeriesMatrix([labels for labels, _ in series], values)


def shown(found: SeriesMatrix) -> dict[Labels, list[float]]:
    return dict(zip(map(tuple, found.labels), found.values.tolist(), strict=True))


RATE = (label("__name__", "rate"),)


def test_series_with_equal_labels_meet_and_others_are_left_out() -> None:
    left = matrix(((label("a", "x"),), [6, 1]), ((label("a", "y"),), [1, 1]))
    right = matrix(((label("a", "x"),), [2, 4]), ((label("a", "z"),), [1, 1]))
    assert shown(combine(Op.DIV, left, right)) == {(label("a", "x"),): [3, 0.25]}


def test_names_say_what_was_combined() -> None:
    found = combine(Op.ADD, matrix((RATE, [1])), matrix((RATE, [2])))
    assert shown(found) == {(label("__name__", "(rate + rate)"),): [3]}


@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_series_without_labels_meets_all(*, is_swapped: bool) -> None:
    many = matrix(((label("a", "x"),), [2]), ((label("a", "y"),), [3]))
    one = matrix((RATE, [10]))
    found = combine(Op.MUL, one, many) if is_swapped else combine(Op.MUL, many, one)
    assert shown(found) == {(label("a", "x"),): [20], (label("a", "y"),): [30]}


def test_a_division_by_zero_has_no_point() -> None:
    found = combine(Op.DIV, matrix((RATE, [1, 0, 4])), matrix((RATE, [0, 0, 2])))
    assert found.values[0].tolist() == pytest.approx([np.nan, np.nan, 2], nan_ok=True)


def test_missing_points_stay_missing() -> None:
    found = combine(Op.SUB, matrix((RATE, [np.nan, 5])), matrix((RATE, [1, 2])))
    assert found.values[0].tolist() == pytest.approx([np.nan, 3], nan_ok=True)


def test_nothing_meets_nothing() -> None:
    empty = SeriesMatrix([], np.empty((0, 2)))
    assert not combine(Op.ADD, empty, matrix((RATE, [1, 2]))).labels


def test_other_operators_are_refused() -> None:
    with pytest.raises(BadInput, match="unsupported math operation"):
        combine(Op.MOD, matrix((RATE, [1])), matrix((RATE, [1])))


def test_exemplars_of_both_sides_are_kept_but_not_repeated() -> None:
    one, other = (SpanExemplar([], value, 1) for value in (1.0, 2.0))
    left = SeriesMatrix([RATE], np.ones((1, 1)), [[one]])
    right = SeriesMatrix([RATE], np.ones((1, 1)), [[other]])
    assert combine(Op.ADD, left, right).exemplars == [[one, other]]
    labels = [(label("a", "x"),), (label("a", "y"),)]
    many = SeriesMatrix(labels, np.ones((2, 1)), [[other], []])
    assert combine(Op.ADD, left, many).exemplars == [[other], []]

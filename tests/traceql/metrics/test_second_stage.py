"""topk, bottomk and filters of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.traceql.ast import Op, ScalarMath, SeriesFilter, TopK
from appliance.traceql.metrics.second_stage import apply_stage
from appliance.traceql.metrics.series import SeriesMatrix
from appliance.traceql.static import Static, Type

NAN = float("nan")


def matrix(series: Mapping[str, Sequence[float]]) -> SeriesMatrix:
    labels = [(("name", Static(Type.STRING, name)),) for name in series]
    return SeriesMatrix(labels, np.array(list(series.values()), dtype=np.float64))


def shown(found: SeriesMatrix) -> dict[str, list[float | None]]:
    return {
        str(labels[0][1].value): [None if value != value else value for value in row]  # noqa: PLR0124 - NaN
        for labels, row in zip(found.labels, found.values.tolist(), strict=True)
    }


def test_topk_is_chosen_at_every_step() -> None:
    given = matrix({"a": [1, 9, NAN], "b": [2, 8, 1], "c": [3, 7, 2]})
    assert shown(apply_stage(TopK(2), given)) == {
        "a": [None, 9, None],
        "b": [2, 8, 1],
        "c": [3, None, 2],
    }


def test_bottomk_skips_missing_points() -> None:
    given = matrix({"a": [1, NAN], "b": [2, 5], "c": [3, 4]})
    assert shown(apply_stage(TopK(1, is_bottom=True), given)) == {"a": [1, None], "c": [None, 4]}


def test_of_equals_topk_takes_the_first_by_label_and_bottomk_the_last() -> None:
    given = matrix({"c": [0], "a": [0], "d": [0], "b": [0]})
    assert sorted(shown(apply_stage(TopK(2), given))) == ["a", "b"]
    assert sorted(shown(apply_stage(TopK(2, is_bottom=True), given))) == ["c", "d"]


def test_fewer_series_than_asked_for_stay_as_they_are() -> None:
    given = matrix({"a": [1, NAN]})
    assert shown(apply_stage(TopK(1), given)) == {"a": [1, None]}


@pytest.mark.parametrize(
    ("op", "kept"),
    [
        (Op.EQUAL, [None, 2, None, None]),
        (Op.NOT_EQUAL, [1, None, 3, None]),
        (Op.LESS, [1, None, None, None]),
        (Op.LESS_EQUAL, [1, 2, None, None]),
        (Op.GREATER, [None, None, 3, None]),
        (Op.GREATER_EQUAL, [None, 2, 3, None]),
    ],
)
def test_filters_keep_points_that_are_there(op: Op, kept: list[float | None]) -> None:
    given = matrix({"a": [1, 2, 3, NAN]})
    assert shown(apply_stage(SeriesFilter(op, Static(Type.INT, 2)), given)) == {"a": kept}


def test_a_duration_is_compared_in_seconds() -> None:
    stage = SeriesFilter(Op.GREATER, Static(Type.DURATION, 1_500_000_000))
    assert shown(apply_stage(stage, matrix({"a": [1, 2], "b": [1, 1]}))) == {"a": [None, 2]}


def test_a_text_cannot_be_compared() -> None:
    with pytest.raises(BadInput, match="write a number"):
        apply_stage(SeriesFilter(Op.GREATER, Static(Type.STRING, "x")), matrix({"a": [1]}))


def test_numbers_may_be_on_either_side() -> None:
    given = matrix({"a": [4, NAN]})
    assert shown(apply_stage(ScalarMath(Op.DIV, 2), given)) == {"a": [2, None]}
    assert shown(apply_stage(ScalarMath(Op.DIV, 2, is_left=True), given)) == {"a": [0.5, None]}

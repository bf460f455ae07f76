"""Scalars with scalars and with vectors, and the sign."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from appliance.base.errors import QueryFailed
from appliance.model.histogram import ResetHint
from appliance.promql.ast import Binary
from appliance.promql.binary import binary, negate
from appliance.promql.frame import Frame
from tests.promql.vectors import INF, NAN, VECTOR, cells, context, frame, shown, texts

HISTOGRAM = "count:4 sum:8 buckets:[1 3]"


def scalar(*values: float) -> Any:
    return np.array(values, dtype=np.float64)


def run(op: str, left: Any, right: Any, *, returns_bool: bool = False, around: Any = None) -> Any:
    steps = next(side.values.shape[1] for side in (left, right) if isinstance(side, Frame))
    expr = Binary(op, VECTOR, VECTOR, returns_bool)
    return binary(expr, left, right, around or context(steps))


@pytest.mark.parametrize(
    ("op", "left", "right", "wanted"),
    [
        ("+", 1, 2, 3),
        ("-", 1, 2, -1),
        ("*", INF, 0, NAN),
        ("/", 1, 0, INF),
        ("/", -1, 0, -INF),
        ("/", 0, 0, NAN),
        ("%", 5, 3, 2),
        ("%", -5, 3, -2),
        ("%", 5, -3, 2),
        ("%", 5, 0, NAN),
        ("%", 5, INF, 5),
        ("%", INF, 5, NAN),
        ("^", 2, 10, 1024),
        ("^", -8, 1 / 3, NAN),
        ("^", NAN, 0, 1),
        ("^", 1, NAN, 1),
        ("^", 0, -1, INF),
        ("atan2", 10, 20, math.atan2(10, 20)),
        ("==", NAN, NAN, 0),
        ("!=", NAN, NAN, 1),
        (">", 2, 1, 1),
        ("<", 2, 1, 0),
        (">=", 2, 2, 1),
        ("<=", 2, NAN, 0),
    ],
)
def test_scalars(op: str, left: float, right: float, wanted: float) -> None:
    found = binary(Binary(op, VECTOR, VECTOR), scalar(left, left), scalar(right, right), context(2))
    np.testing.assert_equal(found, [wanted, wanted])


def test_a_scalar_counts_at_each_step() -> None:
    vector = frame({'m{a="1"}': [1, None, 3]})
    assert shown(run("*", vector, scalar(1, 2, 3))) == {'m{a="1"}': [1.0, None, 9.0]}
    assert shown(run("-", scalar(1, 2, 3), vector)) == {'m{a="1"}': [0.0, None, 0.0]}


def test_arithmetic_marks_the_name_or_drops_it() -> None:
    vector = frame({'m{a="1"}': [1], 'm{a="2"}': [2]})
    assert run("+", vector, scalar(1)).nameless.all()
    at_once = run("+", vector, scalar(1), around=context(1, delayed=False))
    assert shown(at_once) == {'{a="1"}': [2.0], '{a="2"}': [3.0]}


def test_filters_keep_the_name_and_the_vectors_value() -> None:
    vector = frame({"m": [1, 5, None], "n": [1, 1, 1]})
    for found in (
        run(">", vector, scalar(3, 3, 3)),
        run("<", scalar(3, 3, 3), vector),
    ):
        assert shown(found) == {"m{}": [None, 5.0, None]}
        assert found.nameless is None


def test_bool_gives_0_or_1() -> None:
    found = run("<", scalar(3, 3, 3), frame({"m": [1, 5, None]}), returns_bool=True)
    assert shown(found) == {"m{}": [0.0, 1.0, None]}
    assert found.nameless.all()


def test_series_that_become_one_must_not_be_there_together() -> None:
    around = context(2, delayed=False)
    apart = frame({"m": [1, None], "n": [None, 2]})
    assert shown(run("*", apart, scalar(2, 2), around=around)) == {"{}": [2.0, 4.0]}
    with pytest.raises(QueryFailed, match="vector cannot contain metrics with the same labelset"):
        run("*", frame({"m": [1, 1], "n": [None, 2]}), scalar(2, 2), around=around)


def test_histograms_can_be_scaled_and_trimmed() -> None:
    vector = frame({"m": [HISTOGRAM]})
    assert shown(run("*", vector, scalar(2))) == {"m{}": [(8.0, 16.0)]}
    assert shown(run("*", scalar(2), vector)) == {"m{}": [(8.0, 16.0)]}
    assert shown(run("/", vector, scalar(4))) == {"m{}": [(1.0, 2.0)]}
    trimmed = run("</", vector, scalar(1))
    assert cells(trimmed)[0][1][0].count == 1.0  # type: ignore[union-attr]
    assert trimmed.nameless is None


@pytest.mark.parametrize("op", ["+", "-", "^", "%", "==", "!=", ">", "<", "atan2"])
def test_what_histograms_and_scalars_cannot_do(op: str) -> None:
    around = context(2)
    found = run(op, frame({"m": [HISTOGRAM, 1]}), scalar(1, 1), around=around)
    assert not any(cell for _, row in cells(found) for cell in row[:1])
    text = "PromQL info: incompatible sample types encountered for binary operator"
    assert texts(around) == [f'{text} "{op}": histogram {op} float']


def test_scalars_cannot_be_divided_by_histograms_or_trimmed() -> None:
    for op in ("/", "</"):
        around = context(1)
        assert shown(run(op, scalar(1), frame({"m": [HISTOGRAM]}), around=around)) == {}
        assert texts(around)[0].endswith(f'"{op}": float {op} histogram')
    around = context(1)
    assert shown(run("</", frame({"m": [1]}), scalar(1), around=around)) == {}
    assert texts(around)[0].endswith('"</": float </ float')


def test_the_sign() -> None:
    assert negate(scalar(1, -2), context(2)).tolist() == [-1.0, 2.0]  # type: ignore[union-attr]
    found = negate(frame({"m": [1, HISTOGRAM]}), context(2))
    assert isinstance(found, Frame)
    assert shown(found) == {"m{}": [-1.0, (-4.0, -8.0)]}
    assert cells(found)[0][1][1].reset_hint == ResetHint.GAUGE  # type: ignore[union-attr]
    assert found.nameless is not None
    assert found.nameless.all()

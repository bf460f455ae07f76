"""Operations on two numbers."""

from __future__ import annotations

import math

import pytest

from appliance.logql.parsing.folding import fold

INF = math.inf


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        (1, "+", 2, 3), (1, "-", 2, -1), (3, "*", 2, 6), (3, "/", 2, 1.5), (7, "%", 3, 1),
        (-7, "%", 3, -1), (2, "^", 10, 1024), (2, "==", 2, 1), (2, "!=", 2, 0), (2, ">", 1, 1),
        (2, ">=", 3, 0), (1, "<", 1, 0), (1, "<=", 1, 1), (10, "^", 999, INF),
        (-10, "^", 999, -INF), (-10, "^", 998, INF), (0, "^", -1, INF), (-0.0, "^", -1, -INF),
    ],
)  # fmt: skip
def test_numbers(left: float, op: str, right: float, expected: float) -> None:
    assert fold(op, left, right) == expected


@pytest.mark.parametrize(
    ("left", "op", "right"), [(1, "/", 0), (1, "%", 0), (INF, "%", 2), (-8, "^", 1 / 3)]
)
def test_no_numbers(left: float, op: str, right: float) -> None:
    assert math.isnan(fold(op, left, right))

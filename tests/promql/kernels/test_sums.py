from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from appliance.promql.kernels.sums import (
    average_windows,
    double_sums_before,
    row_sums,
    sum_windows,
)
from tests.promql.window_model import (
    Case,
    assert_alike,
    cases,
    computed,
    expected,
    few,
    kahan,
    of_values,
    per_window,
)


def _sum(values: list[float]) -> float:
    total, rest = kahan(values)
    return total if math.isinf(total) else total + rest


def _average(values: list[float]) -> float:
    total, rest, mean = values[0], 0.0, False
    for count, value in enumerate(values[1:], start=2):
        if not mean:
            new, lost = _step(total, rest, value)
            if not math.isinf(new):
                total, rest = new, lost
                continue
            mean, total, rest = True, total / (count - 1), rest / (count - 1)
        share = (count - 1) / count
        total, rest = _step(share * total, share * rest, value / count)
    return total + rest if mean else total / len(values) + rest / len(values)


def _step(total: float, rest: float, value: float) -> tuple[float, float]:
    new = total + value
    if math.isinf(new):
        return new, 0.0
    larger = abs(total) >= abs(value)
    return new, rest + ((total - new) + value if larger else (value - new) + total)


@few
@given(cases())
def test_sums_are_those_of_compensated_summation(case: Case) -> None:
    assert_alike(computed(case, per_window(sum_windows)), expected(case, of_values(_sum)))


@few
@given(cases())
def test_averages_are_those_of_compensated_summation(case: Case) -> None:
    assert_alike(computed(case, per_window(average_windows)), expected(case, of_values(_average)))


def _case(*values: float, length: int = 60) -> Case:
    samples = {1000 * number: value for number, value in enumerate(values, start=1)}
    return Case([[samples]], [1000 * len(values)], 1000 * length)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((1e100, 1.0, -1e100), 1.0),
        ((1.0, 1e100, 1.0, -1e100), 2.0),
        ((5.0, 1e-8, -5.0), 1e-8),
        ((0.1, -0.1), 0.0),
        ((math.inf, 1.0), math.inf),
        ((math.inf, -math.inf), math.nan),
        ((1e308, 1e308), math.inf),
    ],
)
def test_nothing_is_lost_beside_large_values(values: tuple[float, ...], wanted: float) -> None:
    assert_alike(computed(_case(*values), per_window(sum_windows)), [[wanted]])


def test_a_small_window_behind_large_values_is_exact() -> None:
    case = _case(*[1e17 + 0.5] * 50, 0.1, 0.2, length=2)
    assert_alike(computed(case, per_window(sum_windows)), [[0.1 + 0.2]], 1e-14)


def test_averages_do_not_overflow() -> None:
    case = _case(1.7e308, 1.7e308, 1.7e308)
    assert_alike(computed(case, per_window(average_windows)), [[1.7e308]])


def test_two_floats_keep_what_one_would_lose() -> None:
    high, low = double_sums_before(np.array([[1e16, 1.0, 1.0, -1e16]]))
    assert (high + low)[0].tolist() == [0.0, 1e16, 1e16, 1e16 + 2, 2.0]
    assert low[0, 2] == 1.0


def test_sums_of_rows_keep_what_is_small() -> None:
    rows = np.array([[1e100, 1.0, -1e100], [0.1, 0.2, 0.3], [math.inf, 1.0, 2.0]])
    assert row_sums(rows).tolist() == [1.0, math.fsum([0.1, 0.2, 0.3]), math.inf]
    assert math.isnan(row_sums(np.array([[math.inf, -math.inf, 1.0]]))[0])

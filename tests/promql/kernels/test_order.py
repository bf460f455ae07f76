from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.promql.kernels.order import deviation_windows, quantile_windows
from tests.promql.window_model import (
    COUNTERS,
    ODD,
    Case,
    assert_alike,
    cases,
    computed,
    expected,
    few,
    of_values,
    per_window,
)


def _quantile(part: float, values: list[float]) -> float:
    if math.isnan(part):
        return math.nan
    if part < 0:
        return -math.inf
    if part > 1:
        return math.inf
    ordered = sorted(values, key=lambda value: (not math.isnan(value), value))
    rank = part * (len(values) - 1)
    lower = math.floor(rank)
    upper = min(len(values) - 1, lower + 1)
    weight = rank - lower
    return ordered[lower] * (1 - weight) + ordered[upper] * weight


def _deviation(values: list[float]) -> float:
    median = _quantile(0.5, values)
    return _quantile(0.5, [abs(value - median) for value in values])


@few
@given(cases(COUNTERS | ODD), st.floats(0, 1) | st.sampled_from([-0.1, 1.1, math.nan]))
def test_quantiles(case: Case, part: float) -> None:
    parts = np.full(len(case.ends), part)
    kernel = per_window(lambda piece: quantile_windows(piece, parts))
    wanted = expected(case, of_values(lambda values: _quantile(part, values)))
    assert_alike(computed(case, kernel), wanted)


@few
@given(cases(COUNTERS | ODD))
def test_median_absolute_deviations(case: Case) -> None:
    wanted = expected(case, of_values(_deviation))
    assert_alike(computed(case, per_window(deviation_windows)), wanted)


@pytest.mark.parametrize(("part", "wanted"), [(0.0, 1.0), (0.5, 2.5), (0.75, 3.25), (1.0, 4.0)])
def test_quantiles_are_interpolated(part: float, wanted: float) -> None:
    case = Case([[{1000: 4.0, 2000: 1.0, 3000: 3.0, 4000: 2.0}]], [4000], 60_000)
    kernel = per_window(lambda piece: quantile_windows(piece, np.array([part])))
    assert computed(case, kernel) == [[wanted]]

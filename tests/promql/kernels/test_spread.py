from __future__ import annotations

import math
import statistics

import numpy as np
from hypothesis import given

from appliance.promql.kernels.spread import variance_windows
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


def _variance(values: list[float]) -> float:
    if not all(map(math.isfinite, values)):
        return math.nan
    if all(value == values[0] for value in values):
        return 0.0
    if max(map(abs, values)) > 1e150:
        return math.inf
    return float(statistics.pvariance(values))


@few
@given(cases(COUNTERS | ODD))
def test_variances(case: Case) -> None:
    assert_alike(computed(case, per_window(variance_windows)), expected(case, of_values(_variance)))


def test_variance_far_from_the_mean_of_the_row() -> None:
    values = [1e9 + number % 3 for number in range(100)] + [number % 3 for number in range(100)]
    samples = {1000 * number: float(value) for number, value in enumerate(values)}
    case = Case([[samples]], [98_000, 199_000], 3000)
    assert np.allclose(np.array(computed(case, per_window(variance_windows)), dtype=float), 2 / 3)


def test_a_constant_has_no_variance() -> None:
    samples = {1000 * number: 0.1 for number in range(50)}
    case = Case([[samples]], [30_000], 20_000)
    assert computed(case, per_window(variance_windows)) == [[0.0]]


def test_whole_numbers_have_exact_variances() -> None:
    values = [(number * number * 7919) % 1013 for number in range(300)]
    samples = {1000 * number: float(value) for number, value in enumerate(values)}
    ends = [1000 * number for number in range(20, 300)]
    found = computed(Case([[samples]], ends, 17_000), per_window(variance_windows))
    windows = [values[end // 1000 - 16 : end // 1000 + 1] for end in ends]
    assert found == [[float(statistics.pvariance(window)) for window in windows]]

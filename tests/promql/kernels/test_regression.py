from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.promql.kernels.regression import predictions, slopes, smoothed_values
from tests.promql.window_model import (
    COUNTERS,
    Case,
    Samples,
    assert_alike,
    cases,
    computed,
    expected,
    few,
    per_window,
)

_VALUES = COUNTERS | st.sampled_from([math.nan, math.inf])


def _line(samples: Samples, origin: int) -> tuple[float, float]:
    """Slope by second and value at a time."""
    values = [value for _, value in samples]
    if all(value == values[0] for value in values):
        return (math.nan, math.nan) if math.isinf(values[0]) else (0.0, values[0])
    if not all(map(math.isfinite, values)):
        return math.nan, math.nan
    times = [(time - origin) / 1000 for time, _ in samples]
    mean_time, mean = sum(times) / len(times), sum(values) / len(values)
    shared = sum((x - mean_time) * (y - mean) for x, y in zip(times, values, strict=True))
    slope = shared / sum((x - mean_time) ** 2 for x in times)
    return slope, mean - slope * mean_time


def _slope(samples: Samples, _start: int, _end: int) -> float | None:
    return _line(samples, samples[0][0])[0] if len(samples) > 1 else None


def _prediction(samples: Samples, _start: int, end: int) -> float | None:
    if len(samples) < 2:
        return None
    slope, value = _line(samples, end)
    return slope * 30 + value


def _rounded(rows: list[list[float | None]]) -> list[list[float | None]]:
    """With what is nothing but rounding taken away."""
    return [
        [value if value is None or math.isnan(value) else round(value, 9) for value in row]
        for row in rows
    ]


@few
@given(cases(_VALUES))
def test_slopes(case: Case) -> None:
    found = computed(case, per_window(slopes, 2))
    assert_alike(_rounded(found), _rounded(expected(case, _slope)), 1e-6)


@few
@given(cases(_VALUES))
def test_predictions(case: Case) -> None:
    kernel = partial(
        predictions,
        steps_ms=np.array(case.ends, dtype=np.int64),
        ahead=np.full(len(case.ends), 30.0),
    )
    found = computed(case, per_window(kernel, 2))
    assert_alike(_rounded(found), _rounded(expected(case, _prediction)), 1e-6)


def test_a_slope_far_from_the_mean_of_the_row() -> None:
    samples = {1000 * number: 1e12 + number * number for number in range(1000)}
    case = Case([[samples]], [3000, 999_000], 3000)
    # Between three successive squares.
    assert computed(case, per_window(slopes, 2)) == [
        [pytest.approx(4.0, rel=1e-4), pytest.approx(1996.0, rel=1e-6)]
    ]


def _smooth(samples: Samples, _start: int, _end: int) -> float | None:
    if len(samples) < 2:
        return None
    values = [value for _, value in samples]
    before, level, rise = 0.0, values[0], values[1] - values[0]
    for number, value in enumerate(values[1:]):
        if number:
            rise = 0.3 * (level - before) + 0.7 * rise
        before, level = level, 0.2 * value + 0.8 * (level + rise)
    return level


@few
@given(cases(_VALUES))
def test_double_exponential_smoothing(case: Case) -> None:
    steps = len(case.ends)
    kernel = partial(smoothed_values, smoothing=np.full(steps, 0.2), trend=np.full(steps, 0.3))
    assert_alike(computed(case, per_window(kernel, 2)), expected(case, _smooth))

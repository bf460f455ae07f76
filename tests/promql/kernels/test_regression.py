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


def test_slopes_of_whole_numbers_are_exact() -> None:
    samples = {15_000 * number: 7.0 + 3 * number * 15 for number in range(1000)}
    ends = [15_000 * number for number in range(500, 520)]
    case = Case([[samples]], ends, 7 * 15_000)
    assert computed(case, per_window(slopes, 2)) == [[3.0] * 20]


def _as_prometheus(samples: Samples, origin: int) -> tuple[float, float]:
    """Slope and value, sums from a time on, what is lost in the differences included."""
    times = [(time - origin) / 1000 for time, _ in samples]
    values = [value for _, value in samples]
    count, sum_x, sum_y = len(samples), math.fsum(times), math.fsum(values)
    products = math.fsum(x * y for x, y in zip(times, values, strict=True))
    squares = math.fsum(x * x for x in times)
    slope = (products - sum_x * sum_y / count) / (squares - sum_x * sum_x / count)
    return slope, sum_y / count - slope * sum_x / count


@pytest.mark.parametrize("overlap", [1, 20])
def test_slopes_that_drown_in_rounding_are_those_of_prometheus(overlap: int) -> None:
    """Large values that cancel out: what is left is mostly rounding, the same as there."""
    large = {3: 3.25e12, 20: 3.25e12, 8: -7.3}
    samples = {5003 * number + 117: large.get(number, 1.3) for number in range(24)}
    ends = [120_250 + 50 * number for number in range(overlap)]
    case = Case([[samples]], ends, 122_000)
    within = sorted(samples.items())
    slope, _ = _as_prometheus(within, within[0][0])
    assert abs(slope) < 1e9
    assert computed(case, per_window(slopes, 2)) == [[pytest.approx(slope, rel=1e-13)] * overlap]


@pytest.mark.parametrize("overlap", [1, 20])
def test_predictions_near_zero_are_those_of_prometheus(overlap: int) -> None:
    samples = {5003 * number: 1e9 - 2e6 * number + number % 3 for number in range(24)}
    ends = [118_000 + 10 * number for number in range(overlap)]
    wanted, ahead = [], []
    for end in ends:
        slope, value = _as_prometheus(sorted(samples.items()), end)
        ahead.append(-value / slope * (1 + 1e-9))
        wanted.append(slope * ahead[-1] + value)
    kernel = partial(predictions, steps_ms=np.array(ends), ahead=np.array(ahead))
    case = Case([[samples]], ends, 122_000)
    assert computed(case, per_window(kernel, 2)) == [pytest.approx(wanted, rel=1e-6)]


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

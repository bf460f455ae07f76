from __future__ import annotations

import math

from hypothesis import given

from appliance.promql.kernels.extremes import max_windows, min_windows, time_of_max, time_of_min
from tests.promql.window_model import (
    COUNTERS,
    ODD,
    Case,
    Samples,
    assert_alike,
    cases,
    computed,
    expected,
    few,
    of_values,
    per_window,
)


def _extreme(values: list[float], sign: float) -> float:
    best = values[0]
    for value in values:
        if value * sign > best * sign or math.isnan(best):
            best = value
    return best


def _time(samples: Samples, sign: float) -> float | None:
    if not samples:
        return None
    when, best = samples[0]
    for time, value in samples:
        if value * sign >= best * sign or math.isnan(best):
            when, best = time, value
    return when / 1000


@few
@given(cases(COUNTERS | ODD))
def test_maxima(case: Case) -> None:
    wanted = expected(case, of_values(lambda values: _extreme(values, 1)))
    assert_alike(computed(case, per_window(max_windows)), wanted)


@few
@given(cases(COUNTERS | ODD))
def test_minima(case: Case) -> None:
    wanted = expected(case, of_values(lambda values: _extreme(values, -1)))
    assert_alike(computed(case, per_window(min_windows)), wanted)


@few
@given(cases(COUNTERS | ODD))
def test_times_of_the_last_maximum(case: Case) -> None:
    wanted = expected(case, lambda samples, _start, _end: _time(samples, 1))
    assert_alike(computed(case, per_window(time_of_max)), wanted)


@few
@given(cases(COUNTERS | ODD))
def test_times_of_the_last_minimum(case: Case) -> None:
    wanted = expected(case, lambda samples, _start, _end: _time(samples, -1))
    assert_alike(computed(case, per_window(time_of_min)), wanted)

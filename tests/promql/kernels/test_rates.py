from __future__ import annotations

import math
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.labels import Labels
from appliance.model.sample import SeriesGroup
from appliance.promql.frame import Ranges
from appliance.promql.kernels.rates import extended, extrapolated, last_two
from appliance.promql.pieces import Reach, pieces
from tests.promql.window_model import (
    COUNTERS,
    PLAIN,
    Case,
    Samples,
    assert_alike,
    cases,
    computed,
    expected,
    few,
)

_VALUES = COUNTERS | PLAIN | st.sampled_from([math.nan, math.inf])


def _grown(values: list[float]) -> float:
    total = values[-1] - values[0]
    for one, other in pairwise(values):
        if other < one:
            total += one
    return total


def _extrapolated(
    samples: Samples, start: int, end: int, *, is_counter: bool, per_second: bool
) -> float | None:
    if len(samples) < 2:
        return None
    values = [value for _, value in samples]
    result = _grown(values) if is_counter else values[-1] - values[0]
    to_start, to_end = (samples[0][0] - start) / 1000, (end - samples[-1][0]) / 1000
    sampled = (samples[-1][0] - samples[0][0]) / 1000
    distance = sampled / (len(samples) - 1)
    if to_start >= distance * 1.1:
        to_start = distance / 2
    if is_counter and result > 0 and values[0] >= 0:
        to_zero = sampled * (values[0] / result)
        to_start = min(to_start, to_zero) if not math.isnan(to_zero) else to_start
    if to_end >= distance * 1.1:
        to_end = distance / 2
    factor = (sampled + to_start + to_end) / sampled
    return result * (factor / ((end - start) / 1000) if per_second else factor)


@pytest.mark.parametrize("is_counter", [True, False])
@few
@given(case=cases(_VALUES))
def test_extrapolation(case: Case, is_counter: bool) -> None:  # noqa: FBT001 - a parameter
    found = computed(case, partial(extrapolated, is_counter=is_counter, per_second=is_counter))
    naive = partial(_extrapolated, is_counter=is_counter, per_second=is_counter)
    assert_alike(found, expected(case, naive))


@pytest.mark.parametrize("before", [[2.0], [0.1, 0.0, 1e9, 7.3]])
def test_a_counter_that_fell_to_zero_has_not_grown(before: list[float]) -> None:
    values = [0.0, *before, 1.562, 0.0]
    times = [1000 * at for at in range(1, len(values) + 1)]
    case = Case([[dict(zip(times, values, strict=True))] * 10], [times[-1]], 2000)
    found = computed(case, partial(extrapolated, is_counter=True, per_second=True))
    assert found == [[0.0]] * 10


def _last_two(samples: Samples, _start: int, _end: int, *, is_counter: bool) -> float | None:
    if len(samples) < 2:
        return None
    (begin, one), (end, other) = samples[-2:]
    grown = other if is_counter and other < one else other - one
    return grown / ((end - begin) / 1000) if is_counter else grown


@pytest.mark.parametrize("is_counter", [True, False])
@few
@given(case=cases(_VALUES))
def test_the_last_two_samples(case: Case, is_counter: bool) -> None:  # noqa: FBT001 - a parameter
    found = computed(case, partial(last_two, is_counter=is_counter))
    assert_alike(found, expected(case, partial(_last_two, is_counter=is_counter)))


def _between(pair: Samples, time: int, *, is_counter: bool) -> float:
    (begin, one), (end, other) = pair
    if is_counter and other < one:
        one = 0.0
    return one + (other - one) * (time - begin) / (end - begin)


def _extended(
    samples: Samples, start: int, end: int, *, is_counter: bool, smoothed: bool
) -> float | None:
    if not samples or samples[-1][0] <= start:
        return None
    first = max([place for place, (time, _) in enumerate(samples) if time <= start], default=0)
    last = len(samples) - 1
    if smoothed:
        last = min([place for place, (time, _) in enumerate(samples) if time >= end], default=last)
        if samples[first][0] > end or samples[last][0] <= start:
            return None
    left, right = samples[first][1], samples[last][1]
    if smoothed and samples[first][0] < start:
        left = _between(samples[first : first + 2], start, is_counter=is_counter)
    if smoothed and last > 0 and samples[last][0] > end:
        right = _between(samples[last - 1 : last + 1], end, is_counter=is_counter)
    if not is_counter:
        return right - left
    inner = [value for time, value in samples[first : last + 1] if start < time < end]
    return _grown([left, *inner, right])


@pytest.mark.parametrize("is_counter", [True, False])
@pytest.mark.parametrize("smoothed", [True, False])
@few
@given(case=cases(COUNTERS | PLAIN))
def test_extended_ranges(case: Case, is_counter: bool, smoothed: bool) -> None:  # noqa: FBT001 - parameters
    before, after = 20_000, 20_000 if smoothed else 0
    kernel = partial(extended, per_second=False, is_counter=is_counter, smoothed=smoothed)
    found = computed(case, kernel, Reach(before_ms=before, after_ms=after))
    naive = partial(_extended, is_counter=is_counter, smoothed=smoothed)
    assert_alike(found, expected(case, naive, wider=(before, after)), 1e-6)


def _with_starts(values: list[float], runs: list[tuple[int, int]], start: int, end: int) -> Ranges:
    times, starts = zip(*runs, strict=True)
    group = SeriesGroup(
        [Labels()],
        np.arange(1, len(values) + 1) * 10_000,
        np.array([values]),
        starts_ms={0: (np.array(times), np.array(starts))},
    )
    return Ranges([group], np.array([start]), np.array([end]), "", [None])


def _increase(found: Ranges) -> float | None:
    (piece,) = pieces(found, Reach(with_starts=True))
    values, present = extrapolated(piece, is_counter=True, per_second=False)
    return float(values[0, 0]) if present[0, 0] else None


def test_a_start_time_within_the_window_is_a_sample_of_zero() -> None:
    # From 5 s, where it began, to 30 s the counter grew by 9.
    assert _increase(_with_starts([3.0, 6.0, 9.0], [(0, 5_000)], 0, 30_000)) == 9.0


def test_one_sample_suffices_when_it_has_begun_within_the_window() -> None:
    assert _increase(_with_starts([3.0], [(0, 5_000)], 0, 10_000)) == 3.0
    assert _increase(_with_starts([3.0], [(0, 0)], 0, 10_000)) is None


def test_a_new_start_time_is_a_reset_though_the_value_has_grown() -> None:
    found = _with_starts([3.0, 5.0], [(0, -10_000), (20_000, 15_000)], 5_000, 20_000)
    # 5 since the reset, 2 of them counted as growth already, over 10 of 15 seconds.
    assert _increase(found) == pytest.approx(5.0 * 1.5)

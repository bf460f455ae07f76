"""Which interval a span is counted in."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.traceql.metrics.steps import default_step_ns, instant_steps, range_steps

S = 10**9


def test_a_range_is_aligned_outwards_and_begins_a_step_early() -> None:
    steps = range_steps(607 * S, 1181 * S, 60 * S)
    assert (steps.origin_ns, steps.end_ns) == (540 * S, 1200 * S)
    assert (steps.times_ns // S).tolist() == list(range(600, 1201, 60))


def test_an_aligned_range_stays() -> None:
    steps = range_steps(600 * S, 660 * S, 60 * S)
    assert (steps.times_ns // S).tolist() == [600, 660]


def test_a_range_near_1970_has_no_step_before() -> None:
    assert range_steps(1, 10 * S, 5 * S).origin_ns == 0


def test_intervals_are_open_at_their_start_and_closed_at_their_end() -> None:
    steps = range_steps(600 * S, 660 * S, 60 * S)
    times = np.array([540 * S, 540 * S + 1, 600 * S, 600 * S + 1, 660 * S, 660 * S + 1])
    contained = steps.contains(times)
    assert contained.tolist() == [False, True, True, True, True, False]
    assert steps.numbers(times[contained]).tolist() == [0, 0, 1, 1]


def test_an_instant_query_has_one_interval_with_the_time_of_its_end() -> None:
    steps = instant_steps(100 * S, 823 * S)
    assert (steps.count, steps.step_ns) == (1, 723 * S)
    assert steps.times_ns.tolist() == [823 * S]
    assert steps.numbers(np.array([101 * S, 823 * S])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(1, 1), (240, 1), (720, 3), (1199, 4), (1200, 5), (3600, 15), (86_400, 360)],
)
def test_the_default_step_gives_some_240_points(seconds: int, step: int) -> None:
    assert default_step_ns(0, seconds * S) == step * S


@pytest.mark.parametrize(
    ("start", "end", "step", "message"),
    [
        (0, 5, 1, "start required"),
        (5, 0, 1, "end required"),
        (5, 5, 1, "end must be greater than start"),
        (5, 9, -1, "step required"),
        (S, 361 * S, 35_000_000, "step of 35ms is too small, minimum step for given range is 36ms"),
    ],
)
def test_senseless_ranges_are_refused(start: int, end: int, step: int, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        range_steps(start, end, step)


def test_a_range_may_be_ten_thousand_steps_long() -> None:
    assert range_steps(S, 361 * S, 36_000_000).step_ns == 36_000_000

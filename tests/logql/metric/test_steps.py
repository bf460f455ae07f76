"""Steps and windows."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.logql.metric.steps import Steps, steps_of, windows_of
from appliance.logql.request import Request


@pytest.mark.parametrize(
    ("start", "end", "step", "expected"),
    [
        (30, 150, 60, [0, 60, 120, 180]),
        (60, 180, 60, [60, 120, 180]),
        (600, 600, 60, [600]),
        (-90, -10, 60, [-120, -60, 0]),
    ],
)
def test_steps_are_multiples_of_the_step(
    start: int, end: int, step: int, expected: list[int]
) -> None:
    assert steps_of(Request(start, end, step_ns=step)).times_ns.tolist() == expected


def test_an_instant_query_has_one_step_at_its_end() -> None:
    assert steps_of(Request(0, 90)).times_ns.tolist() == [90]


def test_steps_have_times_of_64_bits() -> None:
    first, last = -(1 << 63), (1 << 63) - 1
    assert steps_of(Request(0, first - 5)).times_ns.tolist() == [first]
    assert steps_of(Request(last - 5, last, step_ns=7)).times_ns.tolist() == [last - 7]
    assert steps_of(Request(first, first + 5, step_ns=10)).times_ns.tolist() == [first + 8]


def test_windows_are_open_at_their_start_and_closed_at_their_end() -> None:
    windows = windows_of(Steps(np.array([100, 200])), range_ns=30, offset_ns=10)
    assert windows.edges.tolist() == [60, 90, 160, 190]
    assert (windows.start_ns, windows.end_ns) == (61, 191)
    times = np.array([60, 61, 90, 91, 160, 161, 190, 191])
    covered = windows.covered[windows.intervals(times)]
    assert covered.tolist() == [False, True, True, False, False, True, True, False]
    assert windows.counts(times).tolist() == [1, 2, 2, 2, 1]


def test_windows_that_overlap_share_intervals() -> None:
    windows = windows_of(Steps(np.array([100, 150, 200])), range_ns=100, offset_ns=0)
    assert windows.edges.tolist() == [0, 50, 100, 150, 200]
    assert list(zip(windows.first.tolist(), windows.stop.tolist(), strict=True)) == [
        (1, 3), (2, 4), (3, 5),
    ]  # fmt: skip
    assert windows.covered.tolist() == [False, True, True, True, True, False]

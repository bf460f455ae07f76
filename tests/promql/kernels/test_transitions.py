from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given

from appliance.promql.kernels.transitions import (
    change_counts,
    falls,
    start_resets,
    transitions_within,
)
from appliance.promql.windows import Windows
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


def _changes(values: list[float]) -> float:
    return float(
        sum(
            one != other and not (math.isnan(one) and math.isnan(other))
            for one, other in pairwise(values)
        )
    )


@few
@given(cases(COUNTERS | ODD))
def test_changes(case: Case) -> None:
    found = computed(case, per_window(lambda piece: change_counts(piece).astype(float)))
    assert_alike(found, expected(case, of_values(_changes)))


@few
@given(cases(COUNTERS | ODD))
def test_falls(case: Case) -> None:
    kernel = per_window(lambda piece: transitions_within(falls(piece.values), piece).astype(float))
    wanted = of_values(lambda values: float(sum(b < a for a, b in pairwise(values))))
    assert_alike(computed(case, kernel), expected(case, wanted))


def test_start_times_tell_resets() -> None:
    times = np.array([[10, 20, 30, 40, 50, 60]])
    began = np.array([[5, 5, 25, 30, 70, 0]])
    index = np.zeros((1, 1), dtype=np.intp)
    edge = np.zeros(1, dtype=np.int64)
    windows = Windows(index[0], times, times.astype(float), index, index, edge, edge)
    # The same start; one after the sample before; that sample's own time; an impossible one; none.
    assert start_resets(windows, began).tolist() == [[False, True, True, False, False]]


def test_a_start_time_at_the_sample_before_is_no_reset_where_that_one_has_none() -> None:
    times = np.array([[10, 20, 30]])
    index = np.zeros((1, 1), dtype=np.intp)
    edge = np.zeros(1, dtype=np.int64)
    windows = Windows(index[0], times, times.astype(float), index, index, edge, edge)
    assert start_resets(windows, np.array([[0, 10, 20]])).tolist() == [[False, True]]

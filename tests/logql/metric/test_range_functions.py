"""Functions over ranges where numbers are not plain."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.logql import ast
from appliance.logql.metric.cells import Items
from appliance.logql.metric.range_functions import Bounds, range_function

NAN, INF = math.nan, math.inf
AT = Bounds(np.array([0, 1, 2]), np.array([2, 3, 4]), np.array([2, 3, 4]) * 10**8)


def run(op: str, values: list[float], parameter: float | None = None) -> list[float]:
    """The function over [0, 2), [1, 3) and [2, 4) of four values."""
    node = ast.RangeAggregation(
        op, ast.LogRange(ast.Pipeline(()), 10**9, ast.Unwrap("v")), parameter
    )
    ones = np.ones(4, dtype=np.int64)
    items = Items(np.arange(4), ones, np.array(values), np.arange(4) * 10**8)
    found: list[float] = range_function(node).compute(items, AT).tolist()
    return found


@pytest.mark.parametrize(
    ("op", "values", "expected"),
    [
        ("sum_over_time", [1e15, 0.1, 0.2, 0.3], [1e15 + 0.1, 0.1 + 0.2, 0.5]),
        ("sum_over_time", [INF, 1, 2, 3], [INF, 3, 5]),
        ("sum_over_time", [NAN, 1, 2, 3], [NAN, 3, 5]),
        ("sum_over_time", [1e18, 1, 2, 3], [1e18, 3, 5]),
        ("avg_over_time", [INF, 1, -INF, INF], [INF, -INF, NAN]),
        ("min_over_time", [NAN, 1, NAN, NAN], [1, 1, NAN]),
        ("max_over_time", [NAN, 1, 2, NAN], [1, 2, 2]),
        ("stdvar_over_time", [0.1, 0.1, 1e9, 1e9 + 2], [0, (1e9 - 0.1) ** 2 / 4, 1]),
        ("stddev_over_time", [NAN, 1, 1, 3], [NAN, 0, 1]),
        ("first_over_time", [NAN, 1, 2, 3], [NAN, 1, 2]),
        ("last_over_time", [0, NAN, 2, 3], [NAN, 2, 3]),
    ],
)
def test_infinities_and_nan_stay_in_their_windows(
    op: str, values: list[float], expected: list[float]
) -> None:
    assert run(op, values) == pytest.approx(expected, rel=1e-12, abs=0, nan_ok=True)


def test_the_least_value_of_a_quantile_is_nan() -> None:
    assert run("quantile_over_time", [NAN, 1, 2, 3], 1.0) == [1, 2, 3]
    np.testing.assert_equal(run("quantile_over_time", [NAN, 1, 2, 3], 0.0), [NAN, 1, 2])


def test_counters_that_start_again() -> None:
    """The first window has 3 → 1: the counter came to 1 after it had lost 3.

    Windows of a second have two samples 0.1 s apart, the last one 0.1 s before their end: the
    increase is taken to go on for 0.1 s at the end, and at the start for half the distance of
    samples, or back to where the counter was zero.
    """
    for fraction in (1.0, 0.5):
        found = run("rate_counter", [3 * fraction, fraction, 2 * fraction, 5 * fraction])
        assert found == pytest.approx([2.5 * fraction, 3 * fraction, 8 * fraction])

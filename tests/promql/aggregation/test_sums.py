"""sum and avg where plain addition would go wrong, and of native histograms."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.histogram import Histogram
from appliance.promql.aggregation import aggregate
from appliance.promql.aggregation.compensated import group_sums
from appliance.promql.ast import Aggregate
from appliance.promql.frame import Frame
from appliance.promql.grouping import Groups
from tests.promql.vectors import INF, NAN, VECTOR, cells, context, frame, shown, texts

EXPONENTIAL = "count:3 sum:5 buckets:[1 2]"
CUSTOM = "schema:-53 count:3 sum:5 custom_values:[5 10] buckets:[1 2]"
OTHER_CUSTOM = "schema:-53 count:3 sum:5 custom_values:[10] buckets:[1 2]"


def one(op: str, *values: float | str) -> tuple[object, list[str]]:
    """The aggregation of all values at one step, and the remarks."""
    around = context(1)
    vector = frame({f'm{{a="{number}"}}': [value] for number, value in enumerate(values)})
    found = aggregate(Aggregate(op, VECTOR), vector, None, around)
    rows = list(shown(found).values())
    return (rows[0][0] if rows else None), texts(around)


@pytest.mark.parametrize(
    ("values", "total", "mean"),
    [
        ((1.0, 1e100, 1.0, -1e100), 2.0, 0.5),
        ((0.1,) * 10, 1.0, 0.1),
        ((INF, 2.0), INF, INF),
        ((-INF, 2.0), -INF, -INF),
        ((INF, -INF), NAN, NAN),
        ((NAN, 2.0), NAN, NAN),
        ((1e308, 1e308), INF, 1e308),
        ((1e308, 1e308, -1e308, -1e308), INF, 0.0),
        ((1e308, 1e308, INF), INF, INF),
    ],
)
def test_sums_and_means_of_extreme_values(
    values: tuple[float, ...], total: float, mean: float
) -> None:
    np.testing.assert_equal(one("sum", *values)[0], total)
    np.testing.assert_equal(one("avg", *values)[0], mean)


@pytest.mark.parametrize("rows", [1, 31, 32, 33, 64, 1025, 3000])
def test_sums_by_lanes_are_exact_for_integers(rows: int) -> None:
    values = np.random.default_rng(rows).integers(-(2**50), 2**50, (rows, 3)).astype(np.float64)
    ids = np.random.default_rng(1).integers(0, 3, rows).astype(np.intp)
    sums = group_sums(values, Groups.of(ids, 3))
    wanted = [
        [float(sum(map(int, values[ids == group, step]))) for step in range(3)]
        for group in (0, 1, 2)
    ]
    assert (sums.total + sums.error).tolist() == wanted


def test_sums_of_lanes_keep_small_values_beside_large_ones() -> None:
    values = np.ones((1000, 1))
    values[3], values[997] = 1e100, -1e100
    sums = group_sums(values, Groups.of(np.zeros(1000, dtype=np.intp), 1))
    assert (sums.total + sums.error).tolist() == [[998.0]]


def test_sums_of_histograms() -> None:
    assert one("sum", EXPONENTIAL, EXPONENTIAL) == ((6.0, 10.0), [])
    assert one("avg", EXPONENTIAL, EXPONENTIAL) == ((3.0, 5.0), [])


@pytest.mark.parametrize("op", ["sum", "avg"])
def test_floats_and_histograms_have_no_sum(op: str) -> None:
    text = "PromQL warning: encountered a mix of histograms and floats for aggregation"
    assert one(op, EXPONENTIAL, 1.0) == (None, [text])
    assert one(op, 1.0, EXPONENTIAL, CUSTOM) == (None, [text])


@pytest.mark.parametrize("op", ["sum", "avg"])
def test_histograms_of_two_schemas_have_no_sum(op: str) -> None:
    text = (
        "PromQL warning: vector contains a mix of histograms with exponential and custom buckets"
        ' schemas for metric name "m"'
    )
    assert one(op, EXPONENTIAL, CUSTOM) == (None, [text])
    # What comes after them is not looked at any more.
    assert one(op, EXPONENTIAL, CUSTOM, 1.0) == (None, [text])
    mixed = "PromQL warning: encountered a mix of histograms and floats for aggregation"
    assert one(op, EXPONENTIAL, 1.0, CUSTOM) == (None, [text, mixed])


def test_custom_bounds_are_reconciled_with_an_info() -> None:
    text = "PromQL info: mismatched custom buckets were reconciled during aggregation"
    assert one("sum", CUSTOM, OTHER_CUSTOM) == ((6.0, 10.0), [text])


def test_colliding_resets_are_warned_of() -> None:
    reset = EXPONENTIAL + " counter_reset_hint:reset"
    kept = EXPONENTIAL + " counter_reset_hint:not_reset"
    text = "PromQL warning: conflicting counter resets during histogram aggregation"
    assert one("sum", reset, EXPONENTIAL, kept) == ((9.0, 15.0), [text])


def test_histograms_and_floats_at_different_steps_do_not_mix() -> None:
    vector = frame({'m{a="1"}': [EXPONENTIAL, 1.0], 'm{a="2"}': [EXPONENTIAL, 2.0]})
    found = aggregate(Aggregate("sum", VECTOR), vector, None, context(2))
    first, second = cells(found)[0][1]
    assert isinstance(first, Histogram)
    assert second == 3.0


def test_no_series_have_no_sum() -> None:
    assert len(aggregate(Aggregate("sum", VECTOR), Frame.empty(3), None, context(3)).labels) == 0

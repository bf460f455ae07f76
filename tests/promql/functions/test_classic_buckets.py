from __future__ import annotations

import bisect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.promql.functions.classic_buckets import ClassicBuckets, ClassicHistogram

Row = list[tuple[float, float]]
_BOUNDS = [-2.0, 0.0, 1.0, 2.5, 10.0, math.inf]


def _classic(columns: list[Row], present: np.ndarray | None = None) -> ClassicBuckets:
    """One histogram; per step its (bound, count)."""
    bounds = np.array([bound for bound, _ in columns[0]])
    values = np.array([[count for _, count in column] for column in columns]).T
    if present is None:
        present = np.ones(values.shape, dtype=np.bool_)
    rows = np.arange(len(bounds), dtype=np.intp)
    return ClassicBuckets([ClassicHistogram(rows, bounds)], values, present)


def _quantile(row: Row, part: float) -> float:
    classic = _classic([row])
    classic.make_monotonic()
    return float(classic.quantiles(np.array([part]))[0, 0])


ROW: Row = [(1.0, 2.0), (2.0, 6.0), (4.0, 10.0), (math.inf, 12.0)]


@pytest.mark.parametrize(
    ("row", "part", "value"),
    [
        (ROW, 0, 0),
        (ROW, 1 / 12, 0.5),
        (ROW, 0.5, 2),
        (ROW, 0.75, 3.5),
        (ROW, 0.99, 4),
        (ROW, -1, -math.inf),
        (ROW, 2, math.inf),
        (ROW, math.nan, math.nan),
        (ROW[:3], 0.5, math.nan),
        (ROW[3:], 0.5, math.nan),
        ([(1.0, 0.0), (math.inf, 0.0)], 0.5, math.nan),
        ([(-1.0, 4.0), (math.inf, 8.0)], 0.25, -1),
        ([(1.0, 5.0), (2.0, 3.0), (4.0, 10.0), (math.inf, 10.0)], 0.55, 2.2),  # raised to 5
        ([(1.0, 1.0), (1.0, 1.0), (2.0, 4.0), (math.inf, 4.0)], 0.75, 1.5),  # a bound twice
        ([(1.0, 1.0), (math.inf, 1.0), (math.inf, 3.0)], 0.25, 1),
    ],
)
def test_quantiles(row: Row, part: float, value: float) -> None:
    assert _quantile(row, part) == pytest.approx(value, nan_ok=True)


def test_repairs_say_what_was_raised() -> None:
    fine: Row = [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (math.inf, 3.0)]
    fallen: Row = [(1.0, 5.0), (2.0, 3.0), (3.0, 4.0), (math.inf, 9.0)]
    classic = _classic([fine, fallen, fine, fallen])
    (repair,) = classic.make_monotonic()
    assert repair.steps.tolist() == [1, 3]
    assert (repair.lowest, repair.highest, repair.difference) == (2, 3, 2)
    assert classic.make_monotonic() == []


def test_rounding_errors_are_taken_away_silently() -> None:
    row: Row = [(1.0, 1.0), (2.0, 1 + 1e-13), (4.0, 1 - 1e-13), (math.inf, 1.0)]
    classic = _classic([row])
    assert classic.make_monotonic() == []
    assert classic.quantiles(np.array([1.0]))[0, 0] == 1


def test_buckets_that_are_not_there_do_not_count() -> None:
    present = np.array(
        [[True, True, False], [True, False, False], [True, True, False], [True, True, False]]
    )
    classic = _classic([ROW, ROW, ROW], present)
    found = classic.quantiles(np.full(3, 0.5))
    assert classic.present.tolist() == [[True, True, False]]
    assert found[0, :2].tolist() == [2, 1 + 3 * 4 / 8]


def test_many_histograms_at_once_are_like_each_alone() -> None:
    rng = np.random.default_rng(3)
    counts = np.cumsum(rng.poisson(2, (5, 4, 7)), axis=1).astype(np.float64)
    bounds = np.array([0.5, 1.0, 2.0, math.inf])
    histograms = [
        ClassicHistogram(np.arange(4 * number, 4 * number + 4, dtype=np.intp), bounds)
        for number in range(5)
    ]
    values = counts.reshape(20, 7)
    parts = np.linspace(0, 1, 7)
    found = ClassicBuckets(histograms, values, np.ones(values.shape, dtype=np.bool_))
    for number, step in ((0, 0), (2, 3), (4, 6)):
        row = list(zip(bounds.tolist(), counts[number, :, step].tolist(), strict=True))
        expected = _quantile(row, float(parts[step]))
        assert found.quantiles(parts)[number, step] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("row", "lower", "upper", "part"),
    [
        (ROW, -math.inf, math.inf, 1),
        (ROW, 1, 2, 1 / 3),
        (ROW, 0.5, 3, 7 / 12),
        (ROW, 3, 5, 2 / 12),
        (ROW, 5, 9, 0),
        (ROW, 2, 1, 0),
        (ROW, math.nan, 1, math.nan),
        (ROW[:3], 0, 1, math.nan),
        ([(-1.0, 4.0), (math.inf, 8.0)], -5, -2, 0),
    ],
)
def test_fractions(row: Row, lower: float, upper: float, part: float) -> None:
    found = _classic([row]).fractions(np.array([lower]), np.array([upper]))
    assert found[0, 0] == pytest.approx(part, nan_ok=True)


def _naive(row: Row, part: float) -> float:
    counts: list[float] = np.maximum.accumulate([count for _, count in row]).tolist()
    if not counts[-1]:
        return math.nan
    rank = part * counts[-1]
    place = bisect.bisect_left(counts[:-1], rank)
    if place == len(row) - 1:
        return row[-2][0]
    if place == 0 and row[0][0] <= 0:
        return row[0][0]
    start, before = (0.0, 0.0) if place == 0 else (row[place - 1][0], counts[place - 1])
    if counts[place] == before:
        return math.nan
    return start + (row[place][0] - start) * (rank - before) / (counts[place] - before)


@given(st.lists(st.integers(0, 20).map(float), min_size=6, max_size=6), st.floats(0, 1))
def test_quantiles_are_those_of_a_plain_search(counts: list[float], part: float) -> None:
    row = list(zip(_BOUNDS, counts, strict=True))
    assert _quantile(row, part) == pytest.approx(_naive(row, part), nan_ok=True)

"""Batched estimates are those of one histogram at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.histogram import Histogram
from appliance.promql.histograms import fraction, quantile, variance
from appliance.promql.histograms.batch_estimates import (
    Estimates,
    batch_fractions,
    batch_quantiles,
    batch_variances,
)
from appliance.promql.histograms.batching import batched
from appliance.promql.histograms.quantile import Estimate
from tests.promql.histograms.model import custom, exponential


@st.composite
def _odd(draw: st.DrawFn) -> Histogram:
    """Also with NaN observations, none, or negative counts."""
    found = draw(exponential() | custom())
    change = draw(st.sampled_from(["", "", "nan", "short", "negative", "empty"]))
    if change == "nan":
        return replace(found, sum=math.nan, count=found.count + draw(st.integers(0, 9)))
    if change == "short":
        return replace(found, count=found.count * 1.5)
    if change == "negative":
        return replace(found, zero_count=-found.zero_count, count=-found.count)
    return replace(found, count=0.0) if change == "empty" else found


_RANKS = st.sampled_from([-1.0, 0.0, 0.1, 0.4999, 0.5, 0.9, 1.0, 2.0, math.nan])
_VALUES = st.floats(-70, 70) | st.sampled_from([-math.inf, -1.0, 0.0, 0.125, 2.0, math.inf])


def _same(values: Estimates, row: int, wanted: Estimate) -> None:
    np.testing.assert_allclose(values.values[row], wanted.value, rtol=1e-12)
    assert values.has_nans[row] == wanted.has_nans


@given(st.lists(st.tuples(_odd(), _RANKS), min_size=1, max_size=20))
def test_quantiles_are_those_of_each_histogram(items: list[tuple[Histogram, float]]) -> None:
    cells = [item for item, _ in items]
    for part in batched(cells):
        ranks = np.array([items[place][1] for place in part.places.tolist()])
        found = batch_quantiles(part.batch, ranks)
        for row, place in enumerate(part.places.tolist()):
            _same(found, row, quantile(*items[place]))


@given(st.lists(st.tuples(_odd(), _VALUES, _VALUES), min_size=1, max_size=20))
def test_fractions_are_those_of_each_histogram(
    items: list[tuple[Histogram, float, float]],
) -> None:
    for part in batched([item for item, _, _ in items]):
        places = part.places.tolist()
        lower, upper = (np.array([items[place][at] for place in places]) for at in (1, 2))
        found = batch_fractions(part.batch, lower, upper)
        for row, place in enumerate(places):
            _same(found, row, fraction(*items[place]))


@given(st.lists(_odd(), min_size=1, max_size=20))
def test_variances_are_those_of_each_histogram(cells: list[Histogram]) -> None:
    for part in batched(cells):
        wanted = [variance(cells[place]) for place in part.places.tolist()]
        np.testing.assert_allclose(batch_variances(part.batch), wanted, rtol=1e-12)

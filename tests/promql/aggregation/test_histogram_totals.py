"""Sums of histograms of one layout against adding one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.histogram import CUSTOM_SCHEMA, Buckets, Histogram, ResetHint
from appliance.promql.aggregation import histogram_totals
from appliance.promql.aggregation.histogram_totals import totals
from appliance.promql.frame import histograms_of
from appliance.promql.histograms import HistogramMean, HistogramSum, compact

NUMBERS = st.sampled_from([0.0, 1.0, 2.5, -1.0, 7.0, 1e100, -1e100])
BUCKETS = st.dictionaries(st.integers(-3, 6), NUMBERS, max_size=5).map(
    lambda found: Buckets(
        np.array(sorted(found), dtype=np.int64),
        np.array([found[index] for index in sorted(found)], dtype=np.float64),
    )
)
HISTOGRAMS = st.builds(
    Histogram,
    st.just(3),
    NUMBERS,
    NUMBERS,
    st.just(0.001),
    NUMBERS,
    BUCKETS,
    BUCKETS,
    reset_hint=st.sampled_from(ResetHint),
)


@given(rows=st.lists(st.lists(HISTOGRAMS, min_size=2, max_size=2), min_size=1, max_size=6))
def test_sums_and_means_are_those_of_one_after_the_other(rows: list[list[Histogram]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histogram_totals, "_MOST_HISTOGRAMS", 1)
        in_pieces, collides = totals(histograms_of(rows), is_mean=False)
    for step, item in enumerate(in_pieces):
        one_by_one = HistogramSum(rows[0][step])
        for row in rows[1:]:
            one_by_one.add(row[step])
        assert_same(item, compact(one_by_one.total()))
        hints = {row[step].reset_hint for row in rows}
        assert collides[step] == ({ResetHint.RESET, ResetHint.NOT_RESET} <= hints)
    for step, item in enumerate(totals(histograms_of(rows), is_mean=True)[0]):
        mean = HistogramMean(rows[0][step])
        for row in rows[1:]:
            mean.add(row[step])
        assert_same(item, compact(mean.mean()))


def assert_same(one: Histogram | None, other: Histogram) -> None:
    """Near enough: the errors that are kept are added in another order."""
    assert one is not None
    assert (one.schema, one.reset_hint) == (other.schema, other.reset_hint)
    for ours, theirs in ((one.positive, other.positive), (one.negative, other.negative)):
        used = np.isin(ours.indexes, theirs.indexes)
        np.testing.assert_allclose(ours.counts[used], theirs.counts, rtol=1e-9, atol=1e-9)
        assert (np.abs(ours.counts[~used]) < 1e-9).all()
    numbers = [(item.count, item.sum, item.zero_count) for item in (one, other)]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-9, atol=1e-9)


def test_missing_histograms_do_not_count() -> None:
    item = Histogram(0, 4.0, 8.0)
    (found,), _ = totals(histograms_of([[item], [None], [item]]), is_mean=True)
    assert found is not None
    assert (found.count, found.sum) == (4.0, 8.0)


def test_infinite_sums_are_left_to_others() -> None:
    item = Histogram(0, 1e308, 8.0)
    assert totals(histograms_of([[item], [item]]), is_mean=False)[0] == [None]


@pytest.mark.parametrize(
    "other",
    [
        Histogram(CUSTOM_SCHEMA, 1.0, 1.0, custom_values=np.array([2.0, 3.0])),
        Histogram(0, 1.0, 1.0),
        Histogram(CUSTOM_SCHEMA, 1.0, 1.0, 0.5, custom_values=np.array([1.0, 2.0])),
    ],
)
def test_other_layouts_are_left_to_others(other: Histogram) -> None:
    custom = Histogram(CUSTOM_SCHEMA, 1.0, 1.0, custom_values=np.array([1.0, 2.0]))
    assert totals(histograms_of([[custom], [custom]]), is_mean=False)[0] != [None]
    assert totals(histograms_of([[custom], [other]]), is_mean=False)[0] == [None]


def test_buckets_in_the_zero_bucket_are_left_to_others() -> None:
    item = Histogram(0, 1.0, 1.0, 4.0, 0.0, Buckets(np.array([1]), np.array([1.0])))
    assert totals(histograms_of([[item], [item]]), is_mean=False)[0] == [None]

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.histogram import Histogram, ResetHint
from appliance.promql.histograms import (
    HistogramMean,
    HistogramSum,
    IncompatibleSchemas,
    add,
    compact,
    divide,
    negate,
    print_test_expression,
)
from tests.promql.histograms.model import as_dict, custom, exponential, h


def _sum(histograms: list[Histogram]) -> HistogramSum:
    total = HistogramSum(histograms[0])
    for histogram in histograms[1:]:
        total.add(histogram)
    return total


def _mean(histograms: list[Histogram]) -> Histogram:
    mean = HistogramMean(histograms[0])
    for histogram in histograms[1:]:
        mean.add(histogram)
    return mean.mean()


HUGE = h("count:1e100 sum:1e100 z_bucket:1e100 buckets:[1e100]")
SMALL = h("count:7 sum:2 z_bucket:1 buckets:[1 3] n_buckets:[2]")


def test_small_numbers_survive_huge_ones() -> None:
    found = _sum([HUGE, SMALL, negate(HUGE)]).total()
    assert print_test_expression(found) == (
        "{{count:7 sum:2 z_bucket:1 counter_reset_hint:gauge buckets:[1 3] n_buckets:[2]}}"
    )
    mean = _mean([HUGE, SMALL, negate(HUGE), SMALL])
    assert (mean.count, mean.sum) == (3.5, 1)


def test_small_numbers_survive_a_change_of_layout() -> None:
    wide = h("count:1 z_bucket:1 z_bucket_w:2")
    found = _sum([HUGE, SMALL, wide, negate(HUGE)]).total()
    assert (found.zero_count, found.zero_threshold) == (8, 2)
    coarse = h("schema:-1 count:1 buckets:[1]")
    found = _sum([SMALL, HUGE, coarse, negate(HUGE)]).total()
    assert as_dict(found.positive) == {0: 2, 1: 3}


def test_collisions_and_bounds_are_remembered() -> None:
    reset = h("count:1 counter_reset_hint:reset")
    total = _sum([reset, h("count:1 counter_reset_hint:not_reset"), reset])
    assert total.has_collision
    assert total.total().reset_hint == ResetHint.UNKNOWN
    one = h("schema:-53 custom_values:[1 2] buckets:[1 2]")
    total = _sum([one, h("schema:-53 custom_values:[2 3] buckets:[4 5]")])
    assert total.is_reconciled
    assert print_test_expression(total.total()) == "{{schema:-53 custom_values:[2] buckets:[7 5]}}"


def test_kinds_do_not_mix() -> None:
    with pytest.raises(IncompatibleSchemas):
        _sum([SMALL, h("schema:-53 custom_values:[1] buckets:[1]")])


def test_means_do_not_overflow() -> None:
    half = h("count:1e308 sum:1e308 buckets:[1e308]")
    found = _mean([half] * 5)
    assert found.count == pytest.approx(1e308)
    assert found.positive.counts[0] == pytest.approx(1e308)


@given(st.lists(exponential(), min_size=1, max_size=5) | st.lists(custom(), min_size=1, max_size=5))
def test_many_are_added_as_two_are(histograms: list[Histogram]) -> None:
    expected = histograms[0]
    for histogram in histograms[1:]:
        expected = add(expected, histogram).histogram
    found, expected = _sum(histograms).total(), compact(expected)
    assert found.count == expected.count
    assert found.zero_count == expected.zero_count
    assert as_dict(found.positive) == as_dict(expected.positive)
    assert as_dict(found.negative) == as_dict(expected.negative)
    assert _mean(histograms).sum == pytest.approx(divide(expected, len(histograms)).sum)

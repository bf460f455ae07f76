from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.histogram import Histogram
from appliance.promql.histograms import print_test_expression, trim_lower, trim_upper
from tests.promql.histograms.model import custom, exponential, h

CUSTOM = h("schema:-53 count:10 sum:30 custom_values:[2 4 8] buckets:[2 2 4 2]")
EXPONENTIAL = h("count:10 sum:30 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[4 4]")


@pytest.mark.parametrize(
    ("histogram", "limit", "below", "above"),
    [
        (CUSTOM, 4, "count:4 sum:8 buckets:[2 2]", "count:6 sum:40 offset:2 buckets:[4 2]"),
        (CUSTOM, 5, "count:5 sum:12.5 buckets:[2 2 1]", "count:5 sum:35.5 offset:2 buckets:[3 2]"),
        (CUSTOM, 1, "count:1 sum:0.5 buckets:[1]", "count:9 sum:47.5 buckets:[1 2 4 2]"),
        (CUSTOM, 9, "count:8 sum:32 buckets:[2 2 4]", "count:2 sum:18 offset:3 buckets:[2]"),
        (CUSTOM, -1, "", "count:8 sum:46 offset:1 buckets:[2 4 2]"),
    ],
)
def test_custom_buckets_are_cut_linearly(
    histogram: Histogram, limit: float, below: str, above: str
) -> None:
    bounds = "schema:-53 custom_values:[2 4 8]"
    assert _shown(trim_upper(histogram, limit)) == _shown(h(f"{bounds} {below}"))
    assert _shown(trim_lower(histogram, limit)) == _shown(h(f"{bounds} {above}"))


def _shown(histogram: Histogram) -> str:
    return print_test_expression(histogram)


def test_exponential_buckets_are_cut_on_a_logarithmic_scale() -> None:
    found = trim_upper(EXPONENTIAL, math.sqrt(8))
    assert found.positive.counts.tolist() == pytest.approx([4, 2])
    assert found.zero_count == 2
    assert found.sum == pytest.approx(
        2 * 0.25 + 4 * math.sqrt(2) + 2 * 8 ** (5 / 12 - 1 / 12 + 1 / 12)
    )
    rest = trim_lower(EXPONENTIAL, math.sqrt(8))
    assert rest.count == pytest.approx(2)
    assert rest.zero_count == 0


def test_the_zero_bucket_begins_at_zero_when_nothing_is_negative() -> None:
    assert trim_upper(EXPONENTIAL, 0.25).zero_count == 1
    both = h("count:4 z_bucket:2 z_bucket_w:0.5 buckets:[1] n_buckets:[1]")
    assert trim_upper(both, 0.25).zero_count == 1.5
    assert trim_lower(both, 0.25).zero_count == 0.5


def test_negative_buckets_are_cut_too() -> None:
    histogram = h("count:4 sum:-8 offset:1 n_offset:2 n_buckets:[4]")
    assert trim_upper(histogram, -math.sqrt(8)).negative.counts.tolist() == pytest.approx([2])
    assert trim_upper(histogram, -math.sqrt(8)).sum == pytest.approx(
        -2 * math.sqrt(4 * math.sqrt(8))
    )


@pytest.mark.parametrize("histogram", [CUSTOM, EXPONENTIAL])
def test_nothing_to_cut_changes_nothing(histogram: Histogram) -> None:
    assert trim_upper(histogram, math.inf) is histogram
    assert trim_lower(histogram, -math.inf) is histogram


def test_a_limit_of_nan_leaves_nothing_in_buckets() -> None:
    assert not len(trim_upper(EXPONENTIAL, math.nan).positive.indexes)


@given(exponential() | custom(), st.floats(-100, 100))
def test_a_part_is_never_more_than_the_whole(histogram: Histogram, limit: float) -> None:
    for part in (trim_upper(histogram, limit), trim_lower(histogram, limit)):
        assert -1e-9 <= part.count <= histogram.count * (1 + 1e-9)
        if part is not histogram:
            held = part.positive.counts.sum() + part.negative.counts.sum() + part.zero_count
            assert held == pytest.approx(part.count)


@given(exponential(), st.floats(-100, 100))
def test_parts_of_exponential_buckets_make_the_whole(histogram: Histogram, limit: float) -> None:
    below, above = trim_upper(histogram, limit), trim_lower(histogram, limit)
    assert below.count + above.count == pytest.approx(histogram.count)

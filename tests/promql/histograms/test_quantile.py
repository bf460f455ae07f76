from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.histogram import Histogram
from appliance.promql.histograms import fraction, quantile, variance
from tests.promql.histograms.model import custom, exponential, h

ONE_SIDE = h("count:10 sum:20 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[4 4]")
CUSTOM = h("schema:-53 count:10 sum:30 custom_values:[2 4 8] buckets:[2 2 4 2]")


@pytest.mark.parametrize(
    ("histogram", "part", "value"),
    [
        (ONE_SIDE, -0.1, -math.inf),
        (ONE_SIDE, 1.1, math.inf),
        (ONE_SIDE, math.nan, math.nan),
        (ONE_SIDE, 0, 0),
        (ONE_SIDE, 0.1, 0.25),  # linearly from zero in the zero bucket
        (ONE_SIDE, 0.4, math.sqrt(2)),
        (ONE_SIDE, 0.8, math.sqrt(8)),
        (ONE_SIDE, 1, 4),
        (h("count:4 n_buckets:[0 4]"), 0.25, -(2**0.75)),
        (h("count:4 z_bucket:4 z_bucket_w:1 n_offset:3 n_buckets:[0]"), 0.5, -0.5),
        (h("count:4 z_bucket:4 z_bucket_w:1"), 0.25, -0.5),
        (h("count:0"), 0.5, math.nan),
        (CUSTOM, 0.1, 1),
        (CUSTOM, 0.5, 5),
        (CUSTOM, 0.95, 8),  # in the bucket without end: its beginning
        (h("schema:-53 count:2 custom_values:[-1 4] buckets:[2]"), 0.5, -1),
    ],
)
def test_quantiles(histogram: Histogram, part: float, value: float) -> None:
    assert quantile(histogram, part).value == pytest.approx(value, nan_ok=True)
    assert not quantile(histogram, part).has_nans


def test_nan_observations_count_as_the_highest() -> None:
    histogram = h("count:8 sum:nan buckets:[2 2]")
    assert quantile(histogram, 0.25) == (1.0, True)
    found = quantile(histogram, 0.75)
    assert math.isnan(found.value)
    assert found.has_nans


def test_infinities_make_the_sum_nan_but_are_no_nans() -> None:
    histogram = h("count:4 sum:nan buckets:[2 2]")
    assert not quantile(histogram, 0.5).has_nans
    assert not fraction(histogram, 0, 1).has_nans


@pytest.mark.parametrize(
    ("histogram", "lower", "upper", "part"),
    [
        (ONE_SIDE, -math.inf, math.inf, 1),
        (ONE_SIDE, 0, 0.25, 0.1),
        (ONE_SIDE, -5, math.sqrt(2), 0.4),
        (ONE_SIDE, 1, 2, 0.4),
        (ONE_SIDE, 3, 2, 0),
        (ONE_SIDE, math.nan, 2, math.nan),
        (ONE_SIDE, 5, 9, 0),
        (h("count:4 n_buckets:[0 4]"), -(2**0.75), 0, 0.75),
        (CUSTOM, 2, 5, 0.3),
        (CUSTOM, 0, 1, 0.1),
        (CUSTOM, 6, math.inf, 0.4),
        (CUSTOM, 9, math.inf, 0.2),  # nothing of the last bucket counts as below 9
        (h("count:0"), 0, 1, math.nan),
    ],
)
def test_fractions(histogram: Histogram, lower: float, upper: float, part: float) -> None:
    assert fraction(histogram, lower, upper).value == pytest.approx(part, nan_ok=True)


def test_nan_observations_are_in_no_fraction() -> None:
    histogram = h("count:8 sum:nan buckets:[2 2]")
    assert fraction(histogram, -math.inf, math.inf) == (0.5, True)


def test_variance_takes_the_middle_of_each_bucket() -> None:
    assert variance(h("count:4 sum:0 z_bucket:4 z_bucket_w:1")) == 0
    assert variance(h("count:2 sum:0 n_offset:1 n_buckets:[1] offset:1 buckets:[1]")) == (
        pytest.approx(2)
    )
    assert variance(h("schema:-53 count:2 sum:4 custom_values:[1 3 5] buckets:[0 1 1]")) == 2
    assert math.isnan(variance(h("count:0")))


@given(exponential() | custom(), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_grow(histogram: Histogram, one: float, other: float) -> None:
    low, high = sorted((one, other))
    # A bucket that reaches from 0 to +Inf, for want of bounds, has NaN for its lowest value.
    has_bounds = histogram.schema != CUSTOM.schema or len(histogram.custom_values) > 0
    if histogram.count and has_bounds and high - low > 1e-9:
        below, above = quantile(histogram, low).value, quantile(histogram, high).value
        assert below <= above + 1e-9 * abs(above)


@given(exponential(), st.floats(0.01, 0.99))
def test_the_fraction_below_a_quantile_is_its_part(histogram: Histogram, part: float) -> None:
    if histogram.count and not (histogram.zero_threshold == 0 and histogram.zero_count):
        value = quantile(histogram, part).value
        assert fraction(histogram, -math.inf, value).value == pytest.approx(part, abs=1e-6)

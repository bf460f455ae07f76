# ruff: noqa: E501 - Prometheus' messages stand in one piece
from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.histogram import CUSTOM_SCHEMA, Buckets
from appliance.wire.native_histogram import (
    RawHistogram,
    from_spans,
    histogram_of,
    is_integral,
    to_deltas,
    to_spans,
)
from tests.promql.histograms.model import h

VALID = RawHistogram(
    schema=1,
    count=12,
    sum=3.5,
    zero_threshold=0.01,
    zero_count=2,
    positive_spans=[(-1, 2), (1, 1)],
    positive_counts=[1, 2, -1],
    negative_spans=[(0, 1)],
    negative_counts=[4],
)
CUSTOM = RawHistogram(
    schema=CUSTOM_SCHEMA,
    count=3,
    custom_values=[1.0, 2.0],
    positive_spans=[(0, 2)],
    positive_counts=[1, 1],
)
NEGATIVE = "histogram has a bucket whose observation count is negative"
MISMATCH = "histogram spans specify different number of buckets than provided"
ORDER = "histogram custom bounds must be in strictly increasing order"


def test_integers_are_differences() -> None:
    found = histogram_of(VALID)
    assert found.positive.indexes.tolist() == [-1, 0, 2]
    assert found.positive.counts.tolist() == [1, 3, 2]
    assert found.negative.counts.tolist() == [4]
    assert (found.count, found.zero_count, found.sum) == (12, 2, 3.5)


def test_floats_are_counts() -> None:
    found = histogram_of(
        RawHistogram(
            count=0.5, positive_spans=[(3, 2)], positive_counts=[0.25, 1.5], is_integer=False
        )
    )
    assert found.positive.indexes.tolist() == [3, 4]
    assert found.positive.counts.tolist() == [0.25, 1.5]


def test_custom_bounds_are_taken_over() -> None:
    found = histogram_of(CUSTOM)
    assert found.custom_values.tolist() == [1, 2]
    assert found.positive.counts.tolist() == [1, 2]


def test_resolutions_above_the_highest_are_reduced() -> None:
    raw = RawHistogram(schema=9, count=7, positive_spans=[(1, 3)], positive_counts=[1, 1, 1])
    found = histogram_of(replace(raw, count=6))
    assert found.schema == 8
    assert found.positive.indexes.tolist() == [1, 2]
    assert found.positive.counts.tolist() == [3, 3]


@pytest.mark.parametrize(
    ("raw", "change", "message"),
    [
        (
            VALID,
            {"positive_counts": [1, 2]},
            f"positive side: spans need 3 buckets, have 2 buckets: {MISMATCH}",
        ),
        (
            VALID,
            {"negative_counts": []},
            f"negative side: spans need 1 buckets, have 0 buckets: {MISMATCH}",
        ),
        (
            VALID,
            {"positive_spans": [(-1, 2), (-1, 1)]},
            "positive side: span number 2 with offset -1: histogram has a span whose offset is negative",
        ),
        (
            VALID,
            {"positive_counts": [1, -2, 3]},
            f"positive side: bucket number 2 has observation count of -1: {NEGATIVE}",
        ),
        (
            VALID,
            {"negative_counts": [-4]},
            f"negative side: bucket number 1 has observation count of -4: {NEGATIVE}",
        ),
        (
            VALID,
            {"count": 11},
            "12 observations found in buckets, but the Count field is 11: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)",
        ),
        (
            VALID,
            {"count": 11, "sum": float("nan")},
            "12 observations found in buckets, but the Count field is 11: histogram's observation count should be at least the number of observations found in the buckets",
        ),
        (
            VALID,
            {"custom_values": [1.0]},
            "histogram with exponential schema must not have custom bounds",
        ),
        (
            VALID,
            {"schema": -5},
            "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema -5",
        ),
        (
            VALID,
            {"schema": 53},
            "histogram has an unknown schema, which must be between -9 and 52 for exponential buckets, or -53 for custom buckets, got schema 53",
        ),
        (
            VALID,
            {"is_integer": False, "zero_count": -1},
            f"zero bucket has observation count of -1: {NEGATIVE}",
        ),
        (
            VALID,
            {"is_integer": False, "count": -1, "positive_counts": [1, 1, 1]},
            "observation count is  -1: histogram's observation count is negative",
        ),
        (
            CUSTOM,
            {"custom_values": [2.0, 2.0]},
            f"custom buckets: previous bound is 2.000000 and current is 2.000000: {ORDER}",
        ),
        (
            CUSTOM,
            {"custom_values": [1.0, float("inf")]},
            "custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite",
        ),
        (
            CUSTOM,
            {"custom_values": [float("nan")]},
            "custom buckets: histogram custom bounds must not be NaN",
        ),
        (
            CUSTOM,
            {"custom_values": []},
            "custom buckets: only 0 custom bounds defined which is insufficient to cover total span length of 2: histogram custom bounds are too few",
        ),
        (
            CUSTOM,
            {"positive_spans": [(-1, 2)]},
            "custom buckets: span number 1 with offset -1: histogram has a span whose offset is negative",
        ),
        (CUSTOM, {"zero_count": 1}, "custom buckets: must have zero count of 0"),
        (CUSTOM, {"zero_threshold": 0.1}, "custom buckets: must have zero threshold of 0"),
        (CUSTOM, {"negative_spans": [(0, 1)]}, "custom buckets: must not have negative spans"),
        (CUSTOM, {"negative_counts": [1]}, "custom buckets: must not have negative buckets"),
    ],
)
def test_what_is_wrong_is_said_in_prometheus_words(
    raw: RawHistogram, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        histogram_of(replace(raw, **change))
    assert caught.value.message == message


def test_nan_observations_are_in_no_bucket() -> None:
    assert histogram_of(replace(VALID, sum=float("nan"), count=20)).count == 20


def test_huge_spans_are_refused_before_anything_is_made_of_them() -> None:
    with pytest.raises(BadInput, match="spans need 4294967295 buckets"):
        from_spans([(0, 2**32 - 1)], [], is_delta=False)


def test_spans_and_differences_of_buckets() -> None:
    side = Buckets(np.array([-2, -1, 3, 4, 9]), np.array([1.0, 3, 2, 2, 7]))
    assert to_spans(side) == [(-2, 2), (3, 2), (4, 1)]
    assert to_deltas(side).tolist() == [1, 2, -1, 0, 5]


def test_histograms_with_fractions_are_not_integral() -> None:
    assert is_integral(h("count:3 buckets:[1 2]"))
    assert not is_integral(h("count:3 buckets:[1.5 1.5]"))
    assert not is_integral(h("count:-3"))

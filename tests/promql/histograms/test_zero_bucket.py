from __future__ import annotations

import pytest

from appliance.promql.histograms.zero_bucket import (
    common_threshold,
    widened_zero,
    with_common_zero,
)
from tests.promql.histograms.model import h

SIDES = h("z_bucket:1 z_bucket_w:0.25 buckets:[2 4 0 8] n_buckets:[16 32]")


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (0.25, (1, 0.25)),
        (0.5, (1, 0.5)),
        (0.6, (19, 1)),
        (1, (19, 1)),
        (1.5, (55, 2)),
        (3, (55, 3)),
        (5, (63, 8)),
    ],
)
def test_widening_ends_outside_populated_buckets(
    threshold: float, expected: tuple[float, float]
) -> None:
    assert widened_zero(SIDES, threshold) == expected


def test_the_negative_side_may_push_on_the_positive_one() -> None:
    histogram = h("schema:0 z_bucket_w:0.25 buckets:[0 1 1] n_buckets:[0 1]")
    assert widened_zero(histogram, 1.5) == (2, 2)


def test_both_histograms_get_the_same_zero_bucket() -> None:
    left, right = with_common_zero(SIDES, h("z_bucket:5 z_bucket_w:0.75 offset:1 buckets:[7]"))
    assert left.zero_threshold == right.zero_threshold == 1
    assert (left.zero_count, right.zero_count) == (19, 5)
    assert left.positive.indexes.tolist() == [1, 3]


def test_thresholds_chase_each_other() -> None:
    left = h("z_bucket_w:0.75 offset:2 buckets:[1]")
    assert common_threshold(left, h("z_bucket_w:0.25 schema:-1 buckets:[1 1]")) == 1
    assert common_threshold(left, h("z_bucket_w:3")) == 4

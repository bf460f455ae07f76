from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from appliance.model.histogram import Histogram, ResetHint
from appliance.model.histogram_bounds import all_buckets
from appliance.promql.histograms import (
    IncompatibleSchemas,
    add,
    combined_hint,
    compact,
    copy_to_schema,
    divide,
    equals,
    negate,
    scale,
    subtract,
)
from appliance.promql.histograms import print_test_expression as shown
from tests.promql.histograms.model import as_dict, custom, exponential, h

RESET, NOT_RESET, GAUGE, UNKNOWN = (
    ResetHint.RESET,
    ResetHint.NOT_RESET,
    ResetHint.GAUGE,
    ResetHint.UNKNOWN,
)


@pytest.mark.parametrize(
    ("left", "right", "total"),
    [
        (
            "count:6 sum:3 buckets:[1 2 3]",
            "count:4 sum:4 offset:2 buckets:[4]",
            "{{count:10 sum:7 buckets:[1 2 7]}}",
        ),
        (
            "schema:1 count:6 offset:-1 buckets:[1 2 3]",  # finer: -1 and 0 become one bucket
            "count:4 n_buckets:[4]",
            "{{count:10 buckets:[3 3] n_buckets:[4]}}",
        ),
        (  # the wider zero bucket swallows a bucket of the other side
            "count:7 z_bucket:1 z_bucket_w:0.5 buckets:[2 4]",
            "count:3 z_bucket:3 z_bucket_w:1",
            "{{count:10 z_bucket:6 z_bucket_w:1 offset:1 buckets:[4]}}",
        ),
        (  # a threshold within a populated bucket moves on to its end
            "count:7 z_bucket:1 z_bucket_w:0.5 buckets:[2 4]",
            "count:3 z_bucket:3 z_bucket_w:0.75",
            "{{count:10 z_bucket:6 z_bucket_w:1 offset:1 buckets:[4]}}",
        ),
        (
            "schema:-53 count:6 custom_values:[1 2 4] buckets:[1 2 3]",
            "schema:-53 count:9 custom_values:[2 3 4] buckets:[2 3 0 4]",
            "{{schema:-53 count:15 custom_values:[2 4] buckets:[5 6 4]}}",
        ),
        (
            "schema:-53 count:3 custom_values:[1] buckets:[1 2]",
            "schema:-53 count:4 custom_values:[2] buckets:[3 1]",
            "{{schema:-53 count:7 custom_values:[] buckets:[7]}}",
        ),
    ],
)
def test_add_brings_layouts_together(left: str, right: str, total: str) -> None:
    assert shown(add(h(left), h(right)).histogram) == total


def test_subtract_may_go_below_zero() -> None:
    found = subtract(h("count:3 sum:1 buckets:[1 2]"), h("count:5 sum:4 buckets:[1 4]")).histogram
    assert shown(found) == "{{count:-2 sum:-3 offset:1 buckets:[-2]}}"


def test_only_shared_bounds_are_left_and_told_of() -> None:
    left = h("schema:-53 custom_values:[1 2] buckets:[1]")
    assert add(left, h("schema:-53 custom_values:[1 3] buckets:[1]")).is_reconciled
    assert not add(left, left).is_reconciled


def test_custom_and_exponential_do_not_mix() -> None:
    with pytest.raises(IncompatibleSchemas, match="mix of exponential and custom"):
        add(h("buckets:[1]"), h("schema:-53 custom_values:[1] buckets:[1]"))


@pytest.mark.parametrize(
    ("left", "right", "hint", "collides"),
    [
        (GAUGE, RESET, GAUGE, False),
        (NOT_RESET, GAUGE, GAUGE, False),
        (UNKNOWN, RESET, UNKNOWN, False),
        (RESET, RESET, RESET, False),
        (NOT_RESET, RESET, UNKNOWN, True),
    ],
)
def test_hints_of_sums(left: ResetHint, right: ResetHint, hint: ResetHint, collides: bool) -> None:  # noqa: FBT001 - a table
    assert combined_hint(left, right) == (hint, collides)


def test_a_negative_factor_makes_a_gauge() -> None:
    histogram = h("count:3 sum:1 z_bucket:1 buckets:[2] counter_reset_hint:reset")
    assert shown(scale(histogram, 2)) == (
        "{{count:6 sum:2 z_bucket:2 counter_reset_hint:reset buckets:[4]}}"
    )
    assert negate(histogram).reset_hint == divide(histogram, -2).reset_hint == GAUGE


def test_division_by_zero_leaves_no_buckets() -> None:
    found = divide(h("count:3 sum:-1 buckets:[3]"), 0.0)
    assert (found.count, found.sum) == (np.inf, -np.inf)
    assert np.isnan(found.zero_count)
    assert not len(found.positive.indexes)


def test_equality_minds_empty_buckets_but_not_hints() -> None:
    one = h("count:1 buckets:[1]")
    assert equals(one, h("count:1 buckets:[1] counter_reset_hint:gauge"))
    assert not equals(one, h("count:1 buckets:[1 0]"))
    assert equals(one, compact(h("count:1 buckets:[1 0]")))
    assert not equals(one, h("count:1 z_bucket_w:1 buckets:[1]"))
    assert not equals(h("sum:0"), h("sum:-0.0"))
    assert equals(h("sum:nan"), h("sum:nan"))


def _held(histogram: Histogram) -> float:
    return float(all_buckets(histogram).counts.sum())


@given(exponential(), exponential())
def test_a_sum_holds_what_both_hold(left: Histogram, right: Histogram) -> None:
    found, swapped = add(left, right).histogram, add(right, left).histogram
    assert _held(found) == _held(left) + _held(right) == found.count
    assert found.schema == min(left.schema, right.schema)
    assert as_dict(found.positive) == as_dict(swapped.positive)
    assert found.zero_threshold == swapped.zero_threshold == _naive_threshold(left, right)


def _naive_threshold(left: Histogram, right: Histogram) -> float:
    """The least threshold not below both that is inside no populated bucket."""
    inside = []
    for histogram in (left, right):
        table = all_buckets(histogram)
        for lower, upper, count in zip(table.lower, table.upper, table.counts, strict=True):
            if count and not (lower <= 0 <= upper):
                low, high = sorted((abs(lower), abs(upper)))
                inside.append((float(low), float(high)))
    threshold = max(left.zero_threshold, right.zero_threshold)
    if left.zero_threshold == right.zero_threshold:
        return threshold
    while ends := [high for low, high in inside if low < threshold < high]:
        threshold = max(ends)
    return threshold


@given(exponential(), exponential())
def test_subtracting_undoes_adding(left: Histogram, right: Histogram) -> None:
    total = add(left, right).histogram
    back = compact(subtract(total, right).histogram)
    plain = compact(subtract(total, total).histogram)
    assert back.count == left.count
    assert _held(back) == left.count
    assert not len(plain.positive.indexes)


@given(custom(), custom())
def test_sums_of_custom_buckets_keep_cumulated_counts(left: Histogram, right: Histogram) -> None:
    found = add(left, right).histogram
    for bound in found.custom_values:
        below = sum(
            count
            for histogram in (left, right)
            for upper, count in zip(*_uppers(histogram), strict=True)
            if upper <= bound
        )
        uppers, counts = _uppers(found)
        assert counts[uppers <= bound].sum() == below


def _uppers(histogram: Histogram) -> tuple[np.ndarray, np.ndarray]:
    table = all_buckets(histogram)
    return table.upper, table.counts


@given(exponential())
def test_lower_resolutions_hold_the_same(histogram: Histogram) -> None:
    found = copy_to_schema(histogram, -2)
    assert found.schema == -2
    assert found.positive.counts.sum() == histogram.positive.counts.sum()

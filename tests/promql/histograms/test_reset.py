from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from appliance.model.histogram import Histogram
from appliance.promql.histograms import add, detect_reset
from tests.promql.histograms.model import custom, exponential, h

CUSTOM = "schema:-53 count:{} custom_values:[{}] buckets:[{}]"


@pytest.mark.parametrize(
    ("current", "previous", "is_reset"),
    [
        ("count:3 buckets:[1 2]", "count:3 buckets:[1 2]", False),
        ("count:4 buckets:[1 3]", "count:3 buckets:[1 2]", False),
        ("count:2 buckets:[1 1]", "count:3 buckets:[1 2]", True),
        ("count:4 buckets:[1 3]", "count:3 buckets:[2 1]", True),
        ("count:4 buckets:[4]", "count:3 buckets:[1 2]", True),  # a bucket has gone
        ("count:4 buckets:[4]", "count:3 buckets:[3 0]", False),  # an empty one has gone
        ("count:4 n_buckets:[4]", "count:4 n_buckets:[3 1]", True),
        ("count:4 z_bucket:0 buckets:[4]", "count:4 z_bucket:1 buckets:[3]", True),
        ("count:4 schema:1 buckets:[4]", "count:3 buckets:[3]", True),
        ("count:4 buckets:[4]", "count:3 schema:1 buckets:[3]", False),
        ("count:4 z_bucket_w:0.1 buckets:[4]", "count:3 z_bucket_w:0.2 buckets:[3]", True),
        ("count:4 z_bucket:4 z_bucket_w:1", "count:3 z_bucket_w:0.5 buckets:[3]", False),
        ("count:4 z_bucket:2 z_bucket_w:1", "count:3 z_bucket_w:0.5 buckets:[3]", True),
        ("count:4 z_bucket:4 z_bucket_w:0.7", "count:3 z_bucket_w:0.5 buckets:[3]", True),
        ("count:4 counter_reset_hint:reset", "count:3", True),
        ("count:2 counter_reset_hint:not_reset", "count:3", False),
        ("count:2 counter_reset_hint:gauge", "count:3", True),
        (CUSTOM.format(3, "1 2", "3"), "count:3 buckets:[3]", True),
        ("count:3 buckets:[3]", CUSTOM.format(3, "1 2", "3"), True),
        (CUSTOM.format(4, "1 2", "1 3"), CUSTOM.format(4, "1 2", "2 2"), True),
        (CUSTOM.format(4, "2 3", "4"), CUSTOM.format(4, "1 2", "2 2"), False),
        (CUSTOM.format(4, "2 3", "3 1"), CUSTOM.format(4, "1 2", "2 2"), True),
        (CUSTOM.format(4, "3", "1 3"), CUSTOM.format(4, "1 2", "2 2"), False),
    ],
)
def test_resets(current: str, previous: str, is_reset: bool) -> None:  # noqa: FBT001 - a table
    assert detect_reset(h(current), h(previous)) == is_reset


@given(exponential(), exponential())
def test_what_grew_was_not_reset(before: Histogram, more: Histogram) -> None:
    more = replace(more, schema=before.schema, zero_threshold=before.zero_threshold)
    assert not detect_reset(_unhinted(add(before, more).histogram), before)


@given(custom(), custom())
def test_custom_buckets_that_grew_were_not_reset(before: Histogram, more: Histogram) -> None:
    assert not detect_reset(_unhinted(add(before, more).histogram), before)


def _unhinted(histogram: Histogram) -> Histogram:
    return replace(histogram, reset_hint=h("").reset_hint)

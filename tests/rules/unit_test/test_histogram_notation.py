"""Fields of histograms."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.promql.histograms.text import print_test_expression
from appliance.rules.unit_test.histogram_notation import parse_histogram


@pytest.mark.parametrize(
    "text",
    [
        "schema:1 count:3 sum:5 z_bucket:1 z_bucket_w:0.5 offset:2 buckets:[1 2] n_buckets:[3]",
        "schema:-53 count:3 sum:5 custom_values:[1 2] buckets:[1 2]",
        "count:1 counter_reset_hint:gauge",
    ],
)
def test_what_is_read_is_printed_the_same(text: str) -> None:
    assert print_test_expression(parse_histogram(text)) == "{{" + text + "}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo:1", 'bad histogram descriptor found: "foo"'),
        ("sum:x", 'error parsing sum number: "x"'),
        ("sum:1 sum:2", 'duplicate key "sum" in histogram description'),
        ("counter_reset_hint:no", 'bad counter_reset_hint "no"'),
        ("sum 1", 'unexpected "sum 1" in histogram description'),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_histogram(text)

from __future__ import annotations

import pytest

from appliance.promql.histograms import print_histogram, print_test_expression
from tests.promql.histograms.model import h


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("count:0", "{count:0, sum:0}"),
        (
            "count:14 sum:1e+06 z_bucket:2 z_bucket_w:0.001 buckets:[2 0 5] n_buckets:[1 4]",
            "{count:14, sum:1e+06, [-2,-1):4, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:2, (2,4]:5}",
        ),
        (
            "schema:-53 count:3 custom_values:[1 2] buckets:[1 0 2]",
            "{count:3, sum:0, [-Inf,1]:1, (2,+Inf]:2}",
        ),
    ],
)
def test_populated_buckets_are_shown_as_intervals(text: str, printed: str) -> None:
    assert print_histogram(h(text)) == printed


@pytest.mark.parametrize(
    "text",
    [
        "count:3 sum:2.5 buckets:[1 2]",
        "schema:-1 count:3 z_bucket:2 z_bucket_w:0.001 offset:-2 buckets:[1 0 2]",
        "count:3 counter_reset_hint:not_reset n_offset:3 n_buckets:[3]",
        "schema:-53 count:3 custom_values:[1 2.5] counter_reset_hint:gauge buckets:[1 2]",
    ],
)
def test_the_notation_of_tests_round_trips(text: str) -> None:
    assert print_test_expression(h(text)) == "{{" + text + "}}"

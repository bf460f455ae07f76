from __future__ import annotations

import sys

import numpy as np
import pytest

from appliance.model.histogram import Buckets
from appliance.model.histogram_bounds import all_buckets, exponential_bounds, reduced
from tests.promql.histograms.model import h


@pytest.mark.parametrize(
    ("schema", "index", "bound"),
    [
        (0, 0, 1.0),
        (0, 3, 8.0),
        (0, -2, 0.25),
        (1, 1, 1.414213562373095),  # not sqrt(2) to the last digit: Prometheus' table
        (2, 3, 1.6817928305074288),
        (3, -1, 0.9170040432046711),
        (-2, 1, 16.0),
        (0, 1024, sys.float_info.max),
        (0, 1025, np.inf),
        (-4, 64, sys.float_info.max),
        (-4, 65, np.inf),
        (8, 256 * 1024, sys.float_info.max),
        (0, 2**40, np.inf),
        (0, -(2**40), 0.0),
    ],
)
def test_bounds_are_those_of_prometheus(schema: int, index: int, bound: float) -> None:
    assert exponential_bounds(schema, np.array([index]))[0] == bound


def test_all_buckets_ascend_and_meet_the_zero_bucket() -> None:
    table = all_buckets(
        h("schema:0 z_bucket:2 z_bucket_w:0.75 buckets:[3 4] n_offset:1 n_buckets:[5 6]")
    )
    assert table.lower.tolist() == [-4, -2, -0.75, 0.75, 1]
    assert table.upper.tolist() == [-2, -1, 0.75, 1, 2]
    assert table.counts.tolist() == [6, 5, 2, 3, 4]
    assert table.zero == 2


def test_all_buckets_leave_an_empty_zero_bucket_out() -> None:
    table = all_buckets(h("schema:0 z_bucket_w:0.5 buckets:[3] n_buckets:[5]"))
    assert table.counts.tolist() == [5, 3]
    assert table.zero == -1


def test_custom_buckets_reach_to_infinity() -> None:
    table = all_buckets(h("schema:-53 custom_values:[2 5] buckets:[1 2 3]"))
    assert table.lower.tolist() == [-np.inf, 2, 5]
    assert table.upper.tolist() == [2, 5, np.inf]


def test_reduced_merges_neighbours() -> None:
    side = Buckets(np.array([-1, 0, 1, 2, 5]), np.array([1.0, 2, 4, 8, 16]))
    found = reduced(side, 1)
    assert found.indexes.tolist() == [0, 1, 3]
    assert found.counts.tolist() == [3, 12, 16]
    assert reduced(side, 0) is side

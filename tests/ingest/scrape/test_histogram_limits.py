"""Bounds on native histograms."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import LimitExceeded
from appliance.ingest.scrape.histogram_limits import highest_schema, limited
from appliance.model.histogram import CUSTOM_SCHEMA, Buckets, Histogram


def histogram(schema: int, indexes: list[int]) -> Histogram:
    counts = np.ones(len(indexes))
    side = Buckets(np.array(indexes, dtype=np.int64), counts)
    return Histogram(schema, len(indexes), 1.0, positive=side)


@pytest.mark.parametrize(
    ("factor", "schema"),
    [(0, 8), (1, 8), (1.002, 8), (1.003, 7), (1.1, 2), (1.5, 0), (2, 0), (4, -1), (1e9, -4)],
)
def test_the_smallest_factor_gives_the_finest_schema(factor: float, schema: int) -> None:
    assert highest_schema(factor) == schema


def test_resolution_is_reduced_until_the_limits_hold() -> None:
    found = limited(histogram(3, [1, 2, 3, 4, 5]), max_buckets=0, max_schema=2)
    assert (found.schema, found.positive.indexes.tolist()) == (2, [1, 2, 3])
    found = limited(histogram(3, [1, 2, 3, 4, 5]), max_buckets=2, max_schema=8)
    assert (found.schema, found.positive.counts.tolist()) == (1, [4, 1])
    same = histogram(3, [1, 2])
    assert limited(same, max_buckets=2, max_schema=3) is same


@pytest.mark.parametrize("schema", [-4, CUSTOM_SCHEMA])
def test_what_cannot_be_reduced_is_refused(schema: int) -> None:
    with pytest.raises(LimitExceeded, match="histogram bucket limit exceeded"):
        limited(histogram(schema, [1, 2]), max_buckets=1, max_schema=8)

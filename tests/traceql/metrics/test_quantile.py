"""Quantiles of buckets against counting samples one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.traceql.metrics.quantile import log2_quantiles

BOUNDS = np.exp2(np.arange(8))


def slow(counts: list[int], quantile: float) -> float:
    """One step: walk the buckets that have samples until enough are consumed."""
    buckets: list[tuple[float, int]]
    buckets = [(bound, n) for bound, n in zip(BOUNDS.tolist(), counts, strict=True) if n]
    if not buckets:
        return 0.0
    wanted = max(math.ceil(quantile * sum(counts)), 1)
    consumed, below = 0, buckets[0][0] / 2
    for bound, count in buckets:
        if consumed + count == wanted:
            return bound
        if consumed + count > wanted:
            share = (wanted - consumed) / count
            exponent = math.log2(below) + (math.log2(bound) - math.log2(below)) * share
            return math.exp2(exponent)
        consumed, below = consumed + count, bound
    raise AssertionError


def test_quantiles_agree_with_counting() -> None:
    random = np.random.default_rng(1)
    counts = random.integers(0, 5, (8, 300)) * random.integers(0, 2, (8, 300))
    quantiles = [0.0, 0.25, 0.5, 0.9, 0.99, 1.0]
    found = log2_quantiles(counts.astype(np.float64), BOUNDS, quantiles)
    for step in range(counts.shape[1]):
        expected = [slow(counts[:, step].tolist(), quantile) for quantile in quantiles]
        assert found[:, step].tolist() == pytest.approx(expected)


def test_a_step_without_spans_is_zero() -> None:
    assert log2_quantiles(np.zeros((8, 1)), BOUNDS, [0.5]).tolist() == [[0.0]]


def test_the_lowest_bucket_begins_at_half_its_bound() -> None:
    counts = np.zeros((8, 1))
    counts[3] = 2
    assert log2_quantiles(counts, BOUNDS, [0.5]).tolist() == [[pytest.approx(2**2.5)]]


def test_between_buckets_the_next_lower_one_with_spans_counts() -> None:
    counts = np.zeros((8, 1))
    counts[1], counts[5] = 1, 2
    assert log2_quantiles(counts, BOUNDS, [0.6]).tolist() == [[pytest.approx(2**3.0)]]

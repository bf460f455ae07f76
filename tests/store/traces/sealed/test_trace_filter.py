"""Bloom filters of trace ids."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.store.traces.sealed.trace_filter import build_filter, may_contain, probe_of


@pytest.mark.parametrize("kind", ["random", "counted", "low half only"])
def test_filter_passes_what_is_there_and_little_else(kind: str) -> None:
    rng = np.random.default_rng(1)
    ids = rng.integers(0, 2**64, (4000, 2), np.uint64)
    if kind == "counted":
        ids = np.arange(8000, dtype=np.uint64).reshape(-1, 2)
    if kind == "low half only":
        ids[:, 0] = 0
    data = build_filter(ids[:2000])
    passed = [may_contain(data, probe_of(ids[n : n + 1])) for n in range(4000)]
    assert all(passed[:2000])
    assert sum(passed[2000:]) < 10
    assert len(data) == 4000


def test_filter_of_one_trace() -> None:
    one = np.array([[0, 1]], np.uint64)
    assert may_contain(build_filter(one), probe_of(one))
    assert not may_contain(build_filter(one), probe_of(one + np.uint64(1)))

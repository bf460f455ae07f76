"""Quantiles of many groups, against numpy's of each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.traces.quantiles import group_quantiles

QUANTILES = (0.0, 0.5, 0.95, 0.99, 1.0)


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=1, max_size=30), min_size=1, max_size=6))
def test_as_numpy_has_them(lists: list[list[int]]) -> None:
    groups = np.concatenate([np.full(len(one), at) for at, one in enumerate(lists)])
    values = np.concatenate([np.array(one, np.int64) for one in lists])
    order = np.random.default_rng(1).permutation(len(values))
    found = group_quantiles(groups[order], values[order], QUANTILES)
    for row, one in zip(found, lists, strict=True):
        assert row.tolist() == pytest.approx(np.quantile(one, QUANTILES).tolist())


def test_very_many_groups_are_as_exact() -> None:
    rng = np.random.default_rng(2)
    groups = np.concatenate([np.arange(12_000), rng.integers(0, 12_000, 30_000)])
    values = rng.integers(0, 10**9, len(groups))
    found = group_quantiles(groups, values, QUANTILES)
    for group in (0, 7, 11_999):
        wanted = np.quantile(values[groups == group], QUANTILES)
        assert found[group].tolist() == pytest.approx(wanted.tolist())

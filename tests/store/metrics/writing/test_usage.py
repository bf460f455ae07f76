"""Which series are not in use any more."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import Conflict
from appliance.store.metrics.writing.usage import SeriesUsage


def test_named_series_are_not_quiet() -> None:
    usage = SeriesUsage()
    usage.name(np.array([1, 5000]), 100)
    ids = np.array([1, 2, 5000, 90000])
    assert usage.unnamed_since(ids, 100).tolist() == [False, True, False, True]
    assert usage.unnamed_since(ids, 101).all()


def test_forgotten_series_are_refused() -> None:
    usage = SeriesUsage()
    usage.check(np.array([3, 10**6]))
    usage.forget(np.array([3]))
    usage.check(np.array([2, 10**6]))
    with pytest.raises(Conflict, match="series id 3"):
        usage.check(np.array([2, 3]))


def test_forgotten_series_cannot_be_named_again() -> None:
    usage = SeriesUsage()
    assert usage.name(np.array([3]), 100)
    usage.forget(np.array([3]))
    assert not usage.name(np.array([2, 3]), 200)
    assert usage.unnamed_since(np.array([2]), 150).all()
    with pytest.raises(Conflict):
        usage.check(np.array([3]))

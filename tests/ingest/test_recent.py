"""The newest sample of each series."""

from __future__ import annotations

import numpy as np

from appliance.ingest.recent import RecentSamples
from appliance.model.sample import STALE_BITS


def conflicts(table: RecentSamples, *samples: tuple[int, int, float]) -> list[bool]:
    ids, times, values = zip(*samples, strict=True)
    found = table.find_conflicts(
        np.array(ids, dtype=np.int64), np.array(times, dtype=np.int64), np.array(values)
    )
    verdicts: list[bool] = found.tolist()
    return verdicts


def test_another_value_at_the_newest_time() -> None:
    table = RecentSamples()
    assert conflicts(table, (1, 10, 1.0), (2, 10, 1.0)) == [False, False]
    assert conflicts(table, (1, 10, 1.0), (2, 10, 2.0)) == [False, True]
    assert conflicts(table, (2, 10, 1.0)) == [False]  # what was refused is not remembered
    assert conflicts(table, (1, 11, 5.0), (1, 10, 7.0)) == [False, True]
    assert conflicts(table, (1, 10, 7.0)) == [False]  # older than the newest: the store's business


def test_the_newest_of_a_batch_is_remembered() -> None:
    table = RecentSamples()
    assert conflicts(table, (1, 20, 1.0), (1, 10, 1.0), (2, 5, 0.0)) == [False] * 3
    assert conflicts(table, (1, 20, 2.0), (1, 10, 2.0)) == [True, False]


def test_bits_count() -> None:
    stale = float(np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0])
    table = RecentSamples()
    assert conflicts(table, (1, 1, stale), (2, 1, float("nan"))) == [False, False]
    assert conflicts(table, (1, 1, stale), (2, 1, float("nan"))) == [False, False]
    assert conflicts(table, (1, 1, float("nan")), (2, 1, stale)) == [True, True]


def test_series_that_share_a_place() -> None:
    table = RecentSamples(places=4)
    assert conflicts(table, (1, 10, 1.0)) == [False]
    assert conflicts(table, (5, 10, 2.0)) == [False]
    assert conflicts(table, (1, 10, 9.0)) == [False]

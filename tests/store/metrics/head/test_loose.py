"""Loose samples: sorted, each (series, time) once, regrouped by their timestamps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.store.metrics.head.loose import (
    LooseBatch,
    LooseLog,
    Samples,
    by_timestamps,
    sort_samples,
)


def arrays(*samples: tuple[int, int, float]) -> Samples:
    columns = list(zip(*samples, strict=True)) or [(), (), ()]
    return Samples(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.float64),
    )


def rows(samples: Samples) -> list[tuple[int, int, float]]:
    return list(zip(*(array.tolist() for array in samples), strict=True))


@pytest.mark.parametrize("base", [0, 1 << 20])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 3)), max_size=40))
def test_sorting_keeps_the_first_of_equals(base: int, keys: list[tuple[int, int]]) -> None:
    samples = [(base + key, time, float(n)) for n, (key, time) in enumerate(keys)]
    expected: dict[tuple[int, int], float] = {}
    for key, time, value in samples:
        expected.setdefault((key, time), value)
    found = rows(sort_samples(*arrays(*samples)))
    assert found == [(*where, value) for where, value in sorted(expected.items())]


def test_series_with_equal_times_become_one_matrix() -> None:
    samples = arrays(
        (1, 10, 1.0),
        (1, 20, 2.0),
        (2, 10, 3.0),
        (2, 30, 4.0),
        (3, 10, 5.0),
        (3, 20, 6.0),
        (4, 5, 7.0),
    )
    groups = [
        (keys.tolist(), times.tolist(), values.tolist())
        for keys, times, values in by_timestamps(samples)
    ]
    assert sorted(groups) == [
        ([1, 3], [10, 20], [[1.0, 2.0], [5.0, 6.0]]),
        ([2], [10, 30], [[3.0, 4.0]]),
        ([4], [5], [[7.0]]),
    ]
    assert by_timestamps(arrays()) == []


def test_views_do_not_change_when_the_log_grows_or_shrinks() -> None:
    log = LooseLog(1, 1)
    log.append(1, LooseBatch(*arrays(*((n, n, float(n)) for n in range(1000)))))
    early = log.view
    log.append(2, LooseBatch(*arrays(*((n, n, float(n)) for n in range(1000, 5000)))))
    late = log.view
    log.drop(1000)
    log.append(3, LooseBatch(*arrays((-1, -1, -1.0))))
    assert early.ids.tolist() == list(range(1000))
    assert late.values.tolist() == [float(n) for n in range(5000)]
    assert (early.last_seq, late.last_seq, log.view.last_seq) == (1, 2, 3)
    assert log.view.times.tolist() == [*range(1000, 5000), -1]


def test_small_selections_find_the_same_samples_by_either_way() -> None:
    rnd = np.random.default_rng(3)
    log = LooseLog(1, 1)
    count = 4_000
    batch = LooseBatch(rnd.integers(0, 50, count), rnd.integers(0, 99, count), rnd.random(count))
    log.append(1, batch)
    ids = np.array([0, 7, 49, 60])
    expected = [np.flatnonzero(batch.ids == number).tolist() for number in ids]
    for _ in range(8):  # the first ones look at every sample, later ones search
        indexes, positions = log.view.samples_of(ids)
        assert [indexes[positions == place].tolist() for place in range(4)] == expected
    assert len(log.view._looks) == 5

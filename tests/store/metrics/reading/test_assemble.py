"""Slabs become groups: in order, overlapping, partly absent."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.model.labels import Labels
from appliance.model.sample import ABSENT, SeriesGroup
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.metrics.reading.assemble import MatrixSlab, Place, assemble
from tests.store.metrics.conftest import samples_of

A = float(ABSENT)


def place(order: int, cells: dict[int, list[float]], times: list[int]) -> Place:
    slab = MatrixSlab(np.array(times), np.array(list(cells.values())), np.arange(len(cells)))
    return Place(np.array(list(cells)), lambda: [(order, slab)])


class FakeNames:
    """Series 9 is not in use any more; series 1 has a start time."""

    def labels(self, positions: np.ndarray) -> list[Labels | None]:
        return [Labels.of({"__name__": f"m{at}"}) if at != 9 else None for at in positions.tolist()]

    def starts(self, positions: np.ndarray) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        rows = np.flatnonzero(positions == 1).tolist()
        return {row: (np.array([1]), np.array([77])) for row in rows}


def groups(*places: Place) -> list[SeriesGroup]:
    return list(assemble(places, 10, FakeNames(), QueryGuard(QueryLimits(), ManualClock())))


def test_pieces_one_after_another_are_joined_in_time() -> None:
    late = place(1, {0: [3.0], 1: [30.0]}, [3])
    early = place(2, {0: [1.0, 2.0], 1: [10.0, 20.0]}, [1, 2])
    (group,) = groups(late, early)
    assert group.timestamps_ms.tolist() == [1, 2, 3]
    assert group.values.tolist() == [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]


def test_overlapping_pieces_are_merged_the_earlier_written_first() -> None:
    first = place(1, {0: [1.0, A, 3.0]}, [1, 2, 3])
    second = place(2, {0: [9.0, 2.5, 9.0, 4.0]}, [1, 2, 3, 4])
    assert samples_of(groups(second, first)) == {"m0": {1: 1.0, 2: 2.5, 3: 3.0, 4: 4.0}}


def test_series_in_different_places_make_different_groups() -> None:
    both = place(1, {0: [1.0], 1: [1.0], 2: [1.0]}, [1])
    some = place(2, {1: [2.0], 2: [2.0]}, [2])
    found = groups(both, some)
    assert sorted(len(group.labels) for group in found) == [1, 2]
    assert samples_of(found) == {"m0": {1: 1.0}, "m1": {1: 1.0, 2: 2.0}, "m2": {1: 1.0, 2: 2.0}}


def test_series_without_samples_or_labels_are_left_out() -> None:
    found = groups(place(1, {0: [A, A], 1: [A, 1.0], 9: [1.0, 1.0]}, [1, 2]))
    assert samples_of(found) == {"m1": {2: 1.0}}
    assert groups(place(1, {9: [1.0]}, [1])) == []
    assert groups() == []


def test_small_pieces_with_the_same_timestamps_become_one_group() -> None:
    one = place(1, {0: [1.0, 2.0]}, [1, 2])
    two = place(2, {1: [3.0, 4.0], 2: [5.0, 6.0]}, [1, 2])
    other = place(3, {3: [7.0, 8.0]}, [1, 3])
    found = groups(one, two, other)
    assert sorted(len(group.labels) for group in found) == [1, 3]
    assert samples_of(found) == {
        "m0": {1: 1.0, 2: 2.0},
        "m1": {1: 3.0, 2: 4.0},
        "m2": {1: 5.0, 2: 6.0},
        "m3": {1: 7.0, 3: 8.0},
    }


def test_small_overlapping_pieces_are_merged_each_in_its_own_order() -> None:
    pairs = [
        place(1, {0: [1.0, A]}, [1, 2]),
        place(4, {0: [9.0, 2.0]}, [1, 3]),
        place(2, {1: [3.0, 4.0]}, [1, 2]),
        place(3, {1: [9.0, 5.0]}, [1, 3]),
    ]
    found = groups(*pairs)
    assert [group.timestamps_ms.tolist() for group in found] == [[1, 2, 3]]
    assert samples_of(found) == {"m0": {1: 1.0, 3: 2.0}, "m1": {1: 3.0, 2: 4.0, 3: 5.0}}


def test_pieces_that_wait_are_bounded_and_joined_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("appliance.store.metrics.reading.assemble._WAITING_SLABS", 2)
    found = groups(*[place(at, {at: [float(at)]}, [1]) for at in range(8)])
    assert [len(group.labels) for group in found] == [8]
    assert samples_of(found) == {f"m{at}": {1: float(at)} for at in range(8)}

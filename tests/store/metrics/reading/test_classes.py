"""Series in the same places make one class, however they are found."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.store.metrics.reading import classes as module
from appliance.store.metrics.reading.assemble import Place
from appliance.store.metrics.reading.classes import classes


def places(seed: int, count: int) -> list[Place]:
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 2, (4, 5)).astype(bool)
    kind_of = rng.integers(0, 4, count)
    return [
        Place(np.flatnonzero(kinds[kind_of, number]), list)
        for number in range(int(rng.integers(1, 6)))
    ]


def shown(made: list[Place], count: int) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Positions of each class and the numbers of its places; members are checked."""
    found: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
    for positions, sources in classes(made, count):
        assert (np.diff(positions) > 0).all()
        for place, members in sources:
            assert place.positions[members].tolist() == positions.tolist()
        numbers = [made.index(place) for place, _ in sources]
        found.add((tuple(positions.tolist()), tuple(numbers)))
    return found


@pytest.mark.parametrize("seed", range(30))
def test_few_and_many_series_are_divided_alike(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = places(seed, 12)
    monkeypatch.setattr(module, "_FEW", 100)
    few = shown(made, 12)
    monkeypatch.setattr(module, "_FEW", -1)
    assert shown(made, 12) == few
    covered = [position for positions, _ in few for position in positions]
    expected = np.unique(np.concatenate([place.positions for place in made])).tolist()
    assert sorted(covered) == expected
    assert len({numbers for _, numbers in few}) == len(few)

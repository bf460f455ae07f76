"""The catalogue of series sets."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest

from appliance.store.metrics.blocks.series_sets import SeriesSet, SeriesSets
from appliance.store.migrate import migrate


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    migrate(made, "metrics")
    yield made
    made.close()


@pytest.fixture
def sets(connection: sqlite3.Connection) -> SeriesSets:
    made = SeriesSets(connection)
    for refs, bounds in (([4, 2, 6], (0, 9)), ([2, 8], (10, 19)), ([1], (100, 109))):
        item = made.take_set(1, np.array(refs))
        made.add([item])
        made.note_block(item, *bounds)
    return made


def found(sets: SeriesSets, ids: list[int], start: int, end: int) -> dict[int, dict[int, int]]:
    """Per set: row of each id."""
    parts = sets.index(1).parts(np.array(ids), start, end)
    return {
        part.number: {ids[at]: int(row) for at, row in zip(part.positions, part.rows, strict=True)}
        for part in parts
    }


def test_series_are_found_in_all_their_sets(sets: SeriesSets) -> None:
    assert found(sets, [2, 6, 7, 8], 0, 50) == {1: {2: 1, 6: 2}, 2: {2: 0, 8: 1}}
    assert found(sets, [2, 6, 7, 8], 0, 9) == {1: {2: 1, 6: 2}}
    assert found(sets, [7], 0, 200) == {}
    assert sets.index(2).parts(np.array([2]), 0, 9) == []


def test_newest_set_is_the_home(sets: SeriesSets) -> None:
    assert sets.home(np.array([1, 2, 4, 8, 9999])).tolist() == [3, 2, 1, 2, 0]


def test_sets_without_blocks_go(sets: SeriesSets) -> None:
    refs = sets.index(1).sets[2].refs
    sets.refresh({1: (5, 9, 1), 2: (None, 0, 0)})
    assert sets.blocks == 2
    assert found(sets, [2, 8], 0, 50) == {1: {2: 1}}
    assert found(sets, [2], 0, 4) == {}
    assert sets.find(1, refs) is None
    assert sets.home(np.array([2, 8])).tolist() == [0, 0]
    assert sets.take_set(1, refs).number == 4


def test_catalogue_is_loaded_from_the_file(connection: sqlite3.Connection) -> None:
    refs = np.array([3, 5])
    connection.execute("INSERT INTO series_set VALUES (7, 1, ?)", (refs.tobytes(),))
    for number, low, high in ((4, 0, 9), (6, 10, 19)):
        row = (number, 1, 7, low, high, 2, 2, b"")
        connection.execute("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    sets = SeriesSets(connection)
    item = sets.find(1, refs)
    assert isinstance(item, SeriesSet)
    assert (item.min_ms, item.max_ms, item.blocks, sets.blocks) == (0, 19, 2, 2)
    assert sets.take_block() == 7
    assert sets.take_set(1, refs).number == 8

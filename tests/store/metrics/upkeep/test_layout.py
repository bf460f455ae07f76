"""Which series go together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest

from appliance.model.labels import Labels
from appliance.store.label_index import LabelIndex
from appliance.store.metrics.blocks.series_sets import SeriesSets
from appliance.store.metrics.upkeep.layout import Arranger, Layout
from appliance.store.migrate import migrate


@pytest.fixture
def sets() -> Iterator[SeriesSets]:
    connection = sqlite3.connect(":memory:")
    migrate(connection, "metrics")
    yield SeriesSets(connection)
    connection.close()


@pytest.fixture
def index() -> LabelIndex:
    made = LabelIndex()
    for number in range(1, 41):
        name = Labels.of({"__name__": "ab"[number % 2], "n": f"{number:02}"})
        made.add(number, name.encode())
    return made


def keep(sets: SeriesSets, layouts: list[Layout]) -> None:
    sets.add(layout.item for layout in layouts if layout.is_new)
    for layout in layouts:
        sets.note_block(layout.item, 0, 1)


def refs(layouts: list[Layout]) -> list[list[int]]:
    return [layout.item.refs.tolist() for layout in layouts]


def test_new_series_are_sorted_by_metric_name_then_labels(
    sets: SeriesSets, index: LabelIndex
) -> None:
    layouts = Arranger(sets, index, 1, 3).arrange(np.array([5, 4, 3, 2, 1]))
    assert refs(layouts) == [[2, 4, 1], [3, 5]]
    assert layouts[0].rows.tolist() == [3, 1, 4]


def test_known_series_keep_their_sets_and_rows(sets: SeriesSets, index: LabelIndex) -> None:
    keep(sets, Arranger(sets, index, 1, 4).arrange(np.arange(1, 9)))
    layouts = Arranger(sets, index, 1, 4).arrange(np.array([9, 8, 7, 5, 4, 2, 1]))
    assert not any(layout.is_new for layout in layouts[:2])
    for layout in layouts:
        ids = np.array([9, 8, 7, 5, 4, 2, 1])[layout.rows]
        assert layout.item.refs[layout.places].tolist() == ids.tolist()
    assert sorted(i for layout in layouts for i in layout.rows.tolist()) == list(range(7))


def test_sets_that_are_mostly_gone_are_left(sets: SeriesSets, index: LabelIndex) -> None:
    keep(sets, Arranger(sets, index, 1, 4).arrange(np.arange(1, 9)))
    assert refs(Arranger(sets, index, 1, 4).arrange(np.array([2, 1]))) == [[2, 1]]


def test_many_small_sets_are_joined_again(sets: SeriesSets, index: LabelIndex) -> None:
    for number in range(1, 13):
        keep(sets, Arranger(sets, index, 1, 4).arrange(np.array([number])))
    layouts = Arranger(sets, index, 1, 4).arrange(np.arange(1, 13))
    assert [len(item) for item in refs(layouts)] == [4, 4, 4]


def test_equal_rows_are_the_same_set(sets: SeriesSets, index: LabelIndex) -> None:
    arranger = Arranger(sets, index, 1, 4)
    (first,), (second,) = arranger.arrange(np.array([1, 3])), arranger.arrange(np.array([3, 1]))
    assert first.item is second.item
    assert (first.is_new, second.is_new) == (True, False)

"""Tests of appliance/promql/names.py."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import QueryFailed
from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.promql.frame import Frame, histograms_of
from appliance.promql.names import merged, nameless, with_final_names
from tests.sources import labels

A = labels(name="x", row="a")
B = labels(name="y", row="a")
C = labels(name="y", row="c")


def frame(items: list[Labels], rows: list[list[float | None]]) -> Frame:
    values = np.array([[0.0 if value is None else value for value in row] for row in rows])
    present = np.array([[value is not None for value in row] for row in rows])
    return Frame(items, values, present)


def test_type_and_unit_go_with_the_name() -> None:
    given = Labels.of({"__name__": "x", "__type__": "counter", "__unit__": "s", "a": "b"})
    assert nameless(given) == Labels.of({"a": "b"})


def test_only_marked_series_lose_their_names() -> None:
    given = frame([A, C], [[1.0], [2.0]])
    marked = Frame(given.labels, given.values, given.present, None, np.array([True, False]))
    assert with_final_names(marked).labels == [labels(row="a"), C]


def test_equal_series_that_do_not_overlap_become_one() -> None:
    found = merged(frame([A, C, A], [[1.0, None, None], [5.0, 6.0, 7.0], [None, None, 3.0]]))
    assert found.labels == [A, C]
    assert found.present.tolist() == [[True, False, True], [True, True, True]]
    assert found.values[0, [0, 2]].tolist() == [1.0, 3.0]


def test_equal_series_with_histograms_become_one() -> None:
    histogram = Histogram(0, 1.0, 1.0)
    given = frame([A, A], [[1.0, None], [None, 0.0]])
    boxed = Frame(
        given.labels, given.values, given.present, histograms_of([[None, None], [None, histogram]])
    )
    found = merged(boxed)
    assert found.histograms is not None
    assert found.histograms.tolist() == [[None, histogram]]


def test_equal_series_at_one_step_are_an_error() -> None:
    given = frame([A, B], [[1.0, None], [2.0, 3.0]])
    marked = Frame(given.labels, given.values, given.present, None, np.array([True, True]))
    with pytest.raises(QueryFailed, match="^vector cannot contain metrics with the same labelset$"):
        with_final_names(marked)

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from numpy.typing import NDArray

from appliance.model.labels import Labels
from appliance.model.sample import ABSENT, SeriesGroup, box_histograms
from appliance.promql.frame import Ranges
from appliance.promql.pieces import Reach, pieces, starts_at
from appliance.promql.windows import Windows, at
from tests.promql.memory_source import histogram_of
from tests.promql.window_model import Case, assert_alike, cases, computed, expected, few, of_values


def _first(piece: Windows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return at(piece.values, piece.first), piece.counts > 0


def _last(piece: Windows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return at(piece.values, piece.last), piece.counts > 0


@few
@given(cases())
def test_pieces_hold_the_samples_of_all_windows(case: Case) -> None:
    assert_alike(computed(case, _first), expected(case, of_values(lambda values: values[0])), 0)
    assert_alike(computed(case, _last), expected(case, of_values(lambda values: values[-1])), 0)


def _one_row(values: list[float], **more: Any) -> Ranges:
    times = np.arange(1, len(values) + 1) * 10
    group = SeriesGroup([Labels()], times, np.array([values]), **more)
    return Ranges([group], np.array([0]), np.array([100]), "", [None])


def test_histograms_count_only_when_asked_for() -> None:
    boxed = float(box_histograms(np.array([0]))[0])
    found = _one_row([1.0, boxed, 2.0], histograms=[histogram_of("count:1 sum:1 buckets:[1]")])
    (floats,) = pieces(found, Reach())
    (samples,) = pieces(found, Reach(floats_only=False))
    assert floats.counts.tolist() == [[2]]
    assert samples.counts.tolist() == [[3]]


def test_windows_reach_beyond_the_range() -> None:
    found = _one_row([1.0, 2.0, 3.0])
    narrow = Ranges(found.groups, np.array([10]), np.array([20]), "", [None])
    (piece,) = pieces(narrow, Reach(before_ms=5, after_ms=10))
    assert piece.counts.tolist() == [[3]]


def test_start_times_of_samples() -> None:
    runs = {0: (np.array([20, 30]), np.array([15, 0]))}
    (piece,) = pieces(_one_row([1.0, ABSENT, 2.0, 3.0], starts_ms=runs), Reach(with_starts=True))
    assert piece.began_ms is not None
    assert piece.began_ms.tolist() == [[0, 0, 0]]
    assert starts_at(runs[0], np.array([10, 20, 25, 30])).tolist() == [0, 15, 15, 0]


def test_a_series_without_samples_is_in_no_piece() -> None:
    assert list(pieces(_one_row([float(ABSENT)]), Reach())) == []

from __future__ import annotations

import numpy as np
from hypothesis import given

from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import at, batches, bounds, bounds_of, count_within
from tests.promql.window_model import Case, cases, few


def test_bounds_of_windows_open_on_the_left() -> None:
    times = np.array([10, 20, 30])
    lo, hi = bounds(times, np.array([0, 10, 30]), np.array([10, 30, 50]))
    assert lo.tolist() == [0, 1, 3]
    assert hi.tolist() == [1, 3, 3]


def test_at_takes_shared_and_own_indexes() -> None:
    values = np.array([[1, 2, 3], [4, 5, 6]])
    assert at(values, np.array([[0, 2]])).tolist() == [[1, 3], [4, 6]]
    assert at(values, np.array([[0, 2], [1, 1]])).tolist() == [[1, 3], [5, 5]]
    assert at(values[:1], np.array([[0, 2], [1, 1]])).tolist() == [[1, 3], [2, 2]]


@few
@given(cases())
def test_batches_hold_each_window_once(case: Case) -> None:
    for piece in pieces(case.ranges(), Reach()):
        counts = np.zeros(piece.shape, dtype=np.intp)
        totals = np.zeros(piece.shape, dtype=np.intp)
        for batch in batches(piece, np.ones(piece.shape, dtype=np.bool_)):
            counts[batch.rows, batch.steps] = batch.counts
            ends, starts = piece.ends_ms[batch.steps], piece.starts_ms[batch.steps]
            inside = (batch.times > starts[:, None]) & (batch.times <= ends[:, None])
            totals[batch.rows, batch.steps] = (inside & batch.within).sum(axis=1)
        assert (counts == piece.counts).all()
        assert (totals == piece.counts).all()


@few
@given(cases())
def test_places_of_times(case: Case) -> None:
    for piece in pieces(case.ranges(), Reach(before_ms=30_000)):
        after = bounds_of(piece, piece.starts_ms, side="right")
        marks = piece.times <= piece.starts_ms[0]
        within = count_within(np.broadcast_to(marks, piece.values.shape), piece)
        assert (after[:, 0] - piece.lo[:, 0] == within[:, 0]).all()

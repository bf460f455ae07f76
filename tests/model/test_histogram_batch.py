from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from appliance.model.histogram import Histogram, ResetHint
from appliance.model.histogram_batch import HistogramBatch, HistogramRow

_BATCH = HistogramBatch(
    2,
    0.5,
    np.empty(0),
    positive=np.array([3, 4]),
    negative=np.array([7]),
    numbers=np.array([[6.0, 1.5, 1.0, 2.0, 3.0, 0.0], [4.0, 2.5, 0.0, 0.0, 0.0, 4.0]]),
    hints=np.array([ResetHint.GAUGE, ResetHint.RESET], dtype=np.uint8),
    exists=np.array([[True, True, False], [False, False, True]]),
)


def test_rows_are_histograms() -> None:
    one, other = _BATCH.rows()
    assert isinstance(one, Histogram)
    assert (one.schema, one.count, one.sum, one.zero_threshold) == (2, 6.0, 1.5, 0.5)
    assert (one.zero_count, one.reset_hint) == (1.0, ResetHint.GAUGE)
    assert one.positive.indexes.tolist() == [3, 4]
    assert one.positive.counts.tolist() == [2.0, 3.0]
    assert not len(one.negative.indexes)
    assert other.reset_hint is ResetHint.RESET
    assert not len(other.positive.indexes)
    assert (other.negative.indexes.tolist(), other.negative.counts.tolist()) == ([7], [4.0])


def test_without_marks_all_buckets_exist() -> None:
    (row,) = replace(_BATCH, exists=None).take(np.array([1])).rows()
    assert row.positive.counts.tolist() == [0.0, 0.0]


def test_a_changed_copy_is_no_row_of_the_batch() -> None:
    changed = replace(_BATCH.rows()[0], count=9.0)
    assert type(changed) is Histogram
    assert (changed.count, changed.sum) == (9.0, 1.5)


def test_rows_have_no_other_attributes() -> None:
    (row, _) = _BATCH.cells().tolist()
    assert isinstance(row, HistogramRow)
    with pytest.raises(AttributeError):
        row.__array__  # noqa: B018 - numpy asks for it

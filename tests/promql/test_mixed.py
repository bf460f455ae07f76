from __future__ import annotations

import numpy as np

from appliance.model.labels import Labels
from appliance.model.sample import ABSENT, SeriesGroup, box_histograms
from appliance.promql.frame import Ranges
from appliance.promql.mixed import mixed_series
from appliance.promql.pieces import Reach
from tests.promql.memory_source import histogram_of

_HISTOGRAMS = [histogram_of("count:1 sum:1 buckets:[1]"), histogram_of("count:2 sum:1 buckets:[2]")]
_FIRST, _SECOND = box_histograms(np.arange(2)).tolist()


def _ranges() -> Ranges:
    labels = [Labels.of({"row": str(row)}) for row in range(3)]
    group = SeriesGroup(
        labels,
        np.array([10, 20, 30, 40]),
        np.array([[1.0, 2.0, 3.0, 4.0], [_SECOND, ABSENT, 5.0, _FIRST], [ABSENT] * 4]),
        _HISTOGRAMS,
        {1: (np.array([30]), np.array([25]))},
    )
    floats = SeriesGroup(labels[:1], np.array([10]), np.array([[1.0]]))
    return Ranges([floats, group], np.array([0, 15]), np.array([30, 40]), "", [None, None])


def test_only_series_with_histograms() -> None:
    (series,) = mixed_series(_ranges(), Reach(with_starts=True))
    assert series.row == 2
    assert series.times.tolist() == [10, 30, 40]
    assert series.histograms == [_HISTOGRAMS[1], None, _HISTOGRAMS[0]]
    assert series.floats[1] == 5.0
    assert series.began_ms is not None
    assert series.began_ms.tolist() == [0, 25, 25]


def test_floats_and_histograms_per_window() -> None:
    (series,) = mixed_series(_ranges())
    floats, histograms = series.counts
    assert floats.tolist() == [1, 1]
    assert histograms.tolist() == [1, 1]
    (wider,) = mixed_series(_ranges(), Reach(before_ms=10, after_ms=10))
    assert wider.counts[1].tolist() == [2, 2]

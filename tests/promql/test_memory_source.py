"""Tests of the notation that the engine's tests are written in."""

from __future__ import annotations

import numpy as np

from appliance.model.histogram import Histogram, ResetHint
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import STALE, is_absent, is_histogram
from tests.promql.memory_source import loaded, series_of
from tests.sources import make_guard


def test_numbers_repeat_and_grow() -> None:
    labels, values = series_of(r'up{job="a\"b", "x.y"="1"} 1+2x3 _ 5x1 _x2 -3.5-1x1 Inf 1e3')
    assert labels == Labels.of({"__name__": "up", "job": 'a"b', "x.y": "1"})
    assert values == [1, 3, 5, 7, None, 5, 5, None, None, -3.5, -4.5, float("inf"), 1000]


def test_a_quoted_name_is_the_metrics() -> None:
    labels, values = series_of('{"http.up", a="b"} stale nan')
    assert labels.get("__name__") == "http.up"
    assert [np.float64(value).tobytes() for value in values if isinstance(value, float)] == [
        STALE.tobytes(),
        np.float64("nan").tobytes(),
    ]


def test_groups_mark_what_is_missing_and_histograms() -> None:
    source = loaded("""
        load 10s
            x{a="1"} 1 _ {{schema:1 count:3 sum:2 offset:-1 buckets:[1 2] counter_reset_hint:gauge}}
            x{a="2"} 1 2
            y 1
    """)
    (group,) = source.select((Matcher("__name__", MatchOp.EQUAL, "x"),), 0, 20_000, make_guard())
    assert group.timestamps_ms.tolist() == [0, 10_000, 20_000]
    assert is_absent(group.values).tolist() == [[False, True, False], [False, False, True]]
    assert is_histogram(group.values).sum() == 1
    (found,) = group.histograms
    assert isinstance(found, Histogram)
    assert found.positive.indexes.tolist() == [-1, 0]
    assert found.reset_hint is ResetHint.GAUGE

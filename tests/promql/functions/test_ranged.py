from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import QueryFailed
from appliance.model.labels import Labels
from appliance.model.sample import SeriesGroup
from appliance.promql.annotations import Remarks
from appliance.promql.ast import Call
from appliance.promql.context import Context
from appliance.promql.frame import Ranges
from appliance.promql.functions.ranged import Outcome, range_of
from tests.promql.memory_source import MemorySource, histogram_of
from tests.sources import make_guard

_HISTOGRAM = histogram_of("count:3 sum:5 buckets:[1 2]")


def _ranges(extension: str = "") -> Ranges:
    labels = [Labels.of({"__name__": name}) for name in "ab"]
    groups = [SeriesGroup([item], np.array([1]), np.array([[1.0]])) for item in labels]
    ends = np.array([10, 20])
    marks = [None, np.array([True])]
    return Ranges(groups, ends - 5, ends, extension, marks)


def _context() -> Context:
    return Context(
        steps_ms=np.array([10, 20]),
        query_start_ms=10,
        query_end_ms=20,
        query_step_ms=10,
        lookback_ms=300_000,
        source=MemorySource(),
        guard=make_guard(),
        remarks=Remarks(""),
    )


def test_results_become_a_frame_without_empty_series() -> None:
    outcome = Outcome.of(_ranges())
    outcome.put(1, 0, 2.0)
    outcome.put(1, 1, _HISTOGRAM)
    frame = outcome.frame(_ranges(), _context())
    assert frame.labels == [Labels.of({"__name__": "b"})]
    assert frame.is_float.tolist() == [[True, False]]
    assert frame.histograms is not None
    assert frame.histograms[0, 1] is _HISTOGRAM
    assert frame.nameless is not None
    assert frame.nameless.tolist() == [True]


def test_names_that_had_been_dropped_before_stay_so() -> None:
    outcome = Outcome.of(_ranges())
    outcome.present[:] = True
    frame = outcome.frame(_ranges(), _context(), keeps_names=True)
    assert frame.nameless is not None
    assert frame.nameless.tolist() == [False, True]


def test_a_result_can_be_taken_away() -> None:
    outcome = Outcome.of(_ranges())
    outcome.put(0, 0, 1.0)
    outcome.put(0, 0, None)
    assert not outcome.present.any()


def test_extended_ranges_are_refused_where_they_mean_nothing() -> None:
    with pytest.raises(QueryFailed, match="not with deriv"):
        range_of(Call("deriv", ()), [_ranges("anchored")])
    with pytest.raises(QueryFailed, match="delta, increase, rate - not with resets"):
        range_of(Call("resets", ()), [_ranges("smoothed")])
    assert range_of(Call("resets", ()), [_ranges("anchored")]).extension == "anchored"

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import LimitExceeded
from appliance.model.labels import Labels
from appliance.promql.annotations import Remarks
from appliance.promql.ast import MatrixSelector, Modifiers, VectorSelector
from appliance.promql.context import Context, SampleCounts
from appliance.promql.selector import instant_with_times, looked_at, ranges
from tests.promql.memory_source import MemorySource, loaded, query
from tests.promql.range_data import FLOATS, ask
from tests.sources import make_guard


def _context(source: MemorySource, *steps_s: int, lookback_s: int = 300) -> Context:
    steps = np.array(steps_s, dtype=np.int64) * 1000
    return Context(
        steps_ms=steps,
        query_start_ms=int(steps[0]),
        query_end_ms=int(steps[-1]),
        query_step_ms=1000,
        lookback_ms=lookback_s * 1000,
        source=source,
        guard=make_guard(),
        remarks=Remarks(""),
        counts=SampleCounts(per_step=np.zeros(len(steps), dtype=np.int64)),
    )


def test_lookback_is_open_on_the_left() -> None:
    data = "load 1m\n x 1"
    assert ask("x", data, ("4m", "5m", "30s")) == [({"__name__": "x"}, [1.0, 1.0])]


def test_a_staleness_marker_ends_a_series() -> None:
    data = "load 1m\n x 1 stale _ 4"
    assert ask("x", data, ("0", "3m", "1m")) == [({"__name__": "x"}, [1.0, 4.0])]


def test_a_nan_is_a_value() -> None:
    (_, values), *_ = ask("x", "load 1m\n x 1 NaN", ("0", "1m", "1m"))
    assert values[0] == 1.0
    assert np.isnan(values[1])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x offset 1m", [1.0, 2.0, 3.0]),
        ("x offset -1m", [3.0, 4.0, 5.0]),
        ("x @ 60", [2.0, 2.0, 2.0]),
        ("x @ end()", [4.0, 4.0, 4.0]),
        ("x @ start() offset 1m", [1.0, 1.0, 1.0]),
    ],
)
def test_modifiers(text: str, wanted: list[float]) -> None:
    rows = ask(text, "load 1m\n x 1 2 3 4 5", ("1m", "3m", "1m"))
    assert [values for _, values in rows] == [wanted]


def test_looked_at_moves_what_is_looked_at() -> None:
    steps = np.array([1000, 2000])
    assert looked_at(Modifiers(offset_ms=500), steps).tolist() == [500, 1500]
    assert looked_at(Modifiers(offset_ms=500, at_ms=7000), steps).tolist() == [6500, 6500]


def test_times_of_samples_are_their_own() -> None:
    source = loaded("load 1m\n x 1 2\n y _ 3")
    frame, times = instant_with_times(VectorSelector("", ()), _context(source, 90, 150))
    assert dict(zip(frame.labels, times.tolist(), strict=True)) == {
        Labels.of({"__name__": "x"}): [60.0, 60.0],
        Labels.of({"__name__": "y"}): [60.0, 60.0],
    }


def test_histograms_and_floats_of_one_series() -> None:
    source = loaded("load 1m\n x 1 {{count:3 sum:5 buckets:[1 2]}}", group_size=1)
    frame, _ = instant_with_times(VectorSelector("", ()), _context(source, 0, 60))
    assert frame.is_float.tolist() == [[True, False]]
    assert frame.is_histogram.tolist() == [[False, True]]
    assert frame.histograms is not None
    assert frame.histograms[0, 1].count == 3


def test_ranges_leave_markers_and_the_left_end_out() -> None:
    source = loaded("load 1m\n x 1 2 stale 4")
    context = _context(source, 180)
    found = ranges(MatrixSelector(VectorSelector("", ()), 180_000), context)
    (group,) = found.groups
    assert group.timestamps_ms.tolist() == [60_000, 120_000, 180_000]
    assert context.counts.total == 2


def test_extended_ranges_reach_a_lookback_further() -> None:
    source = loaded("load 1m\n x 1 2 3 4 5 6 7 8")
    vector = VectorSelector("", (), extension="smoothed")
    found = ranges(MatrixSelector(vector, 60_000), _context(source, 240, lookback_s=60))
    assert found.groups[0].timestamps_ms.tolist() == [180_000, 240_000, 300_000]
    assert found.starts_ms.tolist() == [180_000]


def test_statistics_count_samples_of_windows() -> None:
    source = loaded("load 1m\n x 1 2 3 4 5")
    counts = SampleCounts(per_step=np.zeros(3, dtype=np.int64))
    query("sum_over_time(x[2m])", source, ("1m", "3m", "1m"), counts=counts)
    assert counts.per_step is not None
    assert counts.per_step.tolist() == [2, 2, 2]
    assert counts.total == 6


def test_too_many_samples() -> None:
    with pytest.raises(LimitExceeded):
        query("c_total", loaded(FLOATS), ("0", "10m", "1m"), guard=make_guard(max_samples=10))

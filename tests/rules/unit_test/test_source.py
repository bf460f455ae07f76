"""Series in memory."""

from __future__ import annotations

from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.sample import is_absent, is_histogram, is_stale
from appliance.rules.unit_test.source import TestSource as Source
from tests.sources import make_guard

UP, DOWN = Labels.of({"__name__": "up"}), Labels.of({"__name__": "down"})


def test_samples_until_a_time() -> None:
    source = Source()
    for time, value in [(2, 20.0), (1, 10.0), (3, 30.0), (2, 99.0)]:
        source.put(UP, time, value)
    source.put(DOWN, 2, Histogram(0, 1, 1))
    source.until_ms = 2
    (group,) = source.select((), 0, 10, make_guard())
    assert list(group.labels) == [UP, DOWN]
    assert group.timestamps_ms.tolist() == [1, 2]
    assert group.values[0].tolist() == [10, 20]
    assert is_absent(group.values[1]).tolist() == [True, False]
    assert is_histogram(group.values[1]).tolist() == [False, True]
    assert source.select((), 3, 10, make_guard()) == []


def test_results_of_rules_and_their_end() -> None:
    source = Source()
    source.write("s", 1, [(UP, 1.0)], [DOWN])
    source.until_ms = 1
    (group,) = source.select((), 0, 1, make_guard())
    values = dict(zip(group.labels, group.values, strict=True))
    assert values[UP].tolist() == [1]
    assert is_stale(values[DOWN]).all()
    assert source.series((), 0, 1) == [DOWN, UP]
    assert source.label_names((), 0, 1) == ["__name__"]
    assert source.label_values("__name__", (), 0, 1) == ["down", "up"]
    assert source.exemplars((), 0, 1) == []

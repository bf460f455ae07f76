"""Comparison of alerts and samples."""

from __future__ import annotations

from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.rules.unit_test.compare import FiringAlert, compare_alerts, compare_samples
from appliance.rules.unit_test.file import ExpectedSample

UP = Labels.of({"__name__": "up"})


def test_order_does_not_matter() -> None:
    one, two = FiringAlert.of({"a": "1"}, {}), FiringAlert.of({"a": "2"}, {})
    assert compare_alerts([one, two], [two, one]) == ""
    expected = [ExpectedSample(labels="up{a='2'}", value=2), ExpectedSample(labels="up", value=1)]
    assert compare_samples(expected, [(UP, 1.0), (UP.extended({"a": "2"}), 2.0)]) == ""


def test_several_alerts_are_numbered() -> None:
    alerts = [FiringAlert.of({"a": str(n)}, {"s": ""}) for n in range(2)]
    shown = compare_alerts([], alerts)
    assert "exp:[], \n" in shown
    assert '            0:\n              Labels:{a="0"}\n' in shown
    assert '            1:\n              Labels:{a="1"}\n              Annotations:{s=""}' in shown


def test_nan_equals_nothing_and_a_histogram_is_no_number() -> None:
    nan = float("nan")
    assert "NaN" in compare_samples([ExpectedSample(labels="up", value=nan)], [(UP, nan)])
    shown = compare_samples([ExpectedSample(labels="up", value=0)], [(UP, Histogram(0, 1, 1))])
    assert '{__name__="up"} {{count:1 sum:1}}' in shown

from __future__ import annotations

import pytest

from appliance.model.histogram import Histogram, ResetHint
from tests.promql.range_data import HISTOGRAMS, ask, ask_histograms, remarks

_DATA = """
    load 1m
      x 0 60 120 _ _ _ _ _ _ 0
"""


def _values(text: str, at: tuple[str, str, str]) -> list[float]:
    ((_, values),) = ask(text, _DATA, at)
    return values


def test_values_lie_on_the_line_between_samples() -> None:
    assert _values("x smoothed", ("0", "2m", "30s")) == [0.0, 30.0, 60.0, 90.0, 120.0]


def test_the_last_value_stays_for_a_lookback_and_later_samples_are_seen_a_lookback_ahead() -> None:
    found = _values("x smoothed", ("3m", "8m", "1m"))
    assert found == pytest.approx([120.0, 120 * 5 / 7, 120 * 4 / 7, 120 * 3 / 7])


def test_the_line_is_computed_in_the_order_of_prometheus() -> None:
    data = "load 1m\n x 0 _ _ _ _ _ _ 3"
    assert ask("x smoothed", data, ("3m", "3m", "1m"))[0][1] == [3 * 3 / 7]


def test_there_is_nothing_before_the_first_sample() -> None:
    assert ask("x smoothed", "load 1m\n x _ 5", ("0", "1m", "30s")) == [({"__name__": "x"}, [5.0])]


def test_offset() -> None:
    assert _values("x smoothed offset 1m", ("90", "90", "30s")) == [30.0]


def _only(text: str, at: str) -> Histogram:
    (found,) = ask_histograms(text, HISTOGRAMS, at)
    assert found is not None
    return found


def test_histograms_are_interpolated() -> None:
    found = _only("h smoothed", "90")
    assert (found.count, found.sum) == (7.5, 12.5)
    assert found.positive.counts.tolist() == [2.5, 5.0]


def test_a_histogram_that_was_reset_grew_from_nothing() -> None:
    assert _only("h smoothed", "210").count == 1.5


def test_gauges_are_interpolated_downwards() -> None:
    assert _only("g smoothed", "30").count == 2.0


def test_the_last_histogram_stays_without_a_hint() -> None:
    data = "load 1m\n h {{count:3 sum:5 buckets:[1 2] counter_reset_hint:gauge}}"
    (found,) = ask_histograms("h smoothed", data, "2m")
    assert found is not None
    assert found.reset_hint == ResetHint.UNKNOWN


def test_floats_and_histograms_together_give_nothing() -> None:
    assert ask_histograms("mixed smoothed", HISTOGRAMS, "1m") == []
    (warning,) = remarks("mixed smoothed", HISTOGRAMS, "1m").warnings
    assert "mix of histograms and floats" in warning


def test_schemas_that_do_not_go_together_give_nothing() -> None:
    assert ask_histograms("schemas smoothed", HISTOGRAMS, "30") == []
    (warning,) = remarks("schemas smoothed", HISTOGRAMS, "30").warnings
    assert "exponential and custom buckets" in warning

from __future__ import annotations

import math

import pytest

from tests.promql.range_data import FLOATS, HISTOGRAMS, ask, ask_histograms, ask_one, remarks


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("avg_over_time(gauge[3m])", 7 / 3),
        ("sum_over_time(gauge[3m])", 7.0),
        ("max_over_time(gauge[3m])", 4.0),
        ("min_over_time(gauge[3m])", 1.0),
        ("quantile_over_time(0.25, gauge[3m])", 1.5),
        ("mad_over_time(gauge[3m])", 1.0),
        ("stdvar_over_time(gauge[3m])", 14 / 9),
        ("stddev_over_time(gauge[3m])", math.sqrt(14 / 9)),
        ("ts_of_max_over_time(gauge[3m])", 60.0),
        ("ts_of_min_over_time(gauge[3m])", 0.0),
        ("ts_of_max_over_time(steady[3m])", 120.0),
    ],
)
def test_values(text: str, wanted: float) -> None:
    assert ask_one(text, FLOATS, "2m") == pytest.approx(wanted)


def test_names_are_dropped() -> None:
    assert ask("max_over_time(steady[1m])", FLOATS, "2m") == [({}, [7.0])]


@pytest.mark.parametrize("quantile", [-1.0, 1.5, math.nan])
def test_quantiles_out_of_range_are_warned_of(quantile: float) -> None:
    (warning,) = remarks(f"quantile_over_time({quantile}, steady[1m])", FLOATS, "2m").warnings
    assert warning.startswith("PromQL warning: quantile value should be between 0 and 1, got")


def test_nothing_is_said_of_a_quantile_that_is_not_used() -> None:
    assert remarks("quantile_over_time(2, nothing[1m])", FLOATS, "2m").warnings == ()


@pytest.mark.parametrize(
    ("text", "count"),
    [("sum_over_time(h[3m])", 18.0), ("avg_over_time(h[3m])", 6.0), ("avg_over_time(g[2m])", 2.0)],
)
def test_histograms_add_up(text: str, count: float) -> None:
    (found,) = ask_histograms(text, HISTOGRAMS, "2m" if "(h" in text else "1m")
    assert found is not None
    assert found.count == count


@pytest.mark.parametrize("function", ["sum_over_time", "avg_over_time"])
def test_floats_and_histograms_do_not_add_up(function: str) -> None:
    assert ask(f"{function}(mixed[5m])", HISTOGRAMS, "2m") == []
    (warning,) = remarks(f"{function}(mixed[5m])", HISTOGRAMS, "2m").warnings
    assert 'mix of histograms and floats for metric name "mixed"' in warning


@pytest.mark.parametrize("function", ["sum_over_time", "avg_over_time"])
def test_schemas_that_do_not_go_together(function: str) -> None:
    assert ask(f"{function}(schemas[5m])", HISTOGRAMS, "1m") == []
    (warning,) = remarks(f"{function}(schemas[5m])", HISTOGRAMS, "1m").warnings
    assert "exponential and custom buckets" in warning


def test_conflicting_resets() -> None:
    reset, no_reset = (
        f"{{{{count:3 counter_reset_hint:{hint}}}}}" for hint in ("reset", "not_reset")
    )
    data = f"load 1m\n h {reset} {no_reset}"
    (warning,) = remarks("sum_over_time(h[5m])", data, "1m").warnings
    assert "conflicting counter resets during histogram aggregation" in warning


@pytest.mark.parametrize(
    "text",
    [
        "max_over_time(mixed[5m])",
        "quantile_over_time(0.5, mixed[5m])",
        "stddev_over_time(mixed[5m])",
        "mad_over_time(mixed[5m])",
        "deriv(mixed[5m])",
    ],
)
def test_functions_of_floats_ignore_histograms_and_say_so(text: str) -> None:
    assert len(ask(text, HISTOGRAMS, "3m")) == 1
    (info,) = remarks(text, HISTOGRAMS, "3m").infos
    assert "ignored histograms in a range containing both floats and histograms" in info
    assert remarks(text, HISTOGRAMS, "1m").infos == ()

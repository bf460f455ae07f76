from __future__ import annotations

import pytest

from appliance.base.errors import QueryFailed
from appliance.promql.context import ALL_FEATURES, START_TIMESTAMPS
from tests.promql.memory_source import loaded
from tests.promql.range_data import FLOATS, HISTOGRAMS, ask, ask_histograms, ask_one, remarks


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ('rate(c_total{a="1"}[5m])', "10m", 1.0),
        ('increase(c_total{a="1"}[5m])', "10m", 300.0),
        ('increase(c_total{a="1"}[5m] offset 2m)', "10m", 300.0),
        # 20 → 3 is a reset: 5 + 10 + (3 + 4 - 3) from 0m to 4m, and 5 / 19 of 4m more on the left.
        ('increase(c_total{a="2"}[5m])', "4m", 19.0 * (1 + 1 / 4)),
        ('irate(c_total{a="1"}[5m])', "10m", 1.0),
        ('irate(c_total{a="2"}[5m])', "3m", 3 / 60),
        ("delta(gauge[5m] @ 60)", "10m", 3.0 * 1.5),
        ("idelta(gauge[5m] @ 120)", "10m", -2.0),
    ],
)
def test_values(text: str, at: str, wanted: float) -> None:
    assert ask_one(text, FLOATS, at) == pytest.approx(wanted)


def test_one_sample_is_not_enough() -> None:
    assert ask("rate(c_total[1m])", FLOATS, "10m") == []
    assert ask("irate(c_total[1m])", FLOATS, "10m") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("increase(x[1m] anchored)", 60.0),
        ("increase(x[1m] smoothed)", 60.0),
        ("delta(x[1m] smoothed)", 60.0),
        ("rate(x[1m] smoothed)", 1.0),
        ("increase(x[50s] anchored)", 60.0),
        ("increase(x[50s] smoothed)", 50.0),
        ("changes(x[1m] anchored)", 1.0),
        ("resets(x[1m] anchored)", 0.0),
    ],
)
def test_extended_ranges(text: str, wanted: float) -> None:
    assert ask_one(text, "load 1m\n x 0+60x20", "250") == pytest.approx(wanted)


def test_extended_ranges_are_for_few_functions() -> None:
    wanted = (
        "smoothed modifier can only be used with: delta, increase, rate - not with sum_over_time"
    )
    with pytest.raises(QueryFailed, match=wanted):
        ask("sum_over_time(x[1m] smoothed)", FLOATS, "5m")


@pytest.mark.parametrize(
    ("name", "infos"),
    [("x_total", 0), ("x_sum", 0), ("x_count", 0), ("x_bucket", 0), ("x", 1), ("x_totals", 1)],
)
def test_names_that_are_not_those_of_counters(name: str, infos: int) -> None:
    found = remarks(f"rate({name}[5m])", f"load 1m\n {name} 1 2", "1m")
    wanted = (
        "PromQL info: metric might not be a counter, name does not end in"
        f' _total/_sum/_count/_bucket: "{name}" (1:6)'
    )
    assert list(found.infos) == [wanted] * infos


@pytest.mark.parametrize(("at", "infos"), [("1m", 0), ("2m", 0), ("3m", 0), ("8m", 1)])
def test_only_rates_of_floats_speak_of_the_name(at: str, infos: int) -> None:
    found = remarks("rate(mixed[5m1s])", HISTOGRAMS + "\n mixed _ _ _ _ _ _ 3 4", at)
    assert len(found.infos) == infos


def test_a_start_time_makes_a_sample_of_zero_if_the_feature_is_on() -> None:
    source = loaded("load 1m\n x_total _ 3 6")
    (item,) = source.samples
    source.starts[item] = {0: 30_000}
    assert ask_one("increase(x_total[3m])", source, "2m") == 6.0
    features = ALL_FEATURES - {START_TIMESTAMPS}
    assert ask_one("increase(x_total[3m])", source, "2m", features=features) == 4.5
    assert ask_one("increase(x_total[2m])", source, "1m") == 3.0
    assert ask_one("increase(x_total[2m])", source, "1m", features=features) is None


def _count(text: str, at: str) -> float:
    (found,) = ask_histograms(text, HISTOGRAMS, at)
    assert found is not None
    return found.count


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("increase(h[3m])", "3m", 9.0),
        # From 6 at 1m over the reset to 6 at 5m: 6 + 6; 4 minutes as sampled, 5 the range.
        ("increase(h[5m])", "5m", 12.0 * 5 / 4),
        ("rate(h[5m])", "5m", 12.0 * 5 / 4 / 300),
        ("delta(g[2m])", "1m", -2.0 * 2),
        ("irate(h[5m])", "5m", 3.0 / 60),
        ("irate(h[5m])", "4m", 3.0 / 60),
        ("idelta(g[5m])", "1m", -2.0),
        ("increase(custom[2m])", "1m", 6.0),
        ("increase(h[1m] anchored)", "3m", 3.0),
        ("increase(h[90s] smoothed)", "150", 4.5),
        ("increase(h[5m] smoothed)", "5m", 15.0),
        ("rate(h[2m] anchored)", "5m", 6.0 / 120),
    ],
)
def test_histograms(text: str, at: str, wanted: float) -> None:
    assert _count(text, at) == pytest.approx(wanted)


_MIXED = 'encountered a mix of histograms and floats for metric name "mixed"'
_SCHEMAS = (
    "vector contains a mix of histograms with exponential and custom buckets schemas"
    ' for metric name "schemas"'
)


@pytest.mark.parametrize(
    ("text", "at", "warning"),
    [
        ("rate(mixed[5m])", "3m", _MIXED),
        ("irate(mixed[5m])", "2m", _MIXED),
        ("rate(g[5m])", "1m", 'this native histogram metric is not a counter: "g"'),
        ("irate(g[5m])", "1m", 'this native histogram metric is not a counter: "g"'),
        ("delta(h[5m])", "1m", 'this native histogram metric is not a gauge: "h"'),
        ("idelta(h[5m])", "1m", 'this native histogram metric is not a gauge: "h"'),
        (
            "delta(schemas[5m])",
            "1m",
            _SCHEMAS,
        ),
    ],
)
def test_warnings(text: str, at: str, warning: str) -> None:
    found = remarks(text, HISTOGRAMS, at)
    assert f"PromQL warning: {warning}" in [item.partition(" (")[0] for item in found.warnings]


def test_mixed_windows_have_no_rate_but_others_of_the_series_do() -> None:
    ((_, values),) = ask("irate(mixed[5m])", HISTOGRAMS, ("2m", "4m", "1m"))
    assert values == [1 / 60, 1 / 60]


def test_different_custom_bounds_are_reconciled() -> None:
    (info,) = remarks("increase(custom[5m])", HISTOGRAMS, "1m").infos
    assert "mismatched custom buckets were reconciled during subtraction" in info

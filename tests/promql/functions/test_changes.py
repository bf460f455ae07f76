from __future__ import annotations

import pytest

from appliance.promql.context import ALL_FEATURES, START_TIMESTAMPS
from tests.promql.memory_source import loaded
from tests.promql.range_data import FLOATS, HISTOGRAMS, ask, ask_one


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('changes(c_total{a="2"}[15m])', 9.0),
        ('resets(c_total{a="2"}[15m])', 2.0),
        ("changes(steady[15m])", 0.0),
        ("changes(gauge[15m])", 4.0),
        ("changes(h[15m])", 5.0),
        ("resets(h[15m])", 1.0),
        ("changes(mixed[15m])", 3.0),
        ("resets(mixed[15m])", 1.0),
    ],
)
def test_values(text: str, wanted: float) -> None:
    data = HISTOGRAMS if "h[" in text or "mixed" in text else FLOATS
    assert ask_one(text, data, "12m") == wanted


def test_from_nan_to_nan_nothing_changes() -> None:
    assert ask_one("changes(x[15m])", "load 1m\n x NaN NaN 1 NaN", "5m") == 2.0


def test_anchored_ranges_begin_with_the_sample_before() -> None:
    data = "load 1m\n x 3 1 1 1"
    assert ask_one("changes(x[30s] anchored)", data, "70") == 1.0
    assert ask_one("resets(x[30s] anchored)", data, "70") == 1.0
    assert ask_one("changes(x[30s])", data, "70") == 0.0
    # The last sample lies before the range.
    assert ask("changes(x[10s] anchored)", data, "200") == []


def test_start_times_tell_resets_that_values_do_not() -> None:
    source = loaded("load 1m\n x_total 1 2 3")
    (item,) = source.samples
    source.starts[item] = {0: 0, 120_000: 90_000}
    assert ask_one("resets(x_total[5m])", source, "2m") == 1.0
    features = ALL_FEATURES - {START_TIMESTAMPS}
    assert ask_one("resets(x_total[5m])", source, "2m", features=features) == 0.0

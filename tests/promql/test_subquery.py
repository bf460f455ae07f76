from __future__ import annotations

import numpy as np
import pytest

from appliance.promql.context import SampleCounts
from tests.promql.memory_source import loaded, query
from tests.promql.range_data import ask, ask_one

_DATA = """
    load 10s
      x 0+1x60
"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # Multiples of the resolution after 40 s, up to 100 s.
        ("count_over_time(x[1m:10s])", 6.0),
        ("sum_over_time(x[1m:20s])", 6.0 + 8.0 + 10.0),
        ("sum_over_time(x[1m:20s] offset 5s)", 4.0 + 6.0 + 8.0),
        ("sum_over_time(x[1m:30s] @ 60)", 3.0 + 6.0),
        ("sum_over_time(vector(2)[1m:20s])", 6.0),
        ("sum_over_time(vector(time())[1m:20s])", 60.0 + 80.0 + 100.0),
        ("max_over_time(sum_over_time(x[20s:10s])[30s:10s])", 19.0),
    ],
)
def test_values_at_multiples_of_the_resolution(text: str, wanted: float) -> None:
    assert ask_one(text, _DATA, "100") == wanted


def test_the_default_resolution() -> None:
    assert ask_one("count_over_time(x[5m:])", _DATA, "10m") == 5.0
    assert ask_one("count_over_time(x[5m:])", _DATA, "10m", subquery_step_ms=30_000) == 10.0


def test_steps_share_the_times_of_a_subquery() -> None:
    rows = ask("sum_over_time(x[1m:30s])", _DATA, ("60", "120", "20"))
    assert rows == [({}, [3.0 + 6.0, 3.0 + 6.0, 6.0 + 9.0, 9.0 + 12.0])]


def test_only_times_within_windows_are_evaluated() -> None:
    source, counts = loaded(_DATA), SampleCounts(per_step=np.zeros(4, dtype=np.int64))
    query("sum_over_time(x[20s:10s])", source, ("0", "300", "100"), counts=counts)
    assert counts.per_step is not None
    assert counts.per_step.tolist() == [1, 2, 2, 2]


def test_names_stay_dropped() -> None:
    assert ask("last_over_time(abs(x)[1m:10s])", _DATA, "100") == [({}, [10.0])]
    assert ask("last_over_time(x[1m:10s])", _DATA, "100") == [({"__name__": "x"}, [10.0])]


def test_reset_hints_are_forgotten() -> None:
    data = "load 1m\n h {{count:3 buckets:[3]}} {{count:6 buckets:[6] counter_reset_hint:reset}}"
    assert ask_one("resets(h[2m])", data, "1m") == 1.0
    assert ask_one("resets(h[2m:1m])", data, "1m") == 0.0

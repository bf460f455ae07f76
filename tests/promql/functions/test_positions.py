from __future__ import annotations

import pytest

from tests.promql.range_data import FLOATS, HISTOGRAMS, ask, ask_histograms, ask_one


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('count_over_time(c_total{a="2"}[15m])', 10.0),
        ('present_over_time(c_total{a="2"}[15m])', 1.0),
        ('ts_of_first_over_time(c_total{a="2"}[6m])', 480.0),
        ('ts_of_last_over_time(c_total{a="2"}[12m])', 720.0),
        ("count_over_time(mixed[15m])", 4.0),
        ("ts_of_first_over_time(mixed[15m])", 0.0),
        ("last_over_time(mixed[15m])", 2.0),
    ],
)
def test_values(text: str, wanted: float) -> None:
    assert ask_one(text, HISTOGRAMS if "mixed" in text else FLOATS, "12m") == wanted


def test_single_samples_keep_their_names() -> None:
    row = {"__name__": "c_total", "a": "2"}
    assert ask('last_over_time(c_total{a="2"}[3m])', FLOATS, "9m") == [(row, [10.0])]
    assert ask('first_over_time(c_total{a="2"}[3m])', FLOATS, "2m") == [(row, [5.0])]


def test_a_histogram_may_be_the_first_or_last_sample() -> None:
    (first,) = ask_histograms("first_over_time(mixed[15m])", HISTOGRAMS, "3m")
    (last,) = ask_histograms("last_over_time(mixed[15m])", HISTOGRAMS, "1m")
    assert first is not None
    assert last is not None
    assert (first.count, last.count) == (3.0, 6.0)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('absent_over_time(c_total{a="1"}[5m])', []),
        ('absent_over_time(nothing{a="1", b=~"x"}[5m])', [({"a": "1"}, [1.0])]),
        ("absent_over_time(h[5m])", [({}, [1.0])]),
        ("absent_over_time(sum(nothing)[5m:1m])", [({}, [1.0])]),
    ],
)
def test_absence(text: str, wanted: object) -> None:
    assert ask(text, FLOATS, "5m") == wanted


def test_absence_at_some_steps() -> None:
    rows = ask("absent_over_time(gauge[1m])", FLOATS, ("3m", "7m", "1m"))
    assert rows == [({}, [1.0, 1.0, 1.0])]

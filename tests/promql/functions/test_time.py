"""Parts of dates, times of samples, and what a query knows of itself."""

from __future__ import annotations

import datetime as dt
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from appliance.promql.functions import time as module
from appliance.promql.functions.time import IMPLEMENTATIONS, _of_any, _year
from tests.promql.memory_source import loaded, query, shown

DATA = loaded("""
    load 10s
        x 1 2 _ 4 5
        h {{schema:0 count:1 sum:1 buckets:[1]}}
""")


@given(st.integers(-62_135_596_800, 253_370_764_800))
def test_parts_of_dates_are_those_of_the_calendar(second: int) -> None:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second)
    seconds = np.array([second])
    month_ends = (moment.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    expected = {
        "day_of_month": moment.day,
        "day_of_week": moment.isoweekday() % 7,
        "day_of_year": moment.timetuple().tm_yday,
        "days_in_month": (month_ends - dt.timedelta(days=1)).day,
        "hour": moment.hour,
        "minute": moment.minute,
        "month": moment.month,
        "year": moment.year,
    }
    found = {name: int(getattr(module, f"_{name}")(seconds)[0]) for name in IMPLEMENTATIONS}
    assert found == expected


def test_no_date_is_one_far_away() -> None:
    least = np.array([np.iinfo(np.int64).min])
    assert _of_any(_year, least).tolist() == [292277026596]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hour()", 10),
        ("year(vector(-1.5))", 1969),
        ("minute(vector(NaN))", 30),
        ("day_of_month(vector(1.4e9))", 13),
    ],
)
def test_dates_of_values(text: str, value: float) -> None:
    assert shown(query(text, DATA, "36000")) == [({}, [value])]


def test_timestamp_is_that_of_the_sample() -> None:
    steps = ("15", "45", "15")
    assert shown(query("timestamp(x)", DATA, steps)) == [({}, [10.0, 30.0, 40.0])]
    assert shown(query("timestamp((x))", DATA, "25")) == [({}, [10.0])]
    assert shown(query("timestamp(abs(x))", DATA, steps)) == [({}, [15.0, 30.0, 45.0])]
    assert shown(query("timestamp(x @ 25)", DATA, steps)) == [({}, [10.0, 10.0, 10.0])]
    assert shown(query("timestamp(x offset 20s)", DATA, "45")) == [({}, [10.0])]
    assert shown(query("timestamp(h)", DATA, "45")) == [({}, [0.0])]


def test_start_timestamp_is_known_from_a_time_on() -> None:
    source = loaded("load 10s\n x 1 2 3 4\n y 1x3")
    (x, _) = source.samples
    source.starts[x] = {10_000: 5_000, 30_000: 29_500}
    assert shown(query("start_timestamp(x)", source, ("0", "30", "10"))) == [
        ({}, [0.0, 5.0, 5.0, 29.5])
    ]
    assert shown(query("start_timestamp(y)", source, "0")) == [({}, [0.0])]
    assert shown(query("start_timestamp(abs(x))", source, "0")) == []
    assert shown(query("start_timestamp(x)", source, "0", features=frozenset())) == []


def test_a_query_knows_its_bounds() -> None:
    steps = ("10", "50", "20")
    for text, value in [("start()", 10.0), ("end()", 50.0), ("range()", 40.0), ("step()", 20.0)]:
        assert shown(query(text, DATA, steps)) == [({}, [value] * 3)]
    assert shown(query("vector(step() + range())", DATA, "10")) == [({}, [0.0])]
    assert shown(query("time()", DATA, steps)) == [({}, [10.0, 30.0, 50.0])]


def test_scalar_wants_one_float() -> None:
    source = loaded("""
        load 10s
            y{a="1"} 1 2 _ {{count:1 sum:1}}
            y{a="2"} _ 3 _ 4
    """)
    ((_, found),) = shown(query("scalar(y)", source, ("0", "30", "10"), lookback_ms=5_000))
    np.testing.assert_array_equal(found, [1.0, math.nan, math.nan, 4.0])
    ((_, found),) = shown(query("vector(scalar(missing))", source, "0"))
    assert math.isnan(found[0])


def test_timestamp_looks_at_the_time_of_at_whatever_the_offset() -> None:
    """Among the samples that `@` and the offset reach together, as Prometheus does."""
    data = loaded("load 1m\n  y 0+1x60")
    assert shown(query("timestamp(y @ 1800 offset 2m)", data, "0")) == [({}, [1680.0])]
    assert shown(query("timestamp(y @ 1800 offset -2m)", data, "0")) == [({}, [1800.0])]
    assert shown(query("timestamp(y @ 1800 offset 5m)", data, "0")) == []
    assert shown(query("timestamp(y @ 1800 offset -5m)", data, "0")) == []

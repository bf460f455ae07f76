"""Numbers for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.humanize import (
    humanize,
    humanize1024,
    humanize_duration,
    humanize_percentage,
    humanize_timestamp,
    parse_duration_seconds,
    to_duration,
    to_float,
    to_time,
)

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1500, "1.5k"), (-1234567, "-1.235M"), (1e27, "1000Y"), (0.001234, "1.234m"),
        (1e-27, "0.001y"), (INF, "+Inf"), ("NaN", "NaN"), ("1234.5", "1.234k"), (999.96, "1000"),
    ],
)  # fmt: skip
def test_decimal_prefixes(value: object, text: str) -> None:
    assert humanize(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1023, "1023"), (1048576, "1Mi"), (-2048, "-2ki"), (1e30, "8.272e+05Yi")],
)
def test_binary_prefixes(value: object, text: str) -> None:
    assert humanize1024(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0s"), (59.9, "59.9s"), (61.5, "1m 1s"), (3600, "1h 0m 0s"), (86400, "1d 0h 0m 0s"),
        (-90, "-1m 30s"), (0.0123, "12.3ms"), (-0.5, "-500ms"), (-INF, "-Inf"),
    ],
)  # fmt: skip
def test_durations(value: object, text: str) -> None:
    assert humanize_duration(value) == text
    assert humanize_duration(to_duration(90)) == "1m 30s"


def test_percentages_and_times() -> None:
    assert humanize_percentage(12.3456) == "1235%"
    assert humanize_timestamp(1435065584.128) == "2015-06-23 13:19:44.128 +0000 UTC"
    assert humanize_timestamp(-1.5) == "1969-12-31 23:59:58.5 +0000 UTC"
    assert humanize_timestamp("NaN") == "NaN"
    assert to_time(1704164645.25).format(".000") == ".249"


@pytest.mark.parametrize(
    ("text", "seconds"), [("5m", 300), ("-5m", -300), ("0", 0), ("1w", 604800)]
)
def test_parsed_durations(text: str, seconds: float) -> None:
    assert parse_duration_seconds(text) == seconds


@pytest.mark.parametrize(
    ("call", "value", "message"),
    [
        (to_float, "abc", 'strconv.ParseFloat: parsing "abc": invalid syntax'),
        (to_float, True, "can't convert bool to float"),
        (parse_duration_seconds, "bad", 'not a valid duration string: "bad"'),
        (parse_duration_seconds, "", "empty duration string"),
        (to_time, NAN, "value is NaN or Inf"),
        (humanize_timestamp, 1e18, "1e+18 cannot be represented as a nanoseconds"),
    ],
)
def test_errors(call: Callable[[Any], object], value: object, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        call(value)
    assert caught.value.message.startswith(message)

"""Numbers and durations of languages written in Go."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.syntax.go_literals import read_duration, read_float, read_prometheus_duration

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("1.5e3", 1500.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("0x1.8p1", 3.0),
        ("010", 10.0),
        ("1_000", 1000.0),
        ("1_2.5_0e0_1", 125.0),
        ("0x_1_0p0", 16.0),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert read_float(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1__0", 'strconv.ParseFloat: parsing "1__0": invalid syntax'),
        ("1_.5", 'strconv.ParseFloat: parsing "1_.5": invalid syntax'),
        ("0x1F", 'strconv.ParseFloat: parsing "0x1F": invalid syntax'),
        ("1e999", 'strconv.ParseFloat: parsing "1e999": value out of range'),
        ("0x1p99999", 'strconv.ParseFloat: parsing "0x1p99999": value out of range'),
    ],
)
def test_what_is_no_number(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_float(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1h30m", 5400 * SECOND),
        ("1y", 365 * 86400 * SECOND),
        ("1d", 86400 * SECOND),
        ("1.5s", SECOND * 3 // 2),
        ("250us", 250_000),
        ("-5m", -300 * SECOND),
        ("0", 0),
    ],
)
def test_durations(text: str, nanoseconds: int) -> None:
    assert read_duration(text) == nanoseconds


def test_ranges_know_no_fractions() -> None:
    with pytest.raises(BadInput, match="unknown unit"):
        read_prometheus_duration("1.5s")

"""Durations and sizes as Go reads them."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes, parse_go_duration, print_go_duration


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("-0", 0),
        ("0s", 0),
        ("1.5h", 5_400 * 10**9),
        ("1h15m30.918s", 4_530_918_000_000),
        ("-1.5ms", -1_500_000),
        ("+5s", 5 * 10**9),
        (".5s", 500_000_000),
        ("1.s", 10**9),
        ("3µs", 3_000),
        ("3μs", 3_000),
        ("7ns", 7),
        ("2562047h47m16.854775807s", (1 << 63) - 1),
        ("-2562047h47m16.854775808s", -(1 << 63)),
    ],
)
def test_durations(text: str, ns: int) -> None:
    assert parse_go_duration(text) == ns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        ("s", 'time: invalid duration "s"'),
        (".s", 'time: invalid duration ".s"'),
        ("12", 'time: missing unit in duration "12"'),
        ("1h5", 'time: missing unit in duration "1h5"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("1 s", 'time: unknown unit " s" in duration "1 s"'),
        ("3000000h", 'time: invalid duration "3000000h"'),
        ('"', 'time: invalid duration "\\""'),
    ],
)
def test_what_is_no_duration(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_go_duration(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12", 12),
        ("7b", 7),
        ("3 kB", 3_000),
        ("1.5kB", 1_500),
        ("1,024", 1_024),
        ("1KiB", 1_024),
        ("2ki", 2_048),
        ("1TB", 10**12),
        ("42 mib ", 44_040_192),
        (".5k", 500),
        ("0.3", 0),
    ],
)
def test_sizes(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'strconv.ParseFloat: parsing "": invalid syntax'),
        ("bad", 'strconv.ParseFloat: parsing "": invalid syntax'),
        ("-1", 'strconv.ParseFloat: parsing "": invalid syntax'),
        ("1.2.3kb", 'strconv.ParseFloat: parsing "1.2.3": invalid syntax'),
        ("5 XB", "unhandled size name: xb"),
        ("1e3", "unhandled size name: e3"),
        ("99999EB", "too large: 99999EB"),
    ],
)
def test_what_is_no_size(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_bytes(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0s"),
        (7, "7ns"),
        (1_500, "1.5µs"),
        (-250 * 10**6, "-250ms"),
        (10**9, "1s"),
        (60 * 10**9, "1m0s"),
        (4_530_918_000_000, "1h15m30.918s"),
        (-(1 << 63), "-2562047h47m16.854775808s"),
    ],
)
def test_durations_are_printed(ns: int, text: str) -> None:
    assert print_go_duration(ns) == text
    assert parse_go_duration(text) == ns

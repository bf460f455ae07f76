"""Numbers, durations and sizes of LogQL."""

from __future__ import annotations

import math

import pytest

from appliance.logql.literals import (
    print_duration,
    print_float,
    print_general,
    print_prometheus_duration,
    print_size,
)

SECOND = 10**9


@pytest.mark.parametrize(
    ("nanoseconds", "go", "prometheus"),
    [
        (0, "0s", "0s"),
        (5400 * SECOND, "1h30m0s", "1h30m"),
        (300 * SECOND, "5m0s", "5m"),
        (1_500_000_000, "1.5s", "1s500ms"),
        (250_000_000, "250ms", "250ms"),
        (86400 * SECOND, "24h0m0s", "1d"),
        (8 * 86400 * SECOND, "192h0m0s", "8d"),
        (14 * 86400 * SECOND, "336h0m0s", "2w"),
    ],
)
def test_printed_durations(nanoseconds: int, go: str, prometheus: str) -> None:
    assert print_duration(nanoseconds) == go
    assert print_prometheus_duration(nanoseconds) == prometheus


@pytest.mark.parametrize(("nanoseconds", "text"), [(1500, "1.5µs"), (7, "7ns"), (-SECOND, "-1s")])
def test_small_and_negative_durations(nanoseconds: int, text: str) -> None:
    assert print_duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (999, "999B"),
        (20_000, "20kB"),
        (1_500_000, "1.5MB"),
        (1_234_567, "1234567B"),
        (20_480, "20480B"),
        (5 * 10**18, "5000000000000000000B"),
    ],
)
def test_printed_sizes_are_exact(size: int, text: str) -> None:
    assert print_size(size) == text


@pytest.mark.parametrize(
    ("value", "plain", "general"),
    [
        (5.0, "5", "5"),
        (0.25, "0.25", "0.25"),
        (1e21, "1000000000000000000000", "1e+21"),
        (1e20, "100000000000000000000", "100000000000000000000"),
        (1.5e-7, "0.00000015", "1.5e-07"),
        (-2.0, "-2", "-2"),
        (math.inf, "+Inf", "+Inf"),
        (-math.inf, "-Inf", "-Inf"),
        (math.nan, "NaN", "NaN"),
    ],
)
def test_printed_numbers(value: float, plain: str, general: str) -> None:
    assert (print_float(value), print_general(value)) == (plain, general)

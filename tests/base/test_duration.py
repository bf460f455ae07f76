"""Prometheus durations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.duration import parse_duration, print_duration
from appliance.base.errors import BadInput


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("15s", 15_000),
        ("1h30m", 5_400_000),
        ("1d12h", 129_600_000),
        ("5ms", 5),
        ("1y2w3d4h5m6s7ms", 31_536_000_000 + 2 * 604_800_000 + 3 * 86_400_000 + 14_706_007),
    ],
)
def test_parse(text: str, ms: int) -> None:
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "15", "1.5h", "s", "5m1h", "1h1h", "-5m", "5 m"])
def test_refuses_what_prometheus_refuses(text: str) -> None:
    with pytest.raises(BadInput, match="not a valid duration string"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0s"), (90_000, "1m30s"), (36 * 3_600_000, "1d12h"), (86_400_000, "1d")]
)
def test_print(ms: int, text: str) -> None:
    assert print_duration(ms) == text


@given(st.integers(0, 9 * 10**12))
def test_printed_duration_parses_back(ms: int) -> None:
    assert parse_duration(print_duration(ms)) == ms

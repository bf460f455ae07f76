"""Times on the command line."""

from __future__ import annotations

import click
import pytest

from appliance.commands.times import parse_when, parse_when_ns

NOW = 1_700_000_000_123_456_789


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("now", NOW),
        ("now-1h", (NOW - 3600 * 10**9) // 1000 * 1000),
        ("1700000000", 1_700_000_000 * 10**9),
        ("1700000000.25", 1_700_000_000_250_000_000),
        ("1700000000123456789", NOW),
        ("2023-11-14T22:13:20Z", 1_700_000_000 * 10**9),
        ("2023-11-14T22:13:20.000001Z", 1_700_000_000_000_001_000),
    ],
)
def test_nanoseconds(text: str, time_ns: int) -> None:
    assert abs(parse_when_ns(text, NOW) - time_ns) <= 1000


def test_nanoseconds_and_now_are_exact() -> None:
    assert parse_when_ns("1700000000123456789", 0) == NOW
    assert parse_when_ns("now", NOW) == NOW


@pytest.mark.parametrize("text", ["soon", "now-", "now-5x", "2026-13-01"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a time"):
        parse_when_ns(text, NOW)
    with pytest.raises(click.BadParameter, match="is not a time"):
        parse_when(text, 0.0)

"""Parameters as the originals read them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance.api import params
from appliance.base.errors import BadInput

HOUR = 3600 * 10**9
ZERO_STEP = "zero or negative query resolution step widths are not accepted. Try a positive integer"


def message(function: Callable[[], object]) -> str:
    with pytest.raises(BadInput) as caught:
        function()
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("1.5", 1500),
        ("-1", -1000),
        ("1e9", 10**12),
        ("1700000000.123", 1_700_000_000_123),
        ("1700000000.1239999", 1_700_000_000_124),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2023-11-14T22:13:20.1234Z", 1_700_000_000_123),
        ("2023-11-14t23:13:20+01:00", 1_700_000_000_000),
        (params.MIN_TIME, params.MIN_MS),
        (params.MAX_TIME, params.MAX_MS),
    ],
)
def test_prometheus_times(text: str, ms: int) -> None:
    assert params.parse_time_ms(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", " ", "now", "1.2.3", "1e400", "NaN", "Inf", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z"],
)
def test_what_is_no_prometheus_time(text: str) -> None:
    found = message(lambda: params.required_time_ms({"start": text}, "start"))
    assert found == f'invalid parameter "start": cannot parse "{text}" to a valid timestamp'


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("15", 15000),
        ("15.5", 15500),
        ("1e1", 10000),
        ("1m30s", 90000),
        ("0.0001", 0),
        ("-5s", -5000),
    ],
)
def test_prometheus_durations(text: str, ms: int) -> None:
    assert params.parse_duration_ms(text) == ms


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", 'cannot parse "" to a valid duration'),
        ("1x", 'cannot parse "1x" to a valid duration'),
        ("1e30", 'cannot parse "1e30" to a valid duration. It overflows int64'),
        ("NaN", ZERO_STEP),
        (
            "0",
            ZERO_STEP,
        ),
    ],
)
def test_steps_that_are_refused(text: str, reason: str) -> None:
    assert message(lambda: params.step_ms({"step": text})) == f'invalid parameter "step": {reason}'


def test_limit() -> None:
    assert params.limit({}) == 0
    assert params.limit({"limit": "7"}) == 7
    assert message(lambda: params.limit({"limit": "x"})).startswith('invalid parameter "limit"')
    assert message(lambda: params.limit({"limit": "-1"})).endswith("limit must be non-negative")


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1700000000", 1_700_000_000 * 10**9),
        ("1700000000123456789", 1_700_000_000_123_456_789),
        ("1700000000.123456789", 1_700_000_000_123_456_789),
        ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123_456_789),
        ("0", 0),
    ],
)
def test_loki_times_are_exact(text: str, ns: int) -> None:
    assert params.parse_loki_time_ns(text) == ns


def test_loki_ranges() -> None:
    now = 10 * HOUR
    assert params.loki_range_ns({}, now, HOUR) == (9 * HOUR, now)
    assert params.loki_range_ns({"since": "2h"}, now, HOUR) == (8 * HOUR, now)
    assert params.loki_range_ns({"end": str(5 * HOUR)}, now, HOUR) == (4 * HOUR, 5 * HOUR)
    assert params.loki_range_ns({"end": str(12 * HOUR)}, now, HOUR) == (9 * HOUR, 12 * HOUR)
    assert params.loki_range_ns({"start": "7"}, now, HOUR) == (7 * 10**9, now)
    assert "'since'" in message(lambda: params.loki_range_ns({"since": "x"}, now, HOUR))
    assert "'end'" in message(lambda: params.loki_range_ns({"end": "x"}, now, HOUR))


def test_loki_limit_and_direction() -> None:
    assert params.loki_limit({}, most=5000) == 100
    assert params.loki_limit({"limit": "5000"}, most=5000) == 5000
    assert "(5001 > 5000)" in message(lambda: params.loki_limit({"limit": "5001"}, most=5000))
    assert "positive" in message(lambda: params.loki_limit({"limit": "0"}, most=5000))
    assert "Atoi" in message(lambda: params.loki_limit({"limit": "ten"}, most=5000))
    assert params.is_backward({})
    assert not params.is_backward({"direction": "FORWARD"})
    assert "'up'" in message(lambda: params.is_backward({"direction": "up"}))

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

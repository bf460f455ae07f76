"""Parameters of Loki's requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance.api.loki import params
from appliance.base.errors import BadInput

S = 10**9
HOUR = 3600 * S
NOW = 1_700_000_000 * S


def message(call: Callable[[], object]) -> str:
    with pytest.raises(BadInput) as caught:
        call()
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1700000000", NOW),
        ("1700000000123456789", NOW + 123_456_789),
        ("1700000000.123456789", NOW + 123_000_000),  # to the millisecond, as Loki
        ("1700000000.9996", NOW + S),
        ("1700000000123456789.0", NOW + 123_456_768),  # a float's precision
        ("2023-11-14T22:13:20.123456789Z", NOW + 123_456_789),
        ("2023-11-14T23:13:20+01:00", NOW),
        ("0", 0),
        ("-5", -5 * S),
        ("10000000000", 10**10 * S),
        ("10000000001", 10_000_000_001),
    ],
)
def test_times(text: str, ns: int) -> None:
    assert params.parse_time_ns(text) == ns


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("x.y", 'strconv.ParseFloat: parsing "x.y": invalid syntax'),
        ("9" * 19, 'strconv.ParseInt: parsing "9999999999999999999": value out of range'),
        ("1.0e300", "floating point timestamp exceeds integer range"),
    ],
)
def test_what_is_no_time_is_told_in_gos_words(text: str, reason: str) -> None:
    assert message(lambda: params.parse_time_ns(text)) == reason


def test_bounds() -> None:
    assert params.bounds({}, NOW) == (NOW - HOUR, NOW)
    assert params.bounds({"since": "2h"}, NOW) == (NOW - 2 * HOUR, NOW)
    assert params.bounds({"end": "3600"}, NOW) == (0, HOUR)
    ahead = NOW + 2 * HOUR
    assert params.bounds({"end": str(ahead)}, NOW) == (NOW - HOUR, ahead)
    assert params.bounds({"start": "7", "since": "5m"}, NOW) == (7 * S, NOW)
    for name in ("start", "end", "since"):
        shown = message(lambda name=name: params.bounds({name: "x"}, NOW))  # type: ignore[misc]
        assert shown.startswith(f"could not parse '{name}' parameter: ")


@pytest.mark.parametrize(
    ("given", "step_ns"),
    [
        ({"start": "0", "end": "100"}, S),
        ({"start": "0", "end": "1000"}, 4 * S),
        ({"step": "15"}, 15 * S),
        ({"step": "0.5"}, S // 2),
        ({"step": "2m"}, 120 * S),
    ],
)
def test_steps(given: dict[str, str], step_ns: int) -> None:
    assert params.range_query(given, NOW).step_ns == step_ns


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"start": "5", "end": "4"}, "end timestamp must not be before or equal to start time"),
        ({"limit": "0"}, "limit must be a positive value"),
        ({"limit": "ten"}, 'strconv.Atoi: parsing "ten": invalid syntax'),
        ({"direction": "up"}, "invalid direction 'up'"),
        ({"step": "0"}, "zero or negative query resolution step widths are not accepted."),
        ({"step": "-5"}, "zero or negative query resolution step widths are not accepted."),
        ({"step": "bogus"}, 'cannot parse "bogus" to a valid duration'),
        ({"step": "1e300"}, 'cannot parse "1e300" to a valid duration. It overflows int64'),
        ({"step": "100ms"}, "exceeded maximum resolution of 11,000 points per time series."),
        ({"interval": "-1"}, "interval must be >= 0"),
        ({"interval": "x"}, 'cannot parse "x" to a valid duration'),
    ],
)
def test_range_queries_that_are_refused(given: dict[str, str], reason: str) -> None:
    assert message(lambda: params.range_query(given, NOW)).startswith(reason)


def test_usual_range_query() -> None:
    assert params.range_query({"query": "q", "interval": "2s"}, NOW) == params.RangeQuery(
        "q", NOW - HOUR, NOW, 14 * S, 2 * S, 100, is_backward=True
    )
    assert not params.range_query({"direction": "FORWARD"}, NOW).is_backward


def test_steps_are_multiples_of_the_step() -> None:
    asked = params.range_query({"start": "601", "end": "6600", "step": "1h"}, NOW)

    assert asked.aligned_ns == (0, 7200 * S)
    assert params.range_query({"start": "0", "end": "60", "step": "30"}, NOW).aligned_ns == (
        0,
        60 * S,
    )


def test_instant_query() -> None:
    assert params.instant_query({}, NOW) == params.InstantQuery("", NOW, 100, is_backward=True)
    assert params.instant_query({"time": "3600.5"}, NOW).time_ns == 3600 * S + S // 2
    assert message(lambda: params.instant_query({"time": "x"}, NOW)).startswith("strconv.ParseInt")

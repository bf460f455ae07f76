"""Times of Alertmanager's API are read and printed as its framework does it."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.wire.alertmanager.times import parse_time, print_time

NEW_YEAR_NS = 1_704_067_200 * 10**9


@pytest.mark.parametrize(
    ("text", "after_ns"),
    [
        ("2024-01-01T00:00:00Z", 0),
        ("2024-01-01T00:00:00.5Z", 500_000_000),
        ("2024-01-01T00:00:00,123456789Z", 123_456_789),
        ("2024-01-01T00:00:00.1234567891Z", 123_456_789),
        ("2024-01-01T01:00:00+01:00", 0),
        ("2024-01-01T02:00:00.123+0200", 123_000_000),
        ("2024-01-01T02:00:00.123456+0200", 123_456_000),
        ("2024-01-01T00:00:01", 1_000_000_000),
        ("2024-01-01 00:00:01", 1_000_000_000),
        ("2024-01-01 00:00:00.5", 500_000_000),
        ("2024-01-01T00:01Z", 60_000_000_000),
        ("2024-01-01T00:01", 60_000_000_000),
        ("2024-01-01", 0),
    ],
)
def test_forms(text: str, after_ns: int) -> None:
    assert parse_time(text) == NEW_YEAR_NS + after_ns


def test_the_zero_time_is_none_and_no_text_is_the_epoch() -> None:
    assert parse_time("0001-01-01T00:00:00Z") is None
    assert parse_time("0001-01-01T00:00:00.000Z") is None
    assert parse_time("") == 0


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00.000Z"),
        ("0001-01-01T00:00:01Z", "0001-01-01T00:00:01.000Z"),
    ],
)
def test_what_can_be_read_can_be_printed(text: str, printed: str) -> None:
    at_ns = parse_time(text)
    assert at_ns is not None
    assert print_time(at_ns) == printed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", 'parsing time "x" as "2006-01-02": cannot parse "x" as "2006"'),
        ("20240101", 'parsing time "20240101" as "2006-01-02": cannot parse "0101" as "-"'),
        ("2024-1-1", 'parsing time "2024-1-1" as "2006-01-02": cannot parse "1-1" as "01"'),
        ("2024-13-01T12:00:00Z", 'parsing time "2024-13-01T12:00:00Z": month out of range'),
        ("2024-02-30", 'parsing time "2024-02-30": day out of range'),
        ("2024-01-01 12:00:00Z", 'parsing time "2024-01-01 12:00:00Z": extra text: " 12:00:00Z"'),
        (
            "2024-01-01T00:00:00.1+0200",
            'parsing time "2024-01-01T00:00:00.1+0200": extra text: "T00:00:00.1+0200"',
        ),
        ("2024-01-01T12:00:60Z", 'parsing time "2024-01-01T12:00:60Z": extra text: "T12:00:60Z"'),
    ],
)
def test_what_is_no_time_is_refused_in_the_words_of_go(text: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        parse_time(text)
    assert error.value.message == message


@pytest.mark.parametrize(
    ("at_ns", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (NEW_YEAR_NS + 123_987_654, "2024-01-01T00:00:00.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-62_135_596_800 * 10**9, "0001-01-01T00:00:00.000Z"),
        (253_402_300_799 * 10**9, "9999-12-31T23:59:59.000Z"),
    ],
)
def test_printed_in_milliseconds(at_ns: int, text: str) -> None:
    assert print_time(at_ns) == text

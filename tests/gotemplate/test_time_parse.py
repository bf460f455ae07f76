"""Reading times by Go's layouts."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.time_parse import layout, parse_time

BERLIN = ZoneInfo("Europe/Berlin")
RFC3339 = "2006-01-02T15:04:05Z07:00"


def ns(text: str, fraction: int = 0) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp()) * 10**9 + fraction


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (RFC3339, "2023-03-10T01:32:40Z", ns("2023-03-10T01:32:40Z")),
        (RFC3339, "2023-03-10T01:32:40.5Z", ns("2023-03-10T01:32:40Z", 500_000_000)),
        (RFC3339, "2023-03-10T01:32:40+02:30", ns("2023-03-09T23:02:40Z")),
        (
            "2006-01-02T15:04:05.999999999Z07:00",
            "2023-03-10T01:32:40.340485723Z",
            ns("2023-03-10T01:32:40Z", 340_485_723),
        ),
        (
            "2006-01-02T15:04:05.999999999Z",
            "2023-03-10T01:32:40.3404857239Z",
            ns("2023-03-10T01:32:40Z", 340_485_723),
        ),
        (
            "2006-01-02 15:04:05,000",
            "2023-03-10 01:32:40,250",
            ns("2023-03-10T01:32:40Z", 25 * 10**7),
        ),
        (
            "2006-01-02 15:04:05.000",
            "2023-03-10 01:32:40,250",
            ns("2023-03-10T01:32:40Z", 25 * 10**7),
        ),
        ("Mon Jan _2 15:04:05 2006", "fri mar 10 01:32:40 2023", ns("2023-03-10T01:32:40Z")),
        ("Mon Jan _2 15:04:05 2006", "Fri Mar  3 01:32:40 2023", ns("2023-03-03T01:32:40Z")),
        (
            "Monday, 02-Jan-06 15:04:05 MST",
            "Friday, 10-Mar-23 01:32:40 GMT",
            ns("2023-03-10T01:32:40Z"),
        ),
        (
            "Monday, 02-Jan-06 15:04:05 MST",
            "Friday, 10-Mar-23 01:32:40 CEST",
            ns("2023-03-10T01:32:40Z"),
        ),
        ("02 Jan 06 15:04 -0700", "10 Mar 70 01:32 -0100", ns("1970-03-10T02:32:00Z")),
        ("January 2, 2006 3:04PM", "March 1, 2024 12:05AM", ns("2024-03-01T00:05:00Z")),
        ("January 2, 2006 3:04PM", "March 1, 2024 1:05PM", ns("2024-03-01T13:05:00Z")),
        ("2006-002", "2024-366", ns("2024-12-31T00:00:00Z")),
        ("2006-01-02 MST", "2024-02-29 GMT+3", ns("2024-02-28T21:00:00Z")),
        ("1/2/2006", "12/31/2024", ns("2024-12-31T00:00:00Z")),
        ("06", "69", ns("1969-01-01T00:00:00Z")),
        ("15:04:05", "01:02:03", -62_167_219_200 * 10**9 + 3723 * 10**9),
        ("2006-01-02", "0001-01-01", -62_135_596_800 * 10**9),
        ("2006 ", "2006", ns("2006-01-01T00:00:00Z")),
    ],
)
def test_times(form: str, text: str, expected: int) -> None:
    assert parse_time(form, text) == expected


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("2006-01-02 15:04", "2021-07-02 12:00", ns("2021-07-02T10:00:00Z")),
        ("2006-01-02 15:04", "2021-01-02 12:00", ns("2021-01-02T11:00:00Z")),
        ("2006-01-02 15:04 MST", "2021-07-02 12:00 CEST", ns("2021-07-02T10:00:00Z")),
        ("2006-01-02 15:04 MST", "2021-07-02 12:00 EST", ns("2021-07-02T12:00:00Z")),
        ("2006-01-02 15:04 -07", "2021-07-02 12:00 +05", ns("2021-07-02T07:00:00Z")),
    ],
)
def test_a_zone_is_that_of_times_without_one(form: str, text: str, expected: int) -> None:
    assert parse_time(form, text, BERLIN) == expected


@pytest.mark.parametrize(
    ("form", "text", "message"),
    [
        (
            "2006-01-02",
            "2021-1-2",
            'parsing time "2021-1-2" as "2006-01-02": cannot parse "1-2" as "01"',
        ),
        ("2006-01-02", "abc", 'parsing time "abc" as "2006-01-02": cannot parse "abc" as "2006"'),
        (
            "2006-01-02",
            "2021/01",
            'parsing time "2021/01" as "2006-01-02": cannot parse "/01" as "-"',
        ),
        ("2006-01-02", "2021-01-02T", 'parsing time "2021-01-02T": extra text: "T"'),
        ("2006-01-02", "2021-13-02", 'parsing time "2021-13-02": month out of range'),
        ("2006-01-02", "2021-02-29", 'parsing time "2021-02-29": day out of range'),
        ("15:04", "24:00", 'parsing time "24:00": hour out of range'),
        ("3:04 PM", "13:00 PM", 'parsing time "13:00 PM": hour out of range'),
        ("15:04x", "23:00", 'parsing time "23:00" as "15:04x": cannot parse "" as "x"'),
        ("2006-002", "2023-366", 'parsing time "2023-366": day-of-year out of range'),
        (
            RFC3339,
            "2023-03-10T01:32:40+25:00",
            'parsing time "2023-03-10T01:32:40+25:00": time zone offset hour out of range',
        ),
    ],
)
def test_what_does_not_fit(form: str, text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_time(form, text)
    assert str(caught.value) == message


def test_a_layout_says_whether_it_has_a_year() -> None:
    assert layout("Jan 2 06").has_year
    assert not layout("Jan 2 15:04").has_year


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        ("Mar 10 01:00", 2023, ns("2023-03-10T01:00:00Z")),
        ("Feb 29 01:00", 2023, ns("2023-03-01T01:00:00Z")),
        ("Feb 29 01:00", 2024, ns("2024-02-29T01:00:00Z")),
    ],
)
def test_a_year_is_assumed(text: str, year: int, expected: int) -> None:
    assert layout("Jan 2 15:04").parse(text, year=year) == expected

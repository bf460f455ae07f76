"""Times of entries."""

from __future__ import annotations

import datetime as dt

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput
from tests.ingest.tail.stages.piping import piped, pipeline

_TS = "- regex: {expression: '^(?P<ts>.*)$'}\n"


def ns(text: str, rest: int = 0) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp()) * 10**9 + rest


def times(options: str, *texts: str, clock: ManualClock | None = None) -> list[int]:
    config = f"{_TS}- timestamp: {{source: ts, {options}}}"
    return [entry.time_ns for entry in piped(config, *texts, clock=clock)]


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("RFC3339", "2024-05-06T07:08:09Z", ns("2024-05-06T07:08:09Z")),
        ("RFC3339Nano", "2024-05-06T07:08:09.123456789Z", ns("2024-05-06T07:08:09Z", 123456789)),
        ("RFC3339Nano", "2024-05-06T07:08:09.5+02:00", ns("2024-05-06T05:08:09Z", 500_000_000)),
        ("RFC1123Z", "Mon, 06 May 2024 07:08:09 +0200", ns("2024-05-06T05:08:09Z")),
        ("ANSIC", "Mon May  6 07:08:09 2024", ns("2024-05-06T07:08:09Z")),
        ("UnixDate", "Mon May  6 07:08:09 UTC 2024", ns("2024-05-06T07:08:09Z")),
        ("RubyDate", "Mon May 06 07:08:09 +0000 2024", ns("2024-05-06T07:08:09Z")),
        ("RFC822", "06 May 24 07:08 UTC", ns("2024-05-06T07:08:00Z")),
        ("RFC822Z", "06 May 24 07:08 -0100", ns("2024-05-06T08:08:00Z")),
        ("RFC850", "Monday, 06-May-24 07:08:09 UTC", ns("2024-05-06T07:08:09Z")),
        ("RFC1123", "Mon, 06 May 2024 07:08:09 GMT", ns("2024-05-06T07:08:09Z")),
        ("Unix", "1562708916", 1_562_708_916 * 10**9),
        ("Unix", "1562708916.414123", 1_562_708_916_414_123_000),
        ("UnixMs", "1562708916414", 1_562_708_916_414_000_000),
        ("UnixUs", "1562708916414123", 1_562_708_916_414_123_000),
        ("UnixNs", "1562708916000000123", 1_562_708_916_000_000_123),
        ("'2006-01-02 15:04:05,0'", "2024-05-06 07:08:09,2", ns("2024-05-06T07:08:09Z", 2 * 10**8)),
        ("'02/Jan/2006:15:04:05 -0700'", "10/Oct/2025:13:55:36 +0100", ns("2025-10-10T12:55:36Z")),
    ],
)  # fmt: skip
def test_formats(form: str, text: str, expected: int) -> None:
    assert times(f"format: {form}", text) == [expected]


def test_a_location_is_that_of_layouts_only() -> None:
    berlin = "location: Europe/Berlin"
    layout = f"format: '2006-01-02 15:04', {berlin}"
    assert times(layout, "2024-05-06 07:08") == [ns("2024-05-06T05:08:00Z")]
    assert times(f"format: ANSIC, {berlin}", "Mon May  6 07:08:09 2024") == [
        ns("2024-05-06T07:08:09Z")
    ]


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ("2024-06-01T00:00:00Z", "May 06 07:08", "2024-05-06T07:08:00Z"),
        ("2024-01-01T00:00:00Z", "Dec 31 23:59", "2023-12-31T23:59:00Z"),
        ("2024-12-31T23:59:00Z", "Jan 01 00:00", "2025-01-01T00:00:00Z"),
        ("2023-03-01T00:00:00Z", "Feb 29 00:00", "2023-03-01T00:00:00Z"),
    ],
)
def test_a_layout_without_a_year_means_one_near_now(now: str, text: str, expected: str) -> None:
    clock = ManualClock(ns(now) // 10**6)
    assert times("format: 'Jan 02 15:04'", text, clock=clock) == [ns(expected)]


def test_fallback_formats_are_tried_in_turn() -> None:
    options = "format: RFC3339, fallback_formats: [Unix, '2006']"
    assert times(options, "5", "2024", "2024-05-06T07:08:09Z") == [
        5 * 10**9,
        2024 * 10**9,
        ns("2024-05-06T07:08:09Z"),
    ]


def test_a_time_that_cannot_be_read_is_fudged() -> None:
    assert times("format: Unix", "x", "7", "y", "z", "9", "") == [
        0,
        7 * 10**9,
        7 * 10**9 + 1,
        7 * 10**9 + 2,
        9 * 10**9,
        9 * 10**9 + 1,
    ]


def test_streams_are_fudged_by_themselves() -> None:
    config = f"{_TS}- labels: {{x: ts}}\n- timestamp: {{source: ts, format: Unix}}"
    assert [e.time_ns for e in piped(config, "7", "a")] == [7 * 10**9, 1]


def test_or_the_time_is_left_as_it_is() -> None:
    assert times("format: Unix, action_on_failure: skip", "7", "x") == [7 * 10**9, 1]


def test_an_unknown_location() -> None:
    with pytest.raises(BadInput, match="invalid timestamp stage: unknown time zone No/Where"):
        pipeline("- timestamp: {source: ts, format: Unix, location: No/Where}")

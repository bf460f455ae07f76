"""Calendars: events whose summary is a user."""

from __future__ import annotations

import datetime as dt

import pytest

from appliance.base.errors import BadInput
from appliance.oncall.ical import read_spans
from appliance.oncall.times import ns_of, zone_of

BERLIN = zone_of("Europe/Berlin")


def spans(*events: str, start: str = "2025-03-01", end: str = "2025-05-01") -> list[str]:
    found, _ = read_spans(calendar(*events), ["alice", "bob"], BERLIN, (at(start), at(end)))
    return [f"{one.user} {utc(one.starts_ns)} {utc(one.ends_ns)}" for one in found]


def calendar(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test"]
    for number, event in enumerate(events):
        uid = [] if "UID:" in event else [f"UID:{number}"]
        lines += ["BEGIN:VEVENT", *uid, *event.split("\n"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def at(text: str) -> int:
    return ns_of(dt.datetime.fromisoformat(text), dt.UTC)


def utc(at_ns: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ns // 10**9, tz=dt.UTC):%m-%dT%H:%M}"


def test_single_events_in_utc_in_a_zone_and_floating() -> None:
    assert spans(
        "SUMMARY:Alice \nDTSTART:20250310T080000Z\nDTEND:20250310T100000Z",
        "SUMMARY:bob\nDTSTART;TZID=America/New_York:20250311T080000\nDURATION:PT2H",
        "SUMMARY:bob\nDTSTART:20250312T080000\nDTEND:20250312T100000",
    ) == [
        "alice 03-10T08:00 03-10T10:00",
        "bob 03-11T12:00 03-11T14:00",
        "bob 03-12T07:00 03-12T09:00",
    ]


def test_whole_days_are_the_rotas() -> None:
    assert spans("SUMMARY:bob\nDTSTART;VALUE=DATE:20250329\nDTEND;VALUE=DATE:20250331") == [
        "bob 03-28T23:00 03-30T22:00"
    ]


def test_what_recurs_keeps_its_local_time_over_a_change_of_the_clock() -> None:
    event = "SUMMARY:bob\nDTSTART;TZID=Europe/Berlin:20250310T090000\nDURATION:PT8H\n"
    assert spans(event + "RRULE:FREQ=WEEKLY;UNTIL=20250407T070000Z") == [
        "bob 03-10T08:00 03-10T16:00",
        "bob 03-17T08:00 03-17T16:00",
        "bob 03-24T08:00 03-24T16:00",
        "bob 03-31T07:00 03-31T15:00",
        "bob 04-07T07:00 04-07T15:00",
    ]


def test_occurrences_that_are_left_out_moved_or_added() -> None:
    event = "UID:x\nSUMMARY:bob\nDTSTART:20250310T080000Z\nDTEND:20250310T090000Z\n"
    assert spans(
        event + "RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20250311T080000Z\nRDATE:20250320T080000Z",
        "UID:x\nRECURRENCE-ID:20250312T080000Z\nSUMMARY:alice\nDTSTART:20250312T100000Z\nDTEND:20250312T110000Z",
    ) == [
        "bob 03-10T08:00 03-10T09:00",
        "alice 03-12T10:00 03-12T11:00",
        "bob 03-13T08:00 03-13T09:00",
        "bob 03-20T08:00 03-20T09:00",
    ]


def test_old_rules_without_end_reach_the_window() -> None:
    event = "SUMMARY:bob\nDTSTART:20100101T080000Z\nDTEND:20100102T080000Z\nRRULE:FREQ=MONTHLY"
    assert spans(event) == ["bob 03-01T08:00 03-02T08:00", "bob 04-01T08:00 04-02T08:00"]


def test_unknown_and_cancelled_events_are_left_out() -> None:
    text = calendar(
        "SUMMARY:carol\nDTSTART:20250310T080000Z\nDTEND:20250310T100000Z",
        "SUMMARY:bob\nSTATUS:CANCELLED\nDTSTART:20250310T080000Z\nDTEND:20250310T100000Z",
    )
    assert read_spans(text, ["bob"], BERLIN, (at("2025-01-01"), at("2026-01-01"))) == (
        [],
        ["carol"],
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR",
     calendar("SUMMARY:bob\nDTSTART:20250310T080000Z\nDTEND:20250310T100000Z\nRRULE:FREQ=SECONDLY")],
)  # fmt: skip
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_spans(data, ["bob"], BERLIN, (0, at("2026-01-01")))

"""Whether moments lie in time intervals."""

from __future__ import annotations

import datetime as dt

import pytest

from appliance.alertmanager.mute.intervals import Intervals
from appliance.alertmanager.time_interval import NamedInterval
from appliance.config.load import load_text


def holds(interval: str, moment: str) -> bool:
    decoded = load_text(NamedInterval, f"{{name: x, time_intervals: [{interval}]}}", file="a.yml")
    assert decoded.value is not None, decoded.problems
    assert decoded.ok, decoded.problems
    at_ns = int(dt.datetime.fromisoformat(moment).timestamp()) * 10**9
    return Intervals([decoded.value]).holding(["x"], at_ns) == ("x",)


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        ("{}", ["2024-02-29T12:00Z"], []),
        (
            "{times: [{start_time: '09:00', end_time: '17:00'}]}",
            ["2024-01-01T09:00Z", "2024-01-01T16:59:59Z"],
            ["2024-01-01T08:59:59Z", "2024-01-01T17:00Z"],
        ),
        (
            "{times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '01:00'}]}",  # noqa: E501
            ["2024-01-01T23:59:59Z", "2024-01-01T00:30Z"],
            ["2024-01-01T01:00Z"],
        ),
        (
            "{weekdays: ['monday:friday', sunday]}",
            ["2024-01-01T00:00Z", "2024-01-05T00:00Z", "2024-01-07T00:00Z"],
            ["2024-01-06T00:00Z"],
        ),
        (
            "{days_of_month: ['1:5', '-3:-1']}",
            ["2024-02-05T00:00Z", "2024-02-27T00:00Z", "2024-02-29T23:59Z", "2023-02-26T00:00Z"],
            ["2024-02-06T00:00Z", "2024-02-26T00:00Z"],
        ),
        ("{days_of_month: ['29:31']}", ["2024-02-29T00:00Z"], ["2024-02-28T00:00Z"]),
        ("{days_of_month: ['31']}", ["2024-01-31T00:00Z"], ["2024-02-29T00:00Z"]),
        ("{days_of_month: ['28:31']}", ["2023-02-28T00:00Z"], ["2023-02-27T00:00Z"]),
        ("{days_of_month: ['-31:-30']}", ["2024-01-01T00:00Z"], ["2024-02-01T00:00Z"]),
        ("{days_of_month: ['10:-10']}", ["2024-02-20T00:00Z"], ["2024-02-21T00:00Z"]),
        (
            "{months: ['january:march', '12']}",
            ["2024-03-31T00:00Z", "2024-12-01T00:00Z"],
            ["2024-04-01T00:00Z"],
        ),
        ("{years: ['2020:2022', 2024]}", ["2024-05-01T00:00Z"], ["2023-05-01T00:00Z"]),
        (
            "{times: [{start_time: '09:00', end_time: '10:00'}], location: Europe/Berlin}",
            ["2024-01-01T08:30Z", "2024-07-01T07:30Z"],
            ["2024-01-01T09:30Z", "2024-07-01T08:30Z"],
        ),
        (
            "{weekdays: [monday], location: Pacific/Auckland}",
            ["2024-01-07T11:30Z"],
            ["2024-01-08T11:30Z"],
        ),
        (
            "{weekdays: [monday], times: [{start_time: '00:00', end_time: '12:00'}]}",
            ["2024-01-01T11:00Z"],
            ["2024-01-01T12:00Z", "2024-01-02T11:00Z"],
        ),
    ],
)
def test_everything_given_has_to_hold(interval: str, inside: list[str], outside: list[str]) -> None:
    assert [moment for moment in inside if not holds(interval, moment)] == []
    assert [moment for moment in outside if holds(interval, moment)] == []


def test_local_times_are_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        interval = "{times: [{start_time: '09:00', end_time: '10:00'}], location: Local}"
        assert holds(interval, "2024-01-01T00:30Z")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_any_of_several_intervals_counts_and_unknown_names_hold_nothing() -> None:
    assert holds("{years: ['1999']}, {months: [may]}", "2024-05-01T00:00Z")
    assert Intervals([]).holding(["x"], 0) == ()
    assert Intervals([NamedInterval(name="empty")]).holding(["empty"], 0) == ()

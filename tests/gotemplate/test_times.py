"""Layouts, durations and the methods of both."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from appliance.gotemplate.times import Time
from tests.gotemplate.rendering import rendered

WHEN = Time(1_704_164_645_678_000_000)  # Tue 2024-01-02 03:04:05.678


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("2006-01-02 15:04:05", "2024-01-02 03:04:05"),
        ("Mon, 02 Jan 2006 15:04:05 MST", "Tue, 02 Jan 2024 03:04:05 UTC"),
        ("Monday January _2 15:04:05.000", "Tuesday January  2 03:04:05.678"),
        ("Jan 2 06 .999999 002", "Jan 2 24 .678 002"),
        ("3:4:5PM 03pm -0700 -07:00 Z07:00", "3:4:5AM 03am +0000 +00:00 Z"),
        ("Month Janus 15,000 05.9", "Month Janus 03,678 05.6"),
    ],
)
def test_layouts(layout: str, text: str) -> None:
    assert WHEN.format(layout) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .When }}", "2024-01-02 03:04:05.678 +0000 UTC"),
        ("{{ .When.Unix }} {{ .When.UnixMilli }}", "1704164645 1704164645678"),
        ("{{ .When.Year }} {{ .When.Month }} {{ .When.Weekday }}", "2024 January Tuesday"),
        ("{{ .When.YearDay }} {{ .When.IsZero }}", "2 false"),
        ("{{ .When.Sub (toTime 1704164600) }}", "45.678s"),
        ("{{ (.When.Add (toDuration 60)).Minute }}", "5"),
        ("{{ (toDuration 5400).Hours }} {{ (toDuration 90).Minutes }}", "1.5 1.5"),
        ('{{ (.When.Truncate (toDuration 3600)).Format "15:04:05" }}', "03:00:00"),
        ("{{ .When.Before (toTime 1) }}{{ .When.After (toTime 1) }}", "falsetrue"),
    ],
)
def test_methods(text: str, expected: str) -> None:
    assert rendered(text) == expected


def test_layouts_in_a_zone() -> None:
    berlin = Time(1_720_000_000 * 10**9).within(ZoneInfo("Europe/Berlin"))
    assert berlin.format("15:04 MST -0700 Z07:00 -07") == "11:46 CEST +0200 +02:00 +02"
    new_york = berlin.within(ZoneInfo("America/St_Johns"))
    assert new_york.format("15:04 -07:00 -07:00:00") == "07:16 -02:30 -02:30:00"

"""Times of routes."""

from __future__ import annotations

import pytest

from appliance.alertmanager.time_interval import (
    DayOfMonthRange,
    Location,
    Minute,
    MonthRange,
    WeekdayRange,
    YearRange,
)
from appliance.base.errors import BadInput


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Minute, "00:00", 0),
        (Minute, "24:00", 1440),
        (WeekdayRange, "Sunday", (0, 0)),
        (WeekdayRange, "monday:friday", (1, 5)),
        (MonthRange, "may:7", (5, 7)),
        (DayOfMonthRange, "-1", (-1, -1)),
        (DayOfMonthRange, "10:-1", (10, -1)),
        (YearRange, "2020:2022", (2020, 2022)),
        (Location, "Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_texts_are_read(kind: type[Minute | WeekdayRange], text: str, expected: object) -> None:
    assert kind.from_text(text) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Minute, "24:01"),
        (Minute, "1:00"),
        (WeekdayRange, "1"),
        (WeekdayRange, "a:b:c"),
        (MonthRange, "13"),
        (MonthRange, "may:april"),
        (DayOfMonthRange, "32"),
        (DayOfMonthRange, "-1:1"),
        (YearRange, "x"),
        (Location, "Mars/Olympus"),
        (Location, "../etc/passwd"),
    ],
)
def test_other_texts_are_refused(kind: type[Minute | WeekdayRange], text: str) -> None:
    with pytest.raises(BadInput):
        kind.from_text(text)

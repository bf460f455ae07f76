"""Times in which routes are mute or active (Alertmanager, configuration, `<time_interval>`).

The sections here are the schema; whether a moment lies within an interval is decided elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from appliance.base.errors import BadInput
from appliance.config.schema import section

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.config.report import Report

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_CLOCK = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)")


class Minute(int):
    """A time of day in minutes since midnight, written `HH:MM`; 24:00 is 1440."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The minute."""
        if not _CLOCK.fullmatch(text):
            raise BadInput(f"couldn't parse timestamp {text!r}, invalid format; write HH:MM")
        hours, minutes = text.split(":")
        return cls(int(hours) * 60 + int(minutes))


class _Range(tuple[int, int]):
    """First and last of a range, both included."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str, parts: tuple[int, int]) -> Self:
        """The range, checked for its order."""
        if parts[0] > parts[1]:
            raise BadInput(f"start of {text!r} comes after its end")
        return cls(parts)


class WeekdayRange(_Range):
    """Days of the week, Sunday 0, written `monday` or `monday:friday`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The days."""
        return cls.of(text, _ends(text, lambda part: _named(part, _WEEKDAYS, "weekday", first=0)))


class MonthRange(_Range):
    """Months, January 1, written `january:march` or `1:3`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The months."""
        return cls.of(text, _ends(text, lambda part: _named(part, _MONTHS, "month", first=1)))


class DayOfMonthRange(_Range):
    """Days of the month, `-1` the last one, written `1:5` or `-3:-1`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The days."""
        first, last = _ends(text, _number)
        for day in (first, last):
            if not (1 <= day <= 31 or -31 <= day <= -1):
                raise BadInput(f"{day} is not a valid day of the month: out of range")
        if first < 0 < last:
            raise BadInput(f"end day must be negative if start day is negative: {text!r}")
        # As the original counts, so that what can never be is refused and the rest is not.
        ends = [day if day > 0 else 30 + day for day in (first, last)]
        if ends[0] > ends[1]:
            raise BadInput(f"end day {last} is always before start day {first}")
        return cls((first, last))


class YearRange(_Range):
    """Years, written `2024` or `2024:2026`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The years."""
        return cls.of(text, _ends(text, _number))


class Location(str):
    """The name of a time zone, such as `Europe/Berlin`, `UTC` or `Local`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The name, if there is such a zone."""
        if text not in {"Local", "UTC", ""}:
            try:
                ZoneInfo(text)
            except (LookupError, ValueError, OSError) as error:
                raise BadInput(f"unknown time zone {text!r}; write for example UTC") from error
        return cls(text)


def _ends(text: str, parse: Callable[[str], int]) -> tuple[int, int]:
    parts = text.lower().split(":")
    if len(parts) > 2:
        raise BadInput(f"couldn't parse range {text!r}, invalid format; write FIRST:LAST")
    return parse(parts[0]), parse(parts[-1])


def _named(part: str, names: tuple[str, ...], kind: str, *, first: int) -> int:
    if part in names:
        return names.index(part) + first
    if part.isdecimal() and kind == "month" and 1 <= int(part) <= 12:
        return int(part)
    raise BadInput(f"{part!r} is not a valid {kind}; write for example {names[1]}")


def _number(part: str) -> int:
    try:
        return int(part)
    except ValueError as error:
        raise BadInput(f"{part!r} is not a number") from error


@section
class TimeRange:
    """A part of the day; the end is not included."""

    start_time: Minute | None = None
    end_time: Minute | None = None

    def check(self, report: Report) -> None:
        """Both ends are there and in order."""
        if self.start_time is None or self.end_time is None:
            message = "both start and end times must be provided"
            report.error(self, (), message, code="missing-key")
        elif self.start_time >= self.end_time:
            report.error(self, "start_time", "start time cannot be equal or greater than end time")


@section
class TimeInterval:
    """Moments in which everything given holds."""

    times: tuple[TimeRange, ...] = ()
    weekdays: tuple[WeekdayRange, ...] = ()
    days_of_month: tuple[DayOfMonthRange, ...] = ()
    months: tuple[MonthRange, ...] = ()
    years: tuple[YearRange, ...] = ()
    location: Location = Location("UTC")


@section
class NamedInterval:
    """Intervals under a name; a moment in any of them counts."""

    name: str = ""
    time_intervals: tuple[TimeInterval, ...] = ()

"""Kinds of times in `oncall.yml`: when shifts change, days, moments on a rota's own clock.

Local times stand for instants as `zoneinfo` reads them: one that the clock skips is an hour later,
one that comes twice is the first.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from appliance.base.errors import BadInput

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Handoff:
    """When shifts change, written `monday 09:00`, `09:00` or `monday`.

    Attributes:
        weekday: Monday is 0; None: on any day.
    """

    weekday: int | None = None
    hour: int = 9
    minute: int = 0

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The day and time."""
        words = text.lower().split()
        weekday = None
        if words and words[0] in _WEEKDAYS:
            weekday = _WEEKDAYS.index(words.pop(0))
        match = _CLOCK.fullmatch(words[0]) if len(words) == 1 else None
        if match is None and (words or weekday is None):
            raise BadInput(f"{text!r} is no handoff; write for example monday 09:00, or 09:00")
        if match is None:
            return cls(weekday)
        return cls(weekday, int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Day:
    """A date, written `2025-01-06`."""

    date: dt.date

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The date."""
        try:
            return cls(dt.date.fromisoformat(text))
        except ValueError as error:
            raise BadInput(f"{text!r} is no date; write for example 2025-01-06") from error


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time, written `2025-02-01T09:00`; without an offset it is on the rota's clock."""

    at: dt.datetime

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The moment."""
        try:
            return cls(dt.datetime.fromisoformat(text))
        except ValueError as error:
            message = f"{text!r} is no time; write for example 2025-02-01T09:00"
            raise BadInput(message) from error

    def ns(self, zone: dt.tzinfo) -> int:
        """Nanoseconds since the epoch."""
        return ns_of(self.at, zone)


def zone_of(name: str) -> dt.tzinfo:
    """A time zone; `Local` is the machine's."""
    if name in {"", "UTC"}:
        return dt.UTC
    if name == "Local":
        return _Local()
    return ZoneInfo(name)


def ns_of(moment: dt.datetime, zone: dt.tzinfo) -> int:
    """A time in nanoseconds since the epoch; a naive one is on a zone's clock."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return (aware - _EPOCH) // _SECOND * SECOND_NS


def local_of(at_ns: int, zone: dt.tzinfo) -> dt.datetime:
    """The naive local time of an instant."""
    moment = dt.datetime.fromtimestamp(at_ns // SECOND_NS, tz=dt.UTC)
    return moment.astimezone(zone).replace(tzinfo=None)


class _Local(dt.tzinfo):
    """The machine's own zone, summer time and all."""

    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta | None:
        """What its clock is ahead of UTC."""
        if moment is None:
            return None
        return moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, moment: dt.datetime | None) -> dt.timedelta | None:
        """Unknown."""
        del moment
        return None

    def tzname(self, moment: dt.datetime | None) -> str | None:
        """`Local`."""
        del moment
        return "Local"

    def fromutc(self, moment: dt.datetime) -> dt.datetime:
        """The local time of a time that is UTC's."""
        local = moment.replace(tzinfo=dt.UTC).astimezone()
        return local.replace(tzinfo=self)

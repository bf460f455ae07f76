"""Go's time.Time, time.Duration and layouts such as `2006-01-02 15:04:05.000 MST`."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.base.go_quantity import print_go_duration
from appliance.gotemplate.values import Function, Int64

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SECOND, _MINUTE, _HOUR = 10**9, 60 * 10**9, 3600 * 10**9
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_STRING_LAYOUT = "2006-01-02 15:04:05.999999999 -0700 MST"
#: The pieces of a layout that stand for parts of a time; what is between them stands for itself.
LAYOUT_CHUNK = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|_2006|__2|_2|002|01|02|03|04|05|06|15"
    r"|Z07:00:00|Z07:00|Z070000|Z0700|Z07|-07:00:00|-07:00|-070000|-0700|-07|PM|pm"
    r"|[.,]0+(?!\d)|[.,]9+(?!\d)|[1-5]"
)


class Month(int):
    """January is 1."""

    go_type = "time.Month"

    def go_string(self) -> str:
        """Its English name."""
        return f"{dt.date(2000, self, 1):%B}"

    @property
    def go_methods(self) -> Mapping[str, Function]:
        """Go's."""
        return _STRING_METHOD


class Weekday(int):
    """Sunday is 0."""

    go_type = "time.Weekday"

    def go_string(self) -> str:
        """Its English name."""
        return f"{dt.date(2023, 1, 1 + self):%A}"

    @property
    def go_methods(self) -> Mapping[str, Function]:
        """Go's."""
        return _STRING_METHOD


class Duration(int):
    """A span of time in nanoseconds."""

    go_type = "time.Duration"

    def go_string(self) -> str:
        """As Go prints it: `1h2m0.5s`, `1.5ms`, `0s`."""
        return print_go_duration(self)

    @property
    def go_methods(self) -> Mapping[str, Function]:
        """Go's."""
        return _DURATION_METHODS


class Time:
    """An instant, in UTC if nothing else is said.

    Args:
        ns: Nanoseconds since the Unix epoch; the years 1 to 9999 can be printed.
        go_type: Go's functions give pointers or values.
        zone: In which it is printed.
    """

    __slots__ = ("go_type", "ns", "zone")

    def __init__(self, ns: int, go_type: str = "time.Time", zone: dt.tzinfo = dt.UTC) -> None:
        self.ns = ns
        self.go_type = go_type
        self.zone = zone

    def go_string(self) -> str:
        """Date, time and zone; fractions without trailing zeros."""
        return self.format(_STRING_LAYOUT)

    @property
    def go_methods(self) -> Mapping[str, Function]:
        """Go's."""
        return _TIME_METHODS

    @property
    def moment(self) -> dt.datetime:
        """The same in its zone, with whole seconds."""
        try:
            moment = _EPOCH + dt.timedelta(seconds=self.ns // _SECOND)
            return moment if self.zone is dt.UTC else moment.astimezone(self.zone)
        except OverflowError as error:
            raise BadInput("year is not within 1 and 9999") from error

    def within(self, zone: dt.tzinfo) -> Time:
        """The same instant in another zone."""
        return Time(self.ns, zone=zone)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and (self.ns, self.zone) == (other.ns, other.zone)

    def __hash__(self) -> int:
        return hash(self.ns)

    def shifted(self, years: int, months: int, days: int) -> Time:
        """So much later; days that a month does not have run over into the next."""
        moment = self.moment
        count = moment.month - 1 + months
        try:
            first = moment.replace(
                year=moment.year + years + count // 12, month=count % 12 + 1, day=1
            )
            found = first + dt.timedelta(days=moment.day - 1 + days)
        except (ValueError, OverflowError) as error:
            raise BadInput("year is not within 1 and 9999") from error
        seconds = int((found - _EPOCH).total_seconds())
        return Time(seconds * _SECOND + self.ns % _SECOND, zone=self.zone)

    def format(self, layout: str) -> str:
        """The time as the layout shows the reference time, Mon Jan 2 15:04:05 2006."""
        if self.ns < ZERO_NS:  # the year 0: a time of day that was read without a date
            later = Time(self.ns + _CYCLE_NS, zone=self.zone)
            return later.format(layout.replace("2006", "0000"))
        moment, fraction = self.moment, self.ns % _SECOND
        return LAYOUT_CHUNK.sub(lambda match: _chunk(match[0], moment, fraction), layout)


def _chunk(chunk: str, moment: dt.datetime, fraction: int) -> str:
    """What stands in the place of a piece of a layout."""
    if chunk[0] in ".,":
        digits = f"{fraction:09d}"[: len(chunk) - 1].ljust(len(chunk) - 1, "0")
        if chunk[1] == "9":
            digits = digits.rstrip("0")
            return chunk[0] + digits if digits else ""
        return chunk[0] + digits
    if chunk[0] in "Z-":
        return _zone(chunk, moment)
    if chunk == "_2006":
        return f"_{moment.year:04d}"
    return _FIELDS[chunk](moment)


def _zone(chunk: str, moment: dt.datetime) -> str:
    """The distance from UTC, as `-07:00` or `Z07:00` show it."""
    offset = int((moment.utcoffset() or dt.timedelta()).total_seconds())
    if chunk[0] == "Z" and not offset:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    colon = ":" if ":" in chunk else ""
    text = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}"
    size = len(chunk.replace(":", ""))
    if size >= 5:
        text += f"{colon}{minutes % 60:02d}"
    return f"{text}{colon}{seconds:02d}" if size >= 7 else text


def _zone_name(moment: dt.datetime) -> str:
    """An abbreviation such as CEST."""
    return moment.tzname() or "UTC"


_FIELDS: dict[str, Callable[[dt.datetime], str]] = {
    "January": lambda t: f"{t:%B}",
    "Jan": lambda t: f"{t:%b}",
    "Monday": lambda t: f"{t:%A}",
    "Mon": lambda t: f"{t:%a}",
    "MST": _zone_name,
    "2006": lambda t: f"{t.year:04d}",
    "06": lambda t: f"{t.year % 100:02d}",
    "01": lambda t: f"{t.month:02d}",
    "1": lambda t: str(t.month),
    "02": lambda t: f"{t.day:02d}",
    "_2": lambda t: f"{t.day:2d}",
    "2": lambda t: str(t.day),
    "002": lambda t: f"{t.timetuple().tm_yday:03d}",
    "__2": lambda t: f"{t.timetuple().tm_yday:3d}",
    "15": lambda t: f"{t.hour:02d}",
    "03": lambda t: f"{(t.hour + 11) % 12 + 1:02d}",
    "3": lambda t: str((t.hour + 11) % 12 + 1),
    "04": lambda t: f"{t.minute:02d}",
    "4": lambda t: str(t.minute),
    "05": lambda t: f"{t.second:02d}",
    "5": lambda t: str(t.second),
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
}


def _getter(make: Callable[[Time], Any]) -> Function:
    return Function((), make)


def _rounded(value: int, unit: int) -> int:
    return value - value % unit if unit > 0 else value


def _nearest(value: int, unit: int, origin: int = 0) -> int:
    """The nearest multiple, halves away from zero."""
    if unit <= 0:
        return value
    away = abs(value - origin) + unit // 2 + unit % 2
    return origin + (away - away % unit) * (1 if value >= origin else -1)


#: After 400 years the calendar begins again.
_CYCLE_NS = 146_097 * 86_400 * _SECOND
#: The year 1, Go's zero time.
ZERO_NS = int((dt.datetime(1, 1, 1, tzinfo=dt.UTC) - _EPOCH).total_seconds()) * _SECOND
_TIME_METHODS: dict[str, Function] = {
    "Add": Function(("time.Duration",), lambda t, d: Time(t.ns + d, zone=t.zone)),
    "AddDate": Function(("int", "int", "int"), Time.shifted),
    "After": Function(("time.Time",), lambda t, other: t.ns > other.ns),
    "Before": Function(("time.Time",), lambda t, other: t.ns < other.ns),
    "Compare": Function(("time.Time",), lambda t, other: (t.ns > other.ns) - (t.ns < other.ns)),
    "Day": _getter(lambda t: t.moment.day),
    "Equal": Function(("time.Time",), lambda t, other: t.ns == other.ns),
    "Format": Function(("string",), lambda t, layout: t.format(layout)),
    "Hour": _getter(lambda t: t.moment.hour),
    "IsZero": _getter(lambda t: t.ns == ZERO_NS),
    "Local": _getter(lambda t: Time(t.ns)),
    "Location": _getter(lambda t: str(t.zone)),
    "Minute": _getter(lambda t: t.moment.minute),
    "Month": _getter(lambda t: Month(t.moment.month)),
    "Nanosecond": _getter(lambda t: t.ns % _SECOND),
    "Round": Function(
        ("time.Duration",), lambda t, d: Time(_nearest(t.ns, d, ZERO_NS), zone=t.zone)
    ),
    "Second": _getter(lambda t: t.moment.second),
    "String": _getter(Time.go_string),
    "Sub": Function(("time.Time",), lambda t, other: Duration(t.ns - other.ns)),
    "Truncate": Function(
        ("time.Duration",), lambda t, d: Time(t.ns - (t.ns - ZERO_NS) % (d or 1), zone=t.zone)
    ),
    "UTC": _getter(lambda t: Time(t.ns)),
    "Unix": _getter(lambda t: Int64(t.ns // _SECOND)),
    "UnixMicro": _getter(lambda t: Int64(t.ns // 1000)),
    "UnixMilli": _getter(lambda t: Int64(t.ns // 10**6)),
    "UnixNano": _getter(lambda t: Int64(t.ns)),
    "Weekday": _getter(lambda t: Weekday(t.moment.isoweekday() % 7)),
    "Year": _getter(lambda t: t.moment.year),
    "YearDay": _getter(lambda t: t.moment.timetuple().tm_yday),
}
_STRING_METHOD = {"String": Function((), lambda value: value.go_string())}
_DURATION_METHODS: dict[str, Function] = {
    "Abs": Function((), lambda d: Duration(abs(d))),
    "Hours": Function((), lambda d: d / _HOUR),
    "Microseconds": Function((), lambda d: Int64(int(d / 1000))),
    "Milliseconds": Function((), lambda d: Int64(int(d / 10**6))),
    "Minutes": Function((), lambda d: d / _MINUTE),
    "Nanoseconds": Function((), Int64),
    "Round": Function(("time.Duration",), lambda d, unit: Duration(_nearest(d, unit))),
    "Seconds": Function((), lambda d: d / _SECOND),
    "String": Function((), Duration.go_string),
    "Truncate": Function(("time.Duration",), lambda d, unit: Duration(_rounded(d, unit))),
}

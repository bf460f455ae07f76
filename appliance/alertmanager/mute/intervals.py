"""Whether a moment lies in a time interval (Alertmanager, configuration, `<time_interval>`)."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.alertmanager.time_interval import NamedInterval, TimeInterval

_MINUTE_NS = 60_000_000_000
#: Minutes and names that are kept.
_REMEMBERED = 4096
_QUARTERS = (0, 15, 30, 45)


class Intervals:
    """Named time intervals; the minute is what counts."""

    def __init__(self, intervals: Iterable[NamedInterval]) -> None:
        self._intervals = {interval.name: interval.time_intervals for interval in intervals}
        self._contains = functools.lru_cache(_REMEMBERED)(self._look)

    def holding(self, names: Sequence[str], at_ns: int) -> tuple[str, ...]:
        """Which of the named intervals a moment lies in."""
        minute = at_ns // _MINUTE_NS
        return tuple(name for name in names if self._contains(name, minute))

    @functools.cached_property
    def boundaries(self) -> frozenset[int]:
        """Minutes of an hour at which moments may come into an interval, or leave one.

        Zones differ by quarters of an hour.
        """
        times = [
            edge
            for intervals in self._intervals.values()
            for interval in intervals
            for one in interval.times
            for edge in (one.start_time or 0, one.end_time or 0)
        ]
        return frozenset((edge + quarter) % 60 for edge in (0, *times) for quarter in _QUARTERS)

    def _look(self, name: str, minute: int) -> bool:
        return any(contains(one, minute * 60) for one in self._intervals.get(name, ()))


def contains(interval: TimeInterval, at_seconds: int) -> bool:
    """Whether a moment lies in an interval: in one range of each kind that is given."""
    moment = _local(interval.location, at_seconds)
    minute = moment.hour * 60 + moment.minute
    weekday = (moment.weekday() + 1) % 7
    return (
        _any((one.start_time or 0) <= minute < (one.end_time or 0) for one in interval.times)
        and _any(_has_day(one, moment) for one in interval.days_of_month)
        and _any(first <= moment.month <= last for first, last in interval.months)
        and _any(first <= weekday <= last for first, last in interval.weekdays)
        and _any(first <= moment.year <= last for first, last in interval.years)
    )


def _any(found: Iterable[bool]) -> bool:
    """Whether one holds, or there is none."""
    answers = list(found)
    return not answers or any(answers)


def _local(location: str, at_seconds: int) -> dt.datetime:
    moment = dt.datetime.fromtimestamp(at_seconds, tz=dt.UTC)
    if location == "Local":
        return moment.astimezone()
    if location in {"", "UTC"}:
        return moment
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - few intervals have a zone

    return moment.astimezone(ZoneInfo(location))


def _has_day(between: tuple[int, int], moment: dt.datetime) -> bool:
    """Whether days of the month, negative ones counted from its end, hold a moment."""
    days = calendar.monthrange(moment.year, moment.month)[1]
    first, last = (day if day > 0 else days + day + 1 for day in between)
    return first <= moment.day <= last

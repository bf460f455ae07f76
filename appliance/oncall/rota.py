"""Shifts of a rota by turns: whose is an instant, and when do they change.

Shifts are counted on the rota's own clock, so that they change at the same time of day all year;
the one in which the clocks are changed is an hour longer or shorter.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from appliance.alertmanager.mute.intervals import contains
from appliance.alertmanager.time_interval import Location, TimeInterval
from appliance.oncall.times import SECOND_NS, local_of, ns_of, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.oncall.config import Rota

#: A Monday.
_USUAL_START = dt.date(2001, 1, 1)
_DAY = dt.timedelta(days=1)


class Turns:
    """Users who take turns; times in nanoseconds since the epoch."""

    def __init__(self, rota: Rota) -> None:
        self.zone = zone_of(rota.timezone)
        self._users = rota.users
        self._every = dt.timedelta(milliseconds=int(rota.every))
        handoff = rota.handoff
        day = rota.start.date if rota.start else _USUAL_START
        if handoff.weekday is not None:
            day += dt.timedelta(days=(handoff.weekday - day.weekday()) % 7)
        self._first = dt.datetime.combine(day, dt.time(handoff.hour, handoff.minute))

    def user_at(self, at_ns: int) -> str:
        """Whose turn it is; empty before the first."""
        if not self._users:
            return ""
        index = self._index_at(at_ns)
        return self._users[index % len(self._users)] if index >= 0 else ""

    def changes(self, start_ns: int, end_ns: int) -> Iterator[int]:
        """When shifts begin within a span of time."""
        if not self._users:
            return
        index = max(self._index_at(start_ns), -1) + 1
        while (at_ns := self._starts_ns(index)) < end_ns:
            yield at_ns
            index += 1

    def _starts_ns(self, index: int) -> int:
        return ns_of(self._first + index * self._every, self.zone)

    def _index_at(self, at_ns: int) -> int:
        index = (local_of(at_ns, self.zone) - self._first) // self._every
        while self._starts_ns(index + 1) <= at_ns:
            index += 1
        while self._starts_ns(index) > at_ns:
            index -= 1
        return index


class Hours:
    """When a rota has somebody at all."""

    def __init__(self, rota: Rota) -> None:
        self._zone = zone_of(rota.timezone)
        self._windows = [
            TimeInterval(times=one.times, weekdays=one.weekdays, location=Location(rota.timezone))
            for one in rota.restrictions
        ]
        minutes = {0}
        for window in self._windows:
            minutes |= {
                int(at or 0) for one in window.times for at in (one.start_time, one.end_time)
            }
        self._minutes = sorted(minutes)

    def hold(self, at_ns: int) -> bool:
        """Whether an instant lies in them; always when there are none."""
        if not self._windows:
            return True
        return any(contains(window, at_ns // SECOND_NS) for window in self._windows)

    def changes(self, start_ns: int, end_ns: int) -> Iterator[int]:
        """When they may begin or end within a span of time."""
        if not self._windows:
            return
        day = dt.datetime.combine(local_of(start_ns, self._zone).date(), dt.time())
        while (ns_of(day, self._zone)) < end_ns:
            for minute in self._minutes:
                at_ns = ns_of(day + dt.timedelta(minutes=minute), self._zone)
                if start_ns < at_ns < end_ns:
                    yield at_ns
            day += _DAY

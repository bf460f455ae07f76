"""Events of an iCalendar as spans of users (RFC 5545): their summary is a user's name.

Recurring events are expanded on the clock of their zone, so that they keep their time of day when
clocks are changed. Whole days and times without a zone are on the rota's clock.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.oncall.schedule import Span
from appliance.oncall.times import local_of, ns_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

#: So many events of a calendar are used.
_MOST = 20_000
_TOO_OFTEN = {"SECONDLY", "MINUTELY"}
_DAY = dt.timedelta(days=1)


def read_spans(
    data: bytes, users: Collection[str], zone: dt.tzinfo, window: tuple[int, int]
) -> tuple[list[Span], list[str]]:
    """The spans of a calendar within a window of time, by their start.

    Args:
        users: Names; case does not matter in the calendar.
        zone: Of the rota.
        window: Start and end in nanoseconds.

    Returns:
        The spans, and summaries that name nobody.

    Raises:
        BadInput: It is no iCalendar.
    """
    import icalendar  # noqa: PLC0415 - 0.1 s, only where there is a calendar

    try:
        calendar = icalendar.Calendar.from_ical(data)
        events = [_Event(one, zone) for one in calendar.walk("VEVENT")]
    except (ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        raise BadInput(f"not an iCalendar: {error}") from error
    known = {name.casefold(): name for name in users}
    moved = {(one.uid, one.recurrence_ns) for one in events if one.recurrence_ns is not None}
    spans: list[Span] = []
    unknown: dict[str, None] = {}
    for event in events:
        user = known.get(event.summary.casefold())
        if user is None:
            unknown[event.summary] = None
            continue
        for start_ns, end_ns in event.times(window):
            is_moved = event.recurrence_ns is None and (event.uid, start_ns) in moved
            if not is_moved and len(spans) < _MOST:
                spans.append(Span(user, start_ns, end_ns))
    return sorted(spans, key=lambda one: one.starts_ns), list(unknown)


class _Event:
    """One VEVENT.

    Attributes:
        recurrence_ns: Of an occurrence that was changed, when it would have been.
    """

    def __init__(self, event: Any, zone: dt.tzinfo) -> None:
        self._event = event
        self.summary = str(event.get("SUMMARY", "")).strip()
        self.uid = str(event.get("UID", ""))
        start = event["DTSTART"].dt
        self._zone = start.tzinfo if _has_zone(start) else zone
        self._rota_zone = zone
        self._start = _naive(start)
        self._length = self._length_of(event, start)
        moved = event.get("RECURRENCE-ID")
        self.recurrence_ns = None if moved is None else self._ns(moved.dt)
        self._is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"

    def _length_of(self, event: Any, start: dt.date) -> dt.timedelta:
        """On the clock of its zone."""
        if "DTEND" in event:
            end = event["DTEND"].dt
            if _has_zone(end) and end.tzinfo is not self._zone:
                end = end.astimezone(self._zone)
            return _naive(end) - self._start
        if "DURATION" in event:
            length: dt.timedelta = event["DURATION"].dt
            return length
        return dt.timedelta() if isinstance(start, dt.datetime) else _DAY

    def times(self, window: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Starts and ends of its occurrences that touch a window."""
        if self._is_cancelled or self._length <= dt.timedelta():
            return
        left_out = {self._ns(at) for at in _dates(self._event.get("EXDATE"))}
        for start in self._starts(window):
            start_ns = ns_of(start, self._zone)
            end_ns = ns_of(start + self._length, self._zone)
            if end_ns > window[0] and start_ns < window[1] and start_ns not in left_out:
                yield start_ns, end_ns

    def _starts(self, window: tuple[int, int]) -> Iterator[dt.datetime]:
        """On the clock of its zone."""
        first = local_of(window[0], self._zone) - self._length - _DAY
        last = local_of(window[1], self._zone) + _DAY
        yielded = {self._start}
        yield self._start
        rules = self._event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            for start in self._rule(rule).between(first, last, inc=True):
                if start not in yielded:
                    yielded.add(start)
                    yield start
        for at in _dates(self._event.get("RDATE")):
            start = local_of(self._ns(at), self._zone)
            if start not in yielded:
                yielded.add(start)
                yield start

    def _rule(self, rule: Any) -> Any:
        from dateutil.rrule import rrulestr  # noqa: PLC0415 - with icalendar

        parts = {name.upper(): values for name, values in rule.items()}
        if {str(text) for text in parts.get("FREQ", [])} & _TOO_OFTEN:
            raise BadInput("events that recur every minute or second are no shifts")
        text = rule.to_ical().decode()
        kept = [part for part in text.split(";") if not part.upper().startswith("UNTIL=")]
        for until in parts.get("UNTIL", []):
            at = local_of(self._ns(until), self._zone) if _has_zone(until) else _naive(until)
            if not isinstance(until, dt.datetime):
                at += _DAY - dt.timedelta(seconds=1)
            kept.append(f"UNTIL={at:%Y%m%dT%H%M%S}")
        return rrulestr(";".join(kept), dtstart=self._start)

    def _ns(self, at: dt.date) -> int:
        if _has_zone(at):
            return ns_of(at, self._rota_zone)  # type: ignore[arg-type]  # it is a datetime
        return ns_of(_naive(at), self._zone)


def _has_zone(at: dt.date) -> bool:
    return isinstance(at, dt.datetime) and at.tzinfo is not None


def _naive(at: dt.date) -> dt.datetime:
    if isinstance(at, dt.datetime):
        return at.replace(tzinfo=None)
    return dt.datetime.combine(at, dt.time())


def _dates(given: Any) -> list[dt.date]:
    """The dates of one or several properties."""
    if given is None:
        return []
    lists = given if isinstance(given, list) else [given]
    found = [one.dt for each in lists for one in each.dts]
    return [at[0] if isinstance(at, tuple) else at for at in found]

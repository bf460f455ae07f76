"""The timestamp stage: named formats, Go's layouts, Unix times (promtail, stages/timestamp.go).

An entry whose time cannot be read gets the last one of its stream plus a nanosecond ("fudge"), or
keeps the time it has ("skip").
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import TYPE_CHECKING

from appliance.base.digits import cut_fraction, read_digits
from appliance.base.errors import BadInput
from appliance.gotemplate.time_parse import layout
from appliance.gotemplate.zones import zone_of
from appliance.ingest.tail.stages.values import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock
    from appliance.gotemplate.time_parse import Layout
    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import TimestampStage

    #: Text → nanoseconds since the Unix epoch; raises BadInput.
    TimeParser = Callable[[str], int]

RFC3339 = "2006-01-02T15:04:05Z07:00"
NAMED = {
    "ANSIC": "Mon Jan _2 15:04:05 2006",
    "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006",
    "RFC822": "02 Jan 06 15:04 MST",
    "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
    "RFC3339": RFC3339,
    "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
}
_UNIX = {"Unix": 10**9, "UnixMs": 10**6, "UnixUs": 1000, "UnixNs": 1}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_MAX_STREAMS = 10_000
#: Times read before that are remembered: lines of a second mostly have the same.
_MAX_SECONDS = 4096


class Timestamp:
    """The stage at work.

    Raises:
        BadInput: The location is not known.
    """

    def __init__(self, config: TimestampStage, clock: Clock) -> None:
        self._source = config.source
        zone = zone_of(config.location) if config.location else dt.UTC
        formats = (config.format, *config.fallback_formats)
        self._parsers = [time_parser(form, zone, clock) for form in formats]
        self._fudges = config.action_on_failure == "fudge"
        self._last: dict[frozenset[tuple[str, str]], int] = {}

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Set times."""
        source = self._source
        for entry in entries:
            text = text_of(entry.extracted.get(source))
            time_ns = None if text is None else self._parsed(text)
            if time_ns is not None:
                entry.time_ns = time_ns
            if not self._fudges:
                continue
            stream = frozenset(entry.labels.items())
            if time_ns is None:
                last = self._last.get(stream)
                if last is None:
                    continue
                entry.time_ns = last + 1
            self._remember(stream, entry.time_ns)
        return entries

    def _parsed(self, text: str) -> int | None:
        for parser in self._parsers:
            try:
                return parser(text)
            except BadInput:
                continue
        return None

    def _remember(self, stream: frozenset[tuple[str, str]], time_ns: int) -> None:
        last = self._last
        if len(last) >= _MAX_STREAMS and stream not in last:
            del last[next(iter(last))]
        last[stream] = time_ns


def time_parser(form: str, zone: dt.tzinfo, clock: Clock) -> TimeParser:
    """What reads times of a format.

    Args:
        form: One of promtail's names, or a layout of Go.
        zone: Of layouts; named formats are in UTC.
        clock: Tells the year for layouts without one.
    """
    if form in {"RFC3339", "RFC3339Nano"}:
        return Rfc3339()
    if form in _UNIX:
        return _unix_seconds if form == "Unix" else _unix(_UNIX[form])
    if form in NAMED:
        return functools.lru_cache(_MAX_SECONDS)(layout(NAMED[form]).parse)
    found = layout(form)
    if "06" in form:
        return functools.lru_cache(_MAX_SECONDS)(lambda text: found.parse(text, zone))
    return lambda text: _without_year(found, text, zone, clock)


def _without_year(form: Layout, text: str, zone: dt.tzinfo, clock: Clock) -> int:
    """A time of this year; around New Year's Eve, of the last or the next one."""
    now = dt.datetime.fromtimestamp(clock.now_ns() / 1e9, dt.UTC)
    time_ns = form.parse(text, zone, year=now.year)
    month = dt.datetime.fromtimestamp(time_ns // 10**9, zone).month
    if month == 12 and now.month == 1:
        return form.parse(text, zone, year=now.year - 1)
    if month == 1 and now.month == 12:
        return form.parse(text, zone, year=now.year + 1)
    return time_ns


class Rfc3339:
    """Times such as 2006-01-02T15:04:05.999999999Z; seconds that come again are remembered."""

    def __init__(self) -> None:
        self._layout = layout(RFC3339)
        self._seconds: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """Nanoseconds since the Unix epoch.

        Raises:
            BadInput: Of another form.
        """
        fraction = text[19:-1]
        if text[-1:] != "Z" or (fraction and not (fraction[0] == "." and fraction[1:].isdecimal())):
            return self._layout.parse(text)
        start = self._seconds.get(text[:19])
        if start is None:
            start = self._layout.parse(f"{text[:19]}Z")
            if len(self._seconds) >= _MAX_SECONDS:
                self._seconds.clear()
            self._seconds[text[:19]] = start
        return start + int(fraction[1:10].ljust(9, "0")) if fraction else start


def _unix(unit: int) -> TimeParser:
    def parse(text: str) -> int:
        if _INTEGER.fullmatch(text) is None:
            raise BadInput(f"strconv.ParseInt: parsing {text!r}: invalid syntax")
        return read_digits(text) * unit

    return parse


def _unix_seconds(text: str) -> int:
    """Seconds, perhaps with decimals."""
    whole, point, fraction = text.partition(".")
    if _INTEGER.fullmatch(whole) is None or (point and _INTEGER.fullmatch(fraction) is None):
        raise BadInput(f"strconv.ParseInt: parsing {text!r}: invalid syntax")
    seconds, fraction = read_digits(whole) * 10**9, cut_fraction(fraction)
    return seconds + int(float(int(fraction)) * 10.0 ** (9 - len(fraction))) if point else seconds

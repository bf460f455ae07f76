"""The time window of a page's address: `from` and `to` as people write them.

`web/src/data/time_range.ts` reads the same words in the browser: `now-3h`, `now/d`, milliseconds or
seconds since the epoch, ISO 8601. Without a zone of its own a time is UTC here.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEP = re.compile(r"([+-])(\d{0,6})([smhdwMyQ])", re.ASCII)
_ROUND = re.compile(r"/([smhdwMy])", re.ASCII)
_DIGITS = re.compile(r"\d{9,19}", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MONTHS = {"M": 1, "Q": 3, "y": 12}
_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A window in milliseconds since the epoch, both ends included, and how it was written."""

    start_ms: int
    end_ms: int
    written_from: str
    written_to: str

    @property
    def start_ns(self) -> int:
        """The first nanosecond."""
        return self.start_ms * _MS

    @property
    def end_ns(self) -> int:
        """The first nanosecond after the last millisecond."""
        return (self.end_ms + 1) * _MS


def time_range(query: Mapping[str, str], now_ms: int, *, usual: str = "now-1h") -> TimeRange:
    """The window that an address asks for.

    Args:
        query: Its parameters, of which `from` and `to` count.
        usual: The start when there is none.

    Raises:
        BadInput: A side is no time, or the start is not before the end.
    """
    start_text, end_text = query.get("from") or usual, query.get("to") or "now"
    start, end = parse_time(start_text, now_ms), parse_time(end_text, now_ms, is_end=True)
    if start >= end:
        raise BadInput(f"'from' ({start_text!r}) must be before 'to' ({end_text!r})")
    return TimeRange(start, end, start_text, end_text)


def parse_time(text: str, now_ms: int, *, is_end: bool = False) -> int:
    """A time in milliseconds since the epoch.

    Args:
        is_end: `now/d` is the end of the day, not its start.

    Raises:
        BadInput: It is none.
    """
    try:
        if text.startswith("now"):
            return _relative(text[3:], now_ms, is_end=is_end)
        if _DIGITS.fullmatch(text):
            return int(text[:13]) if len(text) >= 13 else int(text) * 1000
        return _milliseconds(dt.datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"{text[:50]!r} is no time; write now-3h, epoch milliseconds or 2026-01-31T12:00:00Z"
        ) from error


def _relative(text: str, now_ms: int, *, is_end: bool) -> int:
    at, rest = now_ms, text
    while rest:
        step, cut = _STEP.match(rest), _ROUND.match(rest)
        if step:
            number = int(step[2] or 1) * (-1 if step[1] == "-" else 1)
            at, rest = _shifted(at, number, step[3]), rest[step.end() :]
        elif cut:
            at, rest = _floor(at, cut[1]), rest[cut.end() :]
            if is_end:
                at = _shifted(at, 1, cut[1]) - 1
        else:
            raise ValueError(rest)
    return at


def _shifted(at_ms: int, number: int, unit: str) -> int:
    if unit in _SECONDS:
        return at_ms + number * _SECONDS[unit] * 1000
    at = _moment(at_ms)
    month = at.month - 1 + number * _MONTHS[unit]
    year, month = at.year + month // 12, month % 12 + 1
    day = min(at.day, calendar.monthrange(year, month)[1])
    return _milliseconds(at.replace(year=year, month=month, day=day))


def _floor(at_ms: int, unit: str) -> int:
    at = _moment(at_ms).replace(microsecond=0)
    for field, units in (("second", "mhdwMy"), ("minute", "hdwMy"), ("hour", "dwMy")):
        if unit in units:
            at = at.replace(**{field: 0})  # type: ignore[arg-type]  # these three are numbers
    if unit == "w":
        at -= dt.timedelta(days=at.weekday())
    if unit in "My":
        at = at.replace(day=1)
    return _milliseconds(at.replace(month=1) if unit == "y" else at)


def _moment(at_ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC).replace(microsecond=at_ms % 1000 * 1000)


def _milliseconds(at: dt.datetime) -> int:
    known = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return (known - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)

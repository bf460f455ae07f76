"""Text → time by one of Go's layouts (Go's package time, format.go: Parse, ParseInLocation).

A layout becomes one regular expression, so that reading a time costs one match; only what does not
match is looked at piece by piece, to tell what is wrong in Go's words.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from appliance.base.errors import BadInput
from appliance.gotemplate.times import LAYOUT_CHUNK
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECOND = 10**9
_EPOCH_DAYS = dt.date(1970, 1, 1).toordinal()
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SHORT_MONTHS = {name[:3]: number for number, name in enumerate(_MONTHS, 1)}
_LONG_MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}

#: A zone's abbreviation, as Go guesses one: five letters end in T, so do four unless it is WITA.
_ABBREVIATION = (
    r"UTC|ChST|MeST|GMT(?:[+-][0-9]{1,2}(?![0-9]))?|[A-Z]{4}T(?![A-Z])|[A-Z]{3}T(?![A-Z])"
    r"|WITA(?![A-Z])|[A-Z]{3}(?![A-Z])|[+-][0-9]{2}(?![0-9])"
)
#: Each piece of a layout → (name of what it gives, expression).
_PIECES = {
    "2006": ("year", "[0-9]{4}"),
    "06": ("year2", "[0-9]{2}"),
    "January": ("month_name", f"(?i:{'|'.join(_LONG_MONTHS)})"),
    "Jan": ("month_short", f"(?i:{'|'.join(_SHORT_MONTHS)})"),
    "1": ("month", "[0-9]{1,2}+"),
    "01": ("month", "[0-9]{2}"),
    "Monday": ("", f"(?i:{'|'.join(_DAYS)})"),
    "Mon": ("", f"(?i:{'|'.join(day[:3] for day in _DAYS)})"),
    "2": ("day", "[0-9]{1,2}+"),
    "_2": ("day", " ?[0-9]{1,2}+"),
    "02": ("day", "[0-9]{2}"),
    "__2": ("year_day", "(?: {2}[0-9]| [0-9]{2}|[0-9]{3})"),
    "002": ("year_day", "[0-9]{3}"),
    "15": ("hour", "[0-9]{1,2}+"),
    "3": ("hour12", "[0-9]{1,2}+"),
    "03": ("hour12", "[0-9]{2}"),
    "4": ("minute", "[0-9]{1,2}+"),
    "04": ("minute", "[0-9]{2}"),
    "5": ("second", "[0-9]{1,2}+"),
    "05": ("second", "[0-9]{2}"),
    "PM": ("half", "AM|PM"),
    "pm": ("half", "am|pm"),
    "MST": ("zone_name", _ABBREVIATION),
}
_LIMITS = (
    ("month", 1, 12), ("hour", 0, 23), ("hour12", 0, 12), ("minute", 0, 59), ("second", 0, 59),
)  # fmt: skip


class _Piece(NamedTuple):
    """A piece of a layout: the literal before it, itself, its name and expression."""

    literal: str
    chunk: str
    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout ready for use.

    Attributes:
        text: As written.
        has_year: Whether it says which year.
    """

    text: str
    has_year: bool
    _pieces: Sequence[_Piece]
    _tail: str
    _pattern: re.Pattern[str]
    _names: Sequence[str]

    def parse(self, text: str, zone: dt.tzinfo = dt.UTC, *, year: int = 0) -> int:
        """Nanoseconds since the Unix epoch; years before 1 too.

        Args:
            zone: Of times that do not tell their own.
            year: Of times that do not tell theirs; any may have a February 29, which is March 1
                where there is none.

        Raises:
            BadInput: In Go's words, `parsing time "…" as "…": cannot parse "…" as "…"`.
        """
        match = self._pattern.fullmatch(text)
        if match is None:
            raise self._mismatch(text)
        found = dict(zip(self._names, match.groups(), strict=True))
        return _ns(found, zone, text, year)

    def _mismatch(self, text: str) -> BadInput:
        """What does not fit, told by the first piece that does not."""
        at = 0
        for piece in self._pieces:
            match = re.compile(_literal(piece.literal)).match(text, at)
            if match is None:
                return self._cannot(text, at, piece.literal)
            at = match.end()
            match = re.compile(piece.expression).match(text, at)
            if match is None:
                return self._cannot(text, at, piece.chunk)
            at = match.end()
        match = re.compile(_literal(self._tail)).match(text, at)
        if match is None:
            return self._cannot(text, at, self._tail)
        return _failure(text, f"extra text: {quote(text[match.end() :])}")

    def _cannot(self, text: str, at: int, piece: str) -> BadInput:
        rest = f"cannot parse {quote(text[at:])} as {quote(piece)}"
        return BadInput(f"parsing time {quote(text)} as {quote(self.text)}: {rest}")


@functools.lru_cache(maxsize=512)
def layout(text: str) -> Layout:
    """A layout, such as `2006-01-02T15:04:05Z07:00`."""
    pieces: list[_Piece] = []
    matches = list(LAYOUT_CHUNK.finditer(text))
    at = 0
    for number, match in enumerate(matches):
        chunk, literal = match[0], text[at : match.start()]
        if chunk == "_2006":
            chunk, literal = "2006", literal + "_"
        following = matches[number + 1][0] if number + 1 < len(matches) else ""
        name, expression = _expression(chunk)
        pieces.append(_Piece(literal, chunk, name, expression))
        if name == "second" and following[:1] not in {".", ","}:
            # Go takes a fraction after the seconds though the layout has none.
            pieces.append(_Piece("", "", "fraction", "(?:[.,][0-9]++)?"))
        at = match.end()
    body = "".join(f"{_literal(piece.literal)}{_group(piece)}" for piece in pieces)
    return Layout(
        text,
        any(piece.name in {"year", "year2"} for piece in pieces),
        pieces,
        text[at:],
        re.compile(body + _literal(text[at:]), re.DOTALL),
        [piece.name for piece in pieces if piece.name],
    )


def parse_time(form: str, text: str, zone: dt.tzinfo = dt.UTC) -> int:
    """See `Layout.parse`."""
    return layout(form).parse(text, zone)


def _group(piece: _Piece) -> str:
    return f"({piece.expression})" if piece.name else f"(?:{piece.expression})"


def _literal(text: str) -> str:
    """What stands between pieces; a run of blanks fits any run, or the end of the text."""
    return "".join(
        r"(?: ++|\Z)" if part.startswith(" ") else re.escape(part)
        for part in re.split("( +)", text)
        if part
    )


def _expression(chunk: str) -> tuple[str, str]:
    """What a piece of a layout gives, and what it matches."""
    if chunk[0] in ".,":
        if chunk[1] == "9":
            return "fraction", "(?:[.,][0-9]++)?"
        return "fraction", f"[.,][0-9]{{{len(chunk) - 1}}}"
    if chunk[0] in "Z-":
        colon = ":" if ":" in chunk else ""
        size = len(chunk.replace(":", ""))
        body = "[+-][0-9]{2}" + f"{colon}[0-9]{{2}}" * ((size - 3) // 2)
        return "offset", f"Z|{body}" if chunk[0] == "Z" else body
    return _PIECES[chunk]


def _failure(text: str, message: str) -> BadInput:
    return BadInput(f"parsing time {quote(text)}: {message}")


def _ns(found: dict[str, str], zone: dt.tzinfo, text: str, year: int) -> int:
    """The instant that pieces of a text stand for; of a piece that comes twice the last counts."""
    values = {name: int(found[name]) for name, _, _ in _LIMITS if name in found}
    for name, low, high in _LIMITS:
        if name in values and not low <= values[name] <= high:
            raise _failure(text, f"{name.removesuffix('12')} out of range")
    hour = values.get("hour", 0)
    if "hour12" in values:
        hour = values["hour12"]
    half = found.get("half", "").lower()
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    days = _days(found, values, text, year)
    seconds = (days * 24 + hour) * 3600 + values.get("minute", 0) * 60 + values.get("second", 0)
    fraction = found.get("fraction", "")[1:10]
    rest = int(fraction.ljust(9, "0")) if fraction else 0
    return (seconds - _offset(found, zone, seconds, text)) * _SECOND + rest


def _days(found: dict[str, str], values: dict[str, int], text: str, assumed: int) -> int:
    """Days since the Unix epoch."""
    year = int(found.get("year", "0"))
    if "year2" in found:
        short = int(found["year2"])
        year = short + (1900 if short >= 69 else 2000)
    month = values.get("month", 1)
    if "month_name" in found:
        month = _LONG_MONTHS[found["month_name"].lower()]
    elif "month_short" in found:
        month = _SHORT_MONTHS[found["month_short"].lower()]
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    day = int(found.get("day", "1"))
    if "year_day" in found:
        day, month = int(found["year_day"]), 1
        if not 1 <= day <= 365 + is_leap:
            raise _failure(text, "day-of-year out of range")
    elif not 1 <= day <= _MONTH_DAYS[month - 1] + (is_leap and month == 2):
        raise _failure(text, "day out of range")
    year = year or assumed
    if year == 0:  # a leap year that Python does not have, 366 days before the year 1
        return dt.date(4, month, 1).toordinal() - 1461 - _EPOCH_DAYS + day - 1
    return dt.date(year, month, 1).toordinal() - _EPOCH_DAYS + day - 1


def _offset(found: dict[str, str], zone: dt.tzinfo, seconds: int, text: str) -> int:
    """Seconds that the clock read is ahead of UTC."""
    shown = found.get("offset")
    if shown is not None:
        if shown == "Z":
            return 0
        digits = shown[1:].replace(":", "")
        hours, minutes, rest = (int(digits[at : at + 2] or 0) for at in (0, 2, 4))
        for name, value, high in (
            ("hour", hours, 24),
            ("minute", minutes, 60),
            ("second", rest, 60),
        ):
            if value > high:
                raise _failure(text, f"time zone offset {name} out of range")
        size = hours * 3600 + minutes * 60 + rest
        return -size if shown[0] == "-" else size
    name = found.get("zone_name", "")
    if name == "UTC":
        return 0
    wall = _wall(seconds)
    if name:
        # As Go does: an abbreviation is understood only if the zone at hand knows it.
        for fold in (0, 1):
            moment = wall.replace(tzinfo=zone, fold=fold)
            if moment.tzname() == name:
                return _utcoffset(moment)
        return int(name[3:] or 0) * 3600 if name.startswith("GMT") else 0
    return 0 if zone is dt.UTC else _utcoffset(wall.replace(tzinfo=zone))


def _utcoffset(moment: dt.datetime) -> int:
    return int((moment.utcoffset() or dt.timedelta()).total_seconds())


def _wall(seconds: int) -> dt.datetime:
    """A clock's reading; what is before the year 1 has the offsets of that year."""
    return dt.datetime(1970, 1, 1) + dt.timedelta(  # noqa: DTZ001 - the zone is put on by the caller
        seconds=max(seconds, -62_135_596_800 + 86_400)
    )

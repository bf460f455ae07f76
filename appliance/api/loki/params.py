"""Parameters of Loki's requests, read and refused as Loki does it (pkg/loghttp).

Times are nanoseconds since the epoch. The order of checks is Loki's: of several mistakes the same
one is told.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.api.params import parse_float, parse_rfc3339_ns
from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECOND = 10**9
_MS = 10**6
_USUAL_SINCE_NS = 3600 * _SECOND
_USUAL_LIMIT = 100
#: Numbers up to this are seconds, greater ones nanoseconds.
_MOST_SECONDS = 10**10
_USUAL_POINTS, _MOST_POINTS = 250, 11_000
_MAX_INT = 2**63 - 1
_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class RangeQuery:
    """What `/query_range` is asked.

    Attributes:
        step_ns: For metric queries; whole milliseconds.
        interval_ns: For log queries: the least time between two entries of a stream; 0: none.
        limit: Entries of a log query.
    """

    query: str
    start_ns: int
    end_ns: int
    step_ns: int
    interval_ns: int
    limit: int
    is_backward: bool

    @property
    def aligned_ns(self) -> tuple[int, int]:
        """First and last step of a metric query: outwards to multiples of the step."""
        step = self.step_ns
        return self.start_ns // step * step, -(-self.end_ns // step) * step


@dataclass(frozen=True, slots=True)
class InstantQuery:
    """What `/query` is asked."""

    query: str
    time_ns: int
    limit: int
    is_backward: bool


def range_query(given: Mapping[str, str], now_ns: int) -> RangeQuery:
    """The parameters of a range query.

    Raises:
        BadInput: One of them cannot be read, the range runs backwards, the step is not positive,
            or there would be more than 11,000 steps.
    """
    start, end = bounds(given, now_ns)
    if end < start:
        raise BadInput("end timestamp must not be before or equal to start time")
    limit = entry_limit(given)
    is_backward = _is_backward(given)
    step = step_ns(given, start, end)
    if (end - start) // step > _MOST_POINTS:
        raise BadInput(
            "exceeded maximum resolution of 11,000 points per time series."
            " Try increasing the value of the step parameter"
        )
    text = given.get("interval", "")
    interval = parse_seconds_or_duration(text) if text else 0
    if interval < 0:
        raise BadInput("interval must be >= 0")
    query = given.get("query", "")
    return RangeQuery(query, start, end, step, interval // _MS * _MS, limit, is_backward)


def instant_query(given: Mapping[str, str], now_ns: int) -> InstantQuery:
    """The parameters of an instant query.

    Raises:
        BadInput: One of them cannot be read.
    """
    limit = entry_limit(given)
    text = given.get("time", "")
    time_ns = parse_time_ns(text) if text else now_ns
    return InstantQuery(given.get("query", ""), time_ns, limit, _is_backward(given))


def bounds(given: Mapping[str, str], now_ns: int) -> tuple[int, int]:
    """`start` and `end`: the last hour, or `since` before the end, unless said otherwise.

    Raises:
        BadInput: Not times, or not a duration.
    """
    since_text, since = given.get("since", ""), _USUAL_SINCE_NS
    if since_text:
        try:
            since = parse_duration(since_text) * _MS
        except BadInput as error:
            raise BadInput(f"could not parse 'since' parameter: {error}") from error
    end = _named_time(given, "end", now_ns)
    return _named_time(given, "start", min(end, now_ns) - since), end


def step_ns(given: Mapping[str, str], start_ns: int, end_ns: int) -> int:
    """`step`, in whole milliseconds: 250 points unless said otherwise, at least a second each.

    Raises:
        BadInput: Not a positive duration.
    """
    text = given.get("step", "")
    if not text:
        return max((end_ns - start_ns) // _SECOND // _USUAL_POINTS, 1) * _SECOND
    step = parse_seconds_or_duration(text) // _MS * _MS
    if step <= 0:
        raise BadInput(
            "zero or negative query resolution step widths are not accepted. Try a positive integer"
        )
    return step


def entry_limit(given: Mapping[str, str], name: str = "limit", usual: int = _USUAL_LIMIT) -> int:
    """How many: `usual` unless said otherwise.

    Raises:
        BadInput: Not a positive number.
    """
    number = whole_number(given.get(name, ""), usual)
    if number <= 0:
        raise BadInput("limit must be a positive value")
    return number


def whole_number(text: str, usual: int) -> int:
    """A number as Go's `strconv.Atoi` reads it; `usual` for the empty string.

    Raises:
        BadInput: None, or too large.
    """
    if not text:
        return usual
    return _parse_integer(text, "Atoi")


def parse_time_ns(text: str) -> int:
    """RFC 3339, seconds (up to ten digits, or with decimals, exact to the millisecond), or ns.

    Raises:
        BadInput: None of them, with Go's words.
    """
    stamp = parse_rfc3339_ns(text)
    if stamp is not None:
        return stamp
    if "." not in text:
        number = _parse_integer(text, "ParseInt")
        return number * _SECOND if number <= _MOST_SECONDS else number
    seconds = parse_float(text)
    if seconds is None:
        raise BadInput(f'strconv.ParseFloat: parsing "{text}": invalid syntax')
    low, high = math.modf(seconds)
    if abs(high) > _MAX_INT:
        raise BadInput("floating point timestamp exceeds integer range")
    if high > _MOST_SECONDS:
        return int(high)
    ms = math.copysign(math.floor(abs(low) * 1000 + 0.5), low)
    return int(high) * _SECOND + int(ms) * _MS


def parse_seconds_or_duration(text: str) -> int:
    """Seconds with decimals, or `1h30m`: nanoseconds.

    Raises:
        BadInput: Neither of both.
    """
    seconds = parse_float(text)
    if seconds is not None:
        if math.isnan(seconds):  # which Go makes the smallest integer
            return -_MAX_INT
        if abs(seconds) * _SECOND > _MAX_INT:
            raise BadInput(f'cannot parse "{text}" to a valid duration. It overflows int64')
        return int(seconds * _SECOND)
    try:
        return parse_duration(text) * _MS
    except BadInput as error:
        raise BadInput(f'cannot parse "{text}" to a valid duration') from error


def _named_time(given: Mapping[str, str], name: str, usual_ns: int) -> int:
    text = given.get(name, "")
    if not text:
        return usual_ns
    try:
        return parse_time_ns(text)
    except BadInput as error:
        raise BadInput(f"could not parse '{name}' parameter: {error}") from error


def _is_backward(given: Mapping[str, str]) -> bool:
    text = given.get("direction", "") or "backward"
    if text.lower() not in {"forward", "backward"}:
        raise BadInput(f"invalid direction '{text}'")
    return text.lower() == "backward"


def _parse_integer(text: str, function: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise BadInput(f'strconv.{function}: parsing "{text}": invalid syntax')
    number = int(text) if len(text) <= 20 else _MAX_INT + 1
    if not -_MAX_INT - 1 <= number <= _MAX_INT:
        raise BadInput(f'strconv.{function}: parsing "{text}": value out of range')
    return number

"""Parameters of Jaeger's HTTP API, read and refused as Jaeger does it (query_parser.go)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import orjson

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_go_duration
from appliance.traces.criteria import SpanCriteria
from appliance.traces.find import TraceSearch
from appliance.traces.window import Window, bounded
from appliance.wire.jaeger.ids import parse_trace_id

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFAULT_LIMIT = 100
_HOUR_NS = 3_600_000_000_000
_LOOKBACK_NS = 48 * _HOUR_NS
_US, _MS = 1000, 1_000_000
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_UNITS_NS = {"m": _HOUR_NS // 60, "h": _HOUR_NS, "d": 24 * _HOUR_NS}


class Query(Protocol):
    """Parameters of a URL."""

    def get(self, key: str, default: str, /) -> str:
        """The first value."""
        ...

    def getall(self, key: str, default: list[str], /) -> Sequence[str]:
        """All values."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What `/api/traces` is asked for.

    Attributes:
        ids: Traces by id; then the search does not count.
        raw: Without adjustments.
    """

    search: TraceSearch
    ids: Sequence[bytes]
    raw: bool


def parse_search(query: Query, now_ns: int) -> Asked:
    """Parameters of `/api/traces`.

    Args:
        now_ns: The end when none is given.

    Raises:
        BadInput: A parameter is missing or unreadable; the text names it.
    """
    lookback = _lookback_ns(query.get("lookback", ""))
    end = time_ns(query, "end", _US, now_ns)
    start = time_ns(query, "start", _US, min(end, now_ns) - lookback)
    tags = _tags(query)
    limit = parse_int(query.get("limit", "") or str(_DEFAULT_LIMIT))
    shortest, longest = _duration(query, "minDuration"), _duration(query, "maxDuration")
    ids = [_trace_id(text) for text in query.getall("traceID", [])]
    raw = parse_bool(query, "raw")
    service = query.get("service", "")
    if not ids and not service:
        raise BadInput("parameter 'service' is required")
    if limit <= 0:
        raise BadInput("invalid parameter: limit must be greater than 0")
    if start > end:
        raise BadInput("invalid parameter: start time must be before end time")
    if shortest and longest and longest < shortest:
        raise BadInput("'maxDuration' should be greater than 'minDuration'")
    criteria = SpanCriteria(
        service=service,
        operation=query.get("operation", "") or None,
        tags=tags,
        min_duration_ns=shortest or None,
        max_duration_ns=longest or None,
    )
    # Pages know times of spans in microseconds: all of the last one counts.
    return Asked(TraceSearch(criteria, Window.of(start, end + _US), limit), ids, raw)


def time_ns(query: Query, name: str, unit_ns: int, default_ns: int) -> int:
    """A time since the epoch, in whole units.

    Raises:
        BadInput: Named.
    """
    number = whole_number(query, name)
    return default_ns if number is None else bounded(number * unit_ns)


def whole_number(query: Query, name: str) -> int | None:
    """A parameter as a whole number; None when it is absent or empty.

    Raises:
        BadInput: Named.
    """
    text = query.get(name, "")
    try:
        return parse_int(text) if text else None
    except BadInput as error:
        raise unreadable(name, error) from error


def parse_int(text: str) -> int:
    """A whole number of 64 bits.

    Raises:
        BadInput: In the words of Go's `strconv`.
    """
    if not _INTEGER.fullmatch(text):
        raise BadInput(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise BadInput(f'strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


def parse_quantile(query: Query) -> float:
    """The parameter `quantile`.

    Raises:
        BadInput: It is no number between 0 and 1.
    """
    text = query.get("quantile", "")
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found <= 1:
        reason = f'strconv.ParseFloat: parsing "{text}": invalid syntax'
        raise unreadable("quantile", BadInput(reason))
    return found


def parse_bool(query: Query, name: str) -> bool:
    """A parameter as Go reads a bool; False when it is absent.

    Raises:
        BadInput: Named.
    """
    text = query.get(name, "")
    try:
        return bool(text) and parse_flag(text)
    except BadInput as error:
        raise unreadable(name, error) from error


def parse_flag(text: str) -> bool:
    """A bool.

    Raises:
        BadInput: In the words of Go's `strconv`.
    """
    if text not in _BOOLEANS:
        raise BadInput(f'strconv.ParseBool: parsing "{text}": invalid syntax')
    return _BOOLEANS[text]


def unreadable(name: str, reason: BadInput) -> BadInput:
    """A refusal in Jaeger's words."""
    return BadInput(f"unable to parse param '{name}': {reason.message}")


def milliseconds_ns(query: Query, name: str, default_ms: int) -> int:
    """A duration in milliseconds, as nanoseconds.

    Raises:
        BadInput: Named.
    """
    number = whole_number(query, name)
    return (default_ms if number is None else number) * _MS


def _duration(query: Query, name: str) -> int:
    """A Go duration such as `1.2s` in nanoseconds, 0 when it is absent."""
    text = query.get(name, "")
    try:
        return parse_go_duration(text) if text else 0
    except BadInput as error:
        raise unreadable(name, error) from error


def _lookback_ns(text: str) -> int:
    """How far back when no start is given, `1h` or `2d`; two days when unreadable or absent."""
    unit = _UNITS_NS.get(text[-1:], 0)
    number = text[:-1]
    return int(number) * unit if unit and number.isdecimal() and len(number) < 6 else _LOOKBACK_NS


def _trace_id(text: str) -> bytes:
    try:
        return parse_trace_id(text)
    except BadInput as error:
        raise BadInput(f"cannot parse traceID param: {error.message}") from error


def _tags(query: Query) -> dict[str, str]:
    """Tags of `tag` (`key:value`) and of `tags` (a JSON object of strings)."""
    found: dict[str, str] = {}
    for text in query.getall("tag", []):
        name, colon, wanted = text.partition(":")
        if not colon:
            message = f"malformed 'tag' parameter, expecting key:value, received: {text}"
            raise BadInput(message)
        found[name] = wanted
    for text in query.getall("tags", []):
        found |= tags_object(text, "malformed 'tags' parameter, cannot unmarshal JSON: ")
    return found


def tags_object(text: str, prefix: str) -> dict[str, str]:
    """A JSON object of strings.

    Raises:
        BadInput: It is none; the message begins with `prefix`.
    """
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{prefix}{error}") from error
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise BadInput(f"{prefix}expecting an object of strings")
    return given

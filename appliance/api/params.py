"""Parameters of requests, read and refused as the originals do it.

Prometheus: web/api/v1 (`parseTime`, `parseDuration`). Loki: pkg/util/httpreq and pkg/loghttp.
Times are exact: decimals are not taken through floats where the unit is nanoseconds.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_NS = 2**63 - 1
_MAX_MS = 2**63 // 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:[.,](\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_GO_FLOAT = re.compile(
    r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])",
    re.ASCII,
)
#: Prometheus' names for the ends of time (web/api/v1, minTimeFormatted and maxTimeFormatted).
MIN_TIME = "-292273086-05-16T16:47:06Z"
MAX_TIME = "292277025-08-18T07:12:54.999999999Z"
#: The same as milliseconds; more than anything that is stored.
MIN_MS, MAX_MS = -(2**63) // 10**6, (2**63 - 1) // 10**6


def invalid(name: str, reason: str | BadInput) -> BadInput:
    """A refusal in Prometheus' words: `invalid parameter "start": …`."""
    return BadInput(f'invalid parameter "{name}": {reason}')


def parse_float(text: str) -> float | None:
    """A number as Go's `strconv.ParseFloat` reads it; None when it is not one or out of range."""
    if not _GO_FLOAT.fullmatch(text):
        return None
    value = float(text)
    is_named = "n" in text.lower()
    return value if is_named or math.isfinite(value) else None


def parse_rfc3339_ns(text: str) -> int | None:
    """Nanoseconds since the epoch; None when it is not such a time."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(seconds.upper() + zone.upper().replace("Z", "+00:00"))
    except ValueError:
        return None
    nanos = int((fraction or "")[:9].ljust(9, "0"))
    return (moment - _EPOCH) // timedelta(seconds=1) * 10**9 + nanos


def parse_time_ms(text: str) -> int:
    """A Prometheus time: Unix seconds with decimals, or RFC 3339.

    Returns:
        Milliseconds since the epoch.

    Raises:
        BadInput: Neither of both.
    """
    seconds = parse_float(text)
    if seconds is not None and math.isfinite(seconds) and abs(seconds) < _MAX_MS:
        return round(seconds * 1000)
    if text in {MIN_TIME, MAX_TIME}:
        return MIN_MS if text == MIN_TIME else MAX_MS
    stamp = parse_rfc3339_ns(text)
    if stamp is None:
        raise BadInput(f'cannot parse "{text}" to a valid timestamp')
    return stamp // 10**6


def time_ms(params: Mapping[str, str], name: str, default_ms: int) -> int:
    """The parameter as a Prometheus time, or the default when it is absent or empty.

    Raises:
        BadInput: Named.
    """
    text = params.get(name, "")
    if not text:
        return default_ms
    try:
        return parse_time_ms(text)
    except BadInput as error:
        raise invalid(name, f"invalid time value for '{name}': {error}") from error


def required_time_ms(params: Mapping[str, str], name: str) -> int:
    """The parameter as a Prometheus time.

    Raises:
        BadInput: Absent or not a time.
    """
    try:
        return parse_time_ms(params.get(name, ""))
    except BadInput as error:
        raise invalid(name, error) from error


def parse_duration_ms(text: str) -> int:
    """A Prometheus duration: seconds with decimals, or `1h30m`.

    Raises:
        BadInput: Neither of both.
    """
    seconds = parse_float(text)
    if seconds is not None:
        if math.isnan(seconds):  # which Go makes the smallest integer
            return -_MAX_MS
        if abs(seconds) * 10**9 > _MAX_NS:
            raise BadInput(f'cannot parse "{text}" to a valid duration. It overflows int64')
        return int(seconds * 1000)
    negative = text.startswith("-")
    try:
        ms = parse_duration(text.removeprefix("-"))
    except BadInput as error:
        raise BadInput(f'cannot parse "{text}" to a valid duration') from error
    return -ms if negative else ms


def step_ms(params: Mapping[str, str]) -> int:
    """The resolution of a range query.

    Raises:
        BadInput: Absent, not a duration, zero or negative.
    """
    try:
        found = parse_duration_ms(params.get("step", ""))
    except BadInput as error:
        raise invalid("step", error) from error
    if found <= 0:
        raise invalid(
            "step",
            "zero or negative query resolution step widths are not accepted."
            " Try a positive integer",
        )
    return found


def optional_duration_ms(params: Mapping[str, str], name: str) -> int | None:
    """The parameter as a Prometheus duration, or None when it is absent or empty.

    Raises:
        BadInput: Named.
    """
    text = params.get(name, "")
    if not text:
        return None
    try:
        return parse_duration_ms(text)
    except BadInput as error:
        raise invalid(name, error) from error


def limit(params: Mapping[str, str]) -> int:
    """Prometheus' `limit`; 0 means none.

    Raises:
        BadInput: Not a number, or negative.
    """
    text = params.get("limit", "")
    if not text:
        return 0
    number = _integer(text)
    if number is None:
        raise invalid("limit", f'cannot parse "{text}" to a valid limit')
    if number < 0:
        raise invalid("limit", "limit must be non-negative")
    return number


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?\d{1,19}", text, re.ASCII) else None


def parse_loki_time_ns(text: str) -> int:
    """A Loki time: nanoseconds, seconds (up to ten digits, or with decimals), or RFC 3339.

    Raises:
        BadInput: None of them.
    """
    if "." in text and (seconds := parse_float(text)) is not None and math.isfinite(seconds):
        return _exact_ns(text)
    number = _integer(text) if len(text) <= 20 else None
    if number is not None:
        return number * 10**9 if len(text) <= 10 else number
    stamp = parse_rfc3339_ns(text)
    if stamp is None:
        raise BadInput(f'cannot parse "{text}" to a valid timestamp')
    return stamp


def _exact_ns(text: str) -> int:
    try:
        return int(Decimal(text) * 10**9)
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise BadInput(f'cannot parse "{text}" to a valid timestamp') from error


def loki_time_ns(params: Mapping[str, str], name: str, default_ns: int) -> int:
    """The parameter as a Loki time, or the default when it is absent or empty.

    Raises:
        BadInput: Named.
    """
    text = params.get(name, "")
    if not text:
        return default_ns
    try:
        return parse_loki_time_ns(text)
    except BadInput as error:
        raise BadInput(f"could not parse '{name}' parameter: {error}") from error


def loki_range_ns(params: Mapping[str, str], now_ns: int, usual_ns: int) -> tuple[int, int]:
    """`start` and `end` with Loki's defaults: `since` (or `usual_ns`) before the end, and now.

    Raises:
        BadInput: Not times.
    """
    end = loki_time_ns(params, "end", now_ns)
    since = params.get("since", "")
    if since:
        try:
            usual_ns = parse_duration(since) * 10**6
        except BadInput as error:
            raise BadInput(f"could not parse 'since' parameter: {error}") from error
    start = loki_time_ns(params, "start", min(end, now_ns) - usual_ns)
    return start, end


def loki_limit(params: Mapping[str, str], *, most: int) -> int:
    """How many entries: 100 unless said otherwise.

    Raises:
        BadInput: Not a positive number, or over the limit.
    """
    text = params.get("limit", "")
    number = _integer(text) if text else 100
    if number is None:
        raise BadInput(f'strconv.Atoi: parsing "{text}": invalid syntax')
    if number <= 0:
        raise BadInput("limit must be a positive value")
    if number > most:
        raise BadInput(
            f"max entries limit per query exceeded, limit > max_entries_limit_per_query"
            f" ({number} > {most})"
        )
    return number


def is_backward(params: Mapping[str, str]) -> bool:
    """Loki's `direction`: newest first unless it is `forward`.

    Raises:
        BadInput: Something else.
    """
    text = params.get("direction", "") or "backward"
    if text.lower() not in {"forward", "backward"}:
        raise BadInput(f"invalid direction '{text}'")
    return text.lower() == "backward"

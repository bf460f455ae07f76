"""Parameters of Prometheus' requests, read and refused as Prometheus does it (web/api/v1)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
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

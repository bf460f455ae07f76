"""Times as Docker and syslog write them (RFC 3339), to the nanosecond."""

from __future__ import annotations

import calendar
import functools

_SECOND = 10**9


def parse_time(text: bytes) -> int | None:
    """Nanoseconds since the Unix epoch of an RFC 3339 time; None when it is none."""
    seconds = _seconds(bytes(text[:19]))
    rest = text[19:]
    if seconds is None or not rest:
        return None
    fraction = b""
    if rest[:1] == b".":
        digits = len(rest) - len(rest[1:].lstrip(b"0123456789"))
        fraction, rest = rest[1:digits], rest[digits:]
    offset = _offset(bytes(rest))
    if offset is None:
        return None
    return (seconds - offset) * _SECOND + int(fraction.ljust(9, b"0")[:9] or b"0")


@functools.lru_cache(maxsize=256)
def _seconds(text: bytes) -> int | None:
    try:
        day, clock = text.decode("ascii").split("T")
        year, month, date = (int(part) for part in day.split("-"))
        hour, minute, second = (int(part) for part in clock.split(":"))
    except ValueError:
        return None
    if not (1 <= month <= 12 and 1 <= date <= 31 and hour < 24 and minute < 60 and second <= 60):
        return None
    return calendar.timegm((year, month, date, hour, minute, second))


@functools.lru_cache(maxsize=64)
def _offset(text: bytes) -> int | None:
    if text in {b"Z", b"z"}:
        return 0
    if len(text) != 6 or text[:1] not in {b"+", b"-"} or text[3:4] != b":":
        return None
    if not (text[1:3].isdigit() and text[4:].isdigit()):
        return None
    seconds = int(text[1:3]) * 3600 + int(text[4:]) * 60
    return -seconds if text[:1] == b"-" else seconds

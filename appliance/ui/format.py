"""Numbers as people read them in server-rendered pages.

`web/src/data/format.ts` says the same in the browser; `format.cases.json` beside it holds for both.
"""

from __future__ import annotations

import datetime as dt


def _short(value: float) -> str:
    """Three significant digits at most, without trailing zeros."""
    magnitude = abs(value)
    digits = 0 if magnitude >= 100 else 1 if magnitude >= 10 else 2
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scaled(value: float, base: int, units: tuple[str, ...]) -> tuple[str, str]:
    unit = 0
    while unit < len(units) - 1 and (abs(value) >= base or float(_short(value)) >= base):
        value /= base
        unit += 1
    return _short(value), units[unit]


def count(value: float) -> str:
    """A count: exact below 10,000, then with k, M, G, T."""
    if abs(value) < 1000:
        return _short(value)
    if abs(value) < 10_000:
        return f"{value:,.0f}"
    return "".join(_scaled(value, 1000, ("", "k", "M", "G", "T")))


def size(value: float) -> str:
    """Bytes in binary units."""
    if 1000 <= value < 1024:
        return f"{value:,.0f} B"
    return " ".join(_scaled(value, 1024, ("B", "KiB", "MiB", "GiB", "TiB")))


def duration(ns: float) -> str:
    """A span of time given in nanoseconds."""
    if ns == 0:
        return "0 ms"
    if ns < 999_500:
        return f"{_short(ns / 1e3)} µs"
    if ns < 999_500_000:
        return f"{_short(ns / 1e6)} ms"
    if ns < 60_000_000_000:
        return f"{_short(ns / 1e9)} s"
    whole = round(ns / 1e9)
    large, small, units = (whole // 60, whole % 60, "ms")
    if whole >= 3600:
        large, small, units = (whole // 3600, whole % 3600 // 60, "hm")
    return f"{large} {units[0]}" + (f" {small} {units[1]}" if small else "")


def ago(ms: float) -> str:
    """How long ago, given in milliseconds."""
    seconds = int(ms // 1000)
    if seconds < 1:
        return "now"
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def rate(per_second: float) -> str:
    """Items per second; what is too small to show is not shown as zero."""
    return "<0.01" if 0 < per_second < 0.01 else count(per_second)


def clock(ns: int) -> str:
    """Time of day in UTC with milliseconds; the browser shows its own zone instead."""
    at = dt.datetime.fromtimestamp(ns // 1_000_000_000, dt.UTC)
    return f"{at:%H:%M:%S}.{ns // 1_000_000 % 1000:03d}"


def iso(ns: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    at = dt.datetime.fromtimestamp(ns // 1_000_000_000, dt.UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ns // 1_000_000 % 1000:03d}Z"

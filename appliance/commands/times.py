"""Times on the command line: `now`, `now-3h`, Unix seconds, RFC 3339."""

from __future__ import annotations

import re
from datetime import datetime

import click

from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput

_RELATIVE = re.compile(r"now(?:-(\w+))?")


_NANOSECONDS = re.compile(r"\d{17,}")


def parse_when_ns(text: str, now_ns: int) -> int:
    """Nanoseconds since the epoch; numbers of 17 digits and more are nanoseconds already.

    Raises:
        click.BadParameter: Not a time.
    """
    if text == "now":
        return now_ns
    if _NANOSECONDS.fullmatch(text):
        return int(text)
    # Microseconds are exact in a float of this size, and finer than any other form.
    return round(parse_when(text, now_ns / 1e9) * 1e6) * 1000


def parse_when(text: str, now: float) -> float:
    """Unix seconds.

    Raises:
        click.BadParameter: Not a time.
    """
    match = _RELATIVE.fullmatch(text)
    try:
        if match:
            return now - (parse_duration(match[1]) / 1000 if match[1] else 0.0)
        if re.fullmatch(r"-?\d+(\.\d+)?", text):
            return float(text)
        return datetime.fromisoformat(text).timestamp()
    except (BadInput, ValueError):
        hint = "write now, now-3h, Unix seconds or 2026-01-31T12:00:00Z"
        raise click.BadParameter(f"{text!r} is not a time; {hint}") from None

"""Times on the command line: `now`, `now-3h`, Unix seconds, RFC 3339."""

from __future__ import annotations

import re
from datetime import datetime

import click

from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput

_RELATIVE = re.compile(r"now(?:-(\w+))?")


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

"""What a server says about a query it refuses."""

from __future__ import annotations

import re

from appliance.syntax.source import excerpt

_COLUMN = re.compile(r"parse error at line (\d+), col (\d+)")


def with_excerpt(message: str, text: str) -> str:
    """A server's refusal with the place in the query under it, where it names one."""
    match = _COLUMN.search(message)
    if match is None:
        return message
    line, column = int(match[1]), int(match[2])
    lines = text.split("\n")
    if not line and len(lines) > 1:
        return message
    shown = lines[max(line, 1) - 1] if line <= len(lines) else ""
    return f"{message}\n{excerpt(shown, column - 1)}"

"""JSON texts as Go reads them (encoding/json, Unmarshal)."""

from __future__ import annotations

import re

#: A backslash that is escaped, a surrogate pair, or half of one.
_ESCAPE = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def without_halves(text: str) -> str:
    """A JSON text in which halves of surrogate pairs, which stand for nothing, are U+FFFD."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _ESCAPE.sub(lambda found: r"\ufffd" if found["half"] else found[0], text)

"""Text of others on a terminal: what would steer it is shown instead."""

from __future__ import annotations

_PICTURES = {**{code: 0x2400 + code for code in range(32)}, 0x7F: 0x2421}
#: C1 controls steer some terminals, too.
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def visible(text: str) -> str:
    """The text on one line, with pictures for control characters: `␊` for a line break."""
    return text.translate(_PICTURES)

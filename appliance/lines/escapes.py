"""Escape sequences in strings, as JSON and logfmt have them in common.

A code has four hexadecimal digits; what is beyond U+FFFF is written as two, a surrogate pair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|([^u]))", re.DOTALL)
_PARTNER = re.compile(rb"\\u([0-9a-fA-F]{4})")
_REPLACEMENT = 0xFFFD


@dataclass(frozen=True, slots=True)
class Escapes:
    """The escape sequences of one language.

    Attributes:
        plain: What a byte after a backslash stands for; `u` is not among them.
        is_pair: Whether two codes, of which the first is a surrogate, are one character.
        half: What a surrogate that is no part of a pair stands for; None when that is invalid.
    """

    plain: Mapping[int, bytes]
    is_pair: Callable[[int, int], bool]
    half: bytes | None

    def read(self, data: bytes) -> bytes | None:
        """The content of a string; None when an escape sequence in it is invalid."""
        pieces, at = [], 0
        while (start := data.find(b"\\", at)) >= 0:
            pieces.append(data[at:start])
            match = _ESCAPE.match(data, start)
            if match is None:
                return None
            at = match.end()
            if match[1] is None:
                piece = self.plain.get(match[2][0])
            else:
                piece, at = self._character(data, int(match[1], 16), at)
            if piece is None:
                return None
            pieces.append(piece)
        pieces.append(data[at:])
        return b"".join(pieces)

    def _character(self, data: bytes, code: int, at: int) -> tuple[bytes | None, int]:
        """What a code stands for, given what follows at `at`; and where to go on."""
        if 0xD800 <= code <= 0xDFFF:
            partner = _PARTNER.match(data, at)
            if partner is None or not self.is_pair(code, int(partner[1], 16)):
                return self.half, at
            code = 0x10000 + ((code - 0xD800) << 10) + int(partner[1], 16) - 0xDC00
            at = partner.end()
        return chr(code if code <= 0x10FFFF else _REPLACEMENT).encode(), at

"""String literals as Go has them: quoted with escapes, or raw between backquotes.

The Go Programming Language Specification, "String literals".
"""

from __future__ import annotations

import re

from appliance.base.errors import BadInput

_SIMPLE = {
    "a": b"\a", "b": b"\b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t", "v": b"\v",
    "\\": b"\\", "'": b"'", '"': b'"',
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"
    r"|[^\\]+|(\\)",
    re.DOTALL,
)
_PRINTED = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", '"': '\\"',
}  # fmt: skip

#: What Python makes of bytes that are no UTF-8 (surrogateescape).
_LONE_BYTES = range(0xDC80, 0xDD00)


def unquote(text: str) -> str:
    r"""The value of a string literal, quotes included in `text`.

    Bytes given as `\xff` that are no UTF-8 become U+FFFD.

    Raises:
        BadInput: An escape that Go does not know; `position` counts within `text`.
    """
    quote, body = text[0], text[1:-1]
    if quote == "`":
        return body.replace("\r", "")
    if "\\" not in body:
        return body
    return unquote_bytes(text).decode("utf-8", "replace")


def unquote_bytes(text: str) -> bytes:
    """The value of a string literal in quotes as Go has it: bytes, perhaps no UTF-8.

    Raises:
        BadInput: As `unquote`.
    """
    quote, body = text[0], text[1:-1]
    parts: list[bytes] = []
    for match in _ESCAPE.finditer(body):
        simple, hexadecimal, octal, short, long, broken = match.groups()
        if broken or (simple in {"'", '"'} and simple != quote):
            raise BadInput("invalid char escape", position=match.start() + 1)
        parts.append(_piece(match, simple, hexadecimal or "", octal or "", short or long))
    return b"".join(parts)


def _piece(
    match: re.Match[str], simple: str | None, hexadecimal: str, octal: str, point: str | None
) -> bytes:
    if simple:
        return _SIMPLE[simple]
    if hexadecimal or octal:
        number = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
    elif point:
        number = int(point, 16)
        if number <= 0x10FFFF and not 0xD800 <= number < 0xE000:
            return chr(number).encode()
        number = 256
    else:
        return match[0].encode()
    if number > 255:
        raise BadInput("invalid char escape", position=match.start() + 1)
    return bytes([number])


def quote(text: str | bytes) -> str:
    """A string literal in double quotes, as Go's `%q` prints it."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_printed(char) for char in text) + '"'


def _printed(char: str) -> str:
    if char in _PRINTED:
        return _PRINTED[char]
    if char.isprintable():
        return char
    number = ord(char)
    if number in _LONE_BYTES:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

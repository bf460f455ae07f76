"""One logfmt line, read as Loki reads it (pkg/logql/log/logfmt/decode.go)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.lines.escapes import Escapes
from appliance.lines.json_line import BrokenLineError
from appliance.lines.label_name import REPLACEMENT, decoded, sanitized

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIR = re.compile(
    rb'[\x00-\x20]*+([^\x00-\x20="]*+)'  # key
    rb'(?:=(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|(?!")([^\x00-\x20="]*+)))?+',  # quoted, plain value
    re.DOTALL,
)
_WORD_REST = re.compile(rb"[^\x00-\x20]*+")
_BLANK, _EQUALS, _QUOTE = b' ="'
_ESCAPES = Escapes(
    {code: bytes((byte,)) for code, byte in zip(b"\"\\/'bfnrt", b"\"\\/'\b\f\n\r\t", strict=True)},
    is_pair=lambda high, low: high < 0xDC00 <= low <= 0xDFFF,
    half=REPLACEMENT.encode(),
)


def pairs(line: bytes, *, is_strict: bool = False) -> Iterator[tuple[str, bytes]]:
    """Label names and values of a line in their order; names may come more than once.

    A key without a value has an empty one. Values need not be UTF-8. Names may be empty, which is
    a name of nothing.

    Args:
        is_strict: Raise where something is wrong, in place of going on behind it.

    Raises:
        BrokenLineError: In Loki's words.
    """
    at, end = 0, len(line)
    while at < end:
        match = _PAIR.match(line, at)
        if match is None:  # cannot be: all of it is optional
            return
        key, quoted, plain = match.groups()
        after = match.end()
        if match.end(1) == end and not key:
            return
        fault = _fault(line, match)
        if fault is None and quoted is not None and b"\\" in quoted:
            quoted = unquoted(quoted)
            fault = None if quoted is not None else (after, "invalid quoted value", after)
        if fault is None:
            at = after
            yield sanitized(decoded(key)), quoted if quoted is not None else plain or b""
            continue
        position, message, at = fault
        if is_strict:
            raise BrokenLineError(f"logfmt syntax error at pos {position + 1} : {message}")


def _fault(line: bytes, match: re.Match[bytes]) -> tuple[int, str, int] | None:
    """What is wrong with a pair: where, what, and where to go on."""
    key_end, after, end = match.end(1), match.end(), len(line)
    key = match[1]
    has_value = match[2] is not None or match[3] is not None
    byte = line[key_end] if key_end < end else _BLANK
    if not key.isascii() and REPLACEMENT in decoded(key) and byte != _QUOTE:
        at = key_end if byte <= _BLANK else _word_end(line, key_end)
        return key_end, "invalid key", at
    if not key or byte == _QUOTE:
        return key_end, _unexpected(byte), _word_end(line, key_end)
    if byte == _EQUALS and not has_value:
        return end, "unterminated quoted value", end
    if match[3] is not None and after < end and line[after] > _BLANK:
        return after, _unexpected(line[after]), _word_end(line, after)
    return None


def _unexpected(byte: int) -> str:
    return f"unexpected '{chr(byte)}'"


def _word_end(line: bytes, at: int) -> int:
    match = _WORD_REST.match(line, at)
    return match.end() if match else len(line)


def unquoted(data: bytes) -> bytes | None:
    """The content of a quoted value; None when an escape sequence in it is invalid."""
    return _ESCAPES.read(data)

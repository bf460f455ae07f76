"""What is wrong with text that is no token, in the words of Prometheus' lexer."""

from __future__ import annotations

import re

from appliance.syntax.quoting import quote

_SIMPLE_ESCAPES = frozenset("abfnrtv\\")
#: Letter behind the backslash → digits, base, greatest value.
_NUMERIC_ESCAPES = {"x": (2, 16, 255), "u": (4, 16, 0x10FFFF), "U": (8, 16, 0x10FFFF)}
_OCTAL = (3, 8, 255)
_SURROGATES = range(0xD800, 0xE000)
#: As far as Prometheus reads a number before it gives up: the number, what must not follow it, and
#: what could make it a duration.
_DIGITS = r"(?:[0-9]|_(?![._eE]|\Z))*"
_FRACTION = rf"\.(?![._]){_DIGITS}"
_EXPONENT = rf"[eE][+-]?(?![._eE]|\Z){_DIGITS}"
_READ = re.compile(
    rf"(?:0[xX][0-9a-fA-F_]*|(?:0\.?[0-9]?|\.?[0-9]){_DIGITS}"
    rf"(?:{_FRACTION}(?:{_EXPONENT})?|{_EXPONENT}(?:{_FRACTION})?)?)"
    r"(?:\.[._]?|[eE][+-]?[._eE]?|_[._eE]?)?"
    r"(?:[smhdwy]s?(?:[0-9]+[smhdw]s?)*(?:[0-9]+|[a-zA-Z0-9_])?)?"
)


def rune(char: str) -> str:
    """A character in single quotes, as Go's `%q` prints it; the empty string is the end."""
    if not char:
        return "'\ufffd'"
    if char in {"'", '"'}:
        return "'\\''" if char == "'" else "'\"'"
    return f"'{quote(char)[1:-1]}'"


def bad_number(text: str, at: int) -> str:
    """What is wrong with the number at a position."""
    match = _READ.match(text, at)
    return f"bad number or duration syntax: {quote(match[0] if match else text[at])}"


def escape_error(text: str, at: int, end: int) -> str:
    """What is wrong with the quoted string that starts at a position, if anything.

    Args:
        end: Behind its closing quote, or the end of the text when it has none.
    """
    mark = text[at]
    if mark == "`":
        wrong = text.find("\ufffd", at, end)
        if wrong >= 0:
            return "invalid UTF-8 rune"
        return "" if text[end - 1] == "`" and end > at + 1 else "unterminated raw string"
    if "\\" not in text[at:end] and "\ufffd" not in text[at:end]:
        return "" if _is_closed(text, at, end) else "unterminated quoted string"
    return _first_error(text, at + 1, mark)


def _is_closed(text: str, at: int, end: int) -> bool:
    return end > at + 1 and text[end - 1] == text[at] and "\n" not in text[at:end]


def _first_error(text: str, at: int, mark: str) -> str:
    while at < len(text) and text[at] != "\n":
        char = text[at]
        if char == mark:
            return ""
        if char == "\ufffd":
            return "invalid UTF-8 rune"
        if char == "\\":
            wrong, at = _escape(text, at + 1, mark)
            if wrong:
                return wrong
        else:
            at += 1
    return "unterminated quoted string"


def _escape(text: str, at: int, mark: str) -> tuple[str, int]:
    """What is wrong with the escape whose backslash was read, and where it ends."""
    char = text[at : at + 1]
    if not char:
        return "escape sequence not terminated", at
    if char in _SIMPLE_ESCAPES or char == mark:
        return "", at + 1
    if char in "01234567":
        count, base, greatest = _OCTAL
    elif char in _NUMERIC_ESCAPES:
        count, base, greatest = _NUMERIC_ESCAPES[char]
        at += 1
    else:
        return f"unknown escape sequence {_code_point(char)}", at
    value = 0
    for digit in text[at : at + count].ljust(count, "\0"):
        number = int(digit, 16) if digit.isascii() and digit in "0123456789abcdefABCDEF" else base
        if number >= base:
            at_end = digit == "\0" and at >= len(text)
            wrong = f"illegal character {_code_point(digit)} in escape sequence"
            return ("escape sequence not terminated" if at_end else wrong), at
        value = value * base + number
        at += 1
    if value > greatest or value in _SURROGATES:
        return "escape sequence is an invalid Unicode code point", at
    return "", at


def _code_point(char: str) -> str:
    """A character as Go's `%#U` prints it."""
    return f"U+{ord(char):04X}" + (f" '{char}'" if char.isprintable() else "")

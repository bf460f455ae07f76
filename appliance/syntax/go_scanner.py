"""What Go's text/scanner takes for a number or a string, and its words for what is neither."""

from __future__ import annotations

import re

from appliance.base.errors import BadInput
from appliance.syntax.quoting import unquote

BLANKS = r"(?:[ \t\r\n]+|//[^\n]*|/\*(?s:.*?)\*/)+"
STRING = (
    r'"(?:[^"\\\n]|\\[abfnrtv\\"]|\\x[0-9a-fA-F]{2}|\\[0-7]{3}'
    r'|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})*"|`[^`]*`'
)
NUMBER = (
    r"0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]*)?"
)
_OCTAL = re.compile(r"0[0-9_]*[89][0-9_]*")
_WRONG_SEPARATOR = re.compile(r"_(?![0-9a-fA-F])|(?<![0-9a-fA-FxX])_")
_STRING_BODY = re.compile(r'(?:[^"\\\n]|\\.)*')


def wrong_number(text: str) -> str:
    """What is wrong with a number, if anything."""
    if text[-1] in "eEpP+-" and text[1:2] not in {"x", "X"}:
        return "exponent has no digits"
    if text in {"0x", "0X"}:
        return "hexadecimal literal has no digits"
    digit = _OCTAL.fullmatch(text) and next(char for char in text if char in "89")
    if digit:
        return f"invalid digit '{digit}' in octal literal"
    if "_" in text and _WRONG_SEPARATOR.search(text):
        return "'_' must separate successive digits"
    return ""


def unreadable(text: str, at: int) -> str:
    """What is wrong where no token starts."""
    char = text[at]
    if char in '"`':
        return _wrong_string(text, at)
    if char == "'":
        is_closed = "'" in text[at + 1 :].split("\n", 1)[0]
        return "invalid char literal" if is_closed else "literal not terminated"
    return "comment not terminated" if char == "/" else "invalid character NUL"


def _wrong_string(text: str, at: int) -> str:
    if text[at] == "`":
        return "literal not terminated"
    body = _STRING_BODY.match(text, at + 1)
    end = body.end() if body else at
    try:
        unquote(f'"{text[at + 1 : end]}"')
    except BadInput:
        return "invalid char escape"
    return "invalid char escape" if text[end : end + 1] == "\\" else "literal not terminated"

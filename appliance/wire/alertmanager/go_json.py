"""JSON as Go's encoding/json reads it.

What follows the first value is left alone, bytes that are no UTF-8 become U+FFFD, and what is
wrong is told in Go's words.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from appliance.base.errors import BadInput

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_HEX = re.compile(r"[0-9a-fA-F]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LITERALS = {"t": "true", "f": "false", "n": "null"}
#: Patterns of the parts of a number, whether each is a must, and what Go says where it is missing.
_NUMBER = (
    (re.compile(r"-?"), ""),
    (re.compile(r"0|[1-9][0-9]*"), "in numeric literal"),
    (re.compile(r"\.?"), ""),
    (re.compile(r"[0-9]+"), "after decimal point in numeric literal"),
    (re.compile(r"(?:[eE][+-]?)?"), ""),
    (re.compile(r"[0-9]+"), "in exponent of numeric literal"),
)


class EmptyBody(BadInput):
    """There is no value at all."""


def read_json(body: bytes) -> Any:
    """The first value of a text.

    Raises:
        EmptyBody: There is none.
        BadInput: In Go's words.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read_slowly(body.decode(errors="replace"))


def _read_slowly(text: str) -> Any:
    start = _skip(text, 0)
    if start == len(text):
        raise EmptyBody("EOF")
    decoder = json.JSONDecoder(parse_constant=_refuse)
    try:
        value, _ = decoder.raw_decode(text, start)
    except ValueError:
        raise BadInput(_Scan(text).fault()) from None
    except RecursionError:
        raise BadInput("exceeded max depth") from None
    return _mended(value)


def _refuse(name: str) -> None:
    raise ValueError(name)


def _mended(value: Any) -> Any:
    """The value without lone surrogates."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(item) for name, item in value.items()}
    return value


def kind_of(value: object) -> str:
    """What Go calls a JSON value."""
    for kind, name in ((bool, "bool"), (str, "string"), (dict, "object"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "number"


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


class _Fault(Exception):  # noqa: N818 - never leaves this module
    """Where reading stopped, and what was expected there."""

    def __init__(self, at: int, context: str) -> None:
        self.at = at
        self.context = context


class _Scan:
    """Finds the first fault of a text that is known to have one."""

    def __init__(self, text: str) -> None:
        self._text = text

    def fault(self) -> str:
        """What Go's scanner says."""
        try:
            self._value(0)
        except _Fault as fault:
            if fault.at >= len(self._text):
                return "unexpected EOF"
            char = self._text[fault.at]
            shown = {"'": "\\'", '"': '"'}.get(char) or json.dumps(char, ensure_ascii=False)[1:-1]
            shown = re.sub(r"\\u00([0-9a-f]{2})", r"\\x\1", shown)
            return f"invalid character '{shown}' {fault.context}"
        except RecursionError:
            return "exceeded max depth"
        return "unexpected EOF"

    def _peek(self, at: int) -> str:
        return self._text[at : at + 1]

    def _value(self, at: int) -> int:
        """The end of the value after `at`."""
        at = _skip(self._text, at)
        first = self._peek(at)
        if first == "{":
            return self._items(at + 1, "}", "object key:value pair")
        if first == "[":
            return self._items(at + 1, "]", "array element")
        if first == '"':
            return self._string(at)
        if first in _LITERALS:
            return self._literal(at, _LITERALS[first])
        if first.isascii() and (first.isdigit() or first == "-"):
            return self._number(at)
        raise _Fault(at, "looking for beginning of value")

    def _items(self, at: int, closing: str, what: str) -> int:
        at = _skip(self._text, at)
        if self._peek(at) == closing:
            return at + 1
        while True:
            at = self._value(self._key(at) if closing == "}" else at)
            at = _skip(self._text, at)
            if self._peek(at) == closing:
                return at + 1
            if self._peek(at) != ",":
                raise _Fault(at, f"after {what}")
            at = _skip(self._text, at + 1)

    def _key(self, at: int) -> int:
        if self._peek(at) != '"':
            raise _Fault(at, "looking for beginning of object key string")
        at = _skip(self._text, self._string(at))
        if self._peek(at) != ":":
            raise _Fault(at, "after object key")
        return at + 1

    def _string(self, at: int) -> int:
        match = _STRING.match(self._text, at)
        at = match.end() if match else at
        if self._peek(at) == '"':
            return at + 1
        if self._peek(at) != "\\":
            raise _Fault(at, "in string literal")
        if self._peek(at + 1) != "u":
            raise _Fault(at + 1, "in string escape code")
        digits = _HEX.match(self._text, at + 2)
        raise _Fault(digits.end() if digits else at, r"in \u hexadecimal character escape")

    def _literal(self, at: int, word: str) -> int:
        for offset, letter in enumerate(word):
            if self._peek(at + offset) != letter:
                raise _Fault(at + offset, f"in literal {word} (expecting '{letter}')")
        return at + len(word)

    def _number(self, at: int) -> int:
        is_wanted = True
        for index, (pattern, context) in enumerate(_NUMBER):
            match = pattern.match(self._text, at)
            if not context:
                end = match.end() if match else at
                is_wanted = index == 0 or end > at
                at = end
            elif is_wanted:
                if match is None:
                    raise _Fault(at, context)
                at = match.end()
        return at

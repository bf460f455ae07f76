"""Expressions of json and logfmt stages: `a.b[0]["c"]`, `key` (Loki 3, jsonexpr, logfmt)."""

from __future__ import annotations

import re

from appliance.base.digits import read_digits
from appliance.base.errors import BadInput

_TOKEN = re.compile(
    r"[ \t\n]*(?:(?P<FIELD>[a-zA-Z_][a-zA-Z0-9_]*)|\"(?P<STRING>[^\"\]\0]*)[\"\]\0]?"
    r"|(?P<INDEX>[0-9]+)|(?P<LSB>\[)|(?P<RSB>\])|(?P<DOT>\.)|(?P<END>$|\0)|(?P<ODD>.))",
    re.DOTALL,
)
_SHOWN_END = "$end"
#: What may come after what, in the words and order of Loki's parser.
_EXPECTED = {
    "start": ("LSB", "FIELD"),
    "key": ("STRING", "INDEX"),
    "close": ("RSB",),
    "field": ("FIELD",),
}

Token = tuple[str, str]


def parse_json_path(text: str) -> tuple[str | int, ...]:
    """Keys and indexes, from the outermost.

    Raises:
        BadInput: `cannot parse expression [a[]: syntax error: …`, in Loki's words.
    """
    tokens = _tokens(text, is_json=True)
    path: list[str | int] = []
    state = "start"
    for kind, value in tokens:
        if state == "next":
            if kind == "END":
                return tuple(path)
            state = {"LSB": "key", "DOT": "field"}.get(kind, "wrong")
        elif kind not in _EXPECTED[state]:
            raise _unexpected(text, kind, state)
        elif kind in {"STRING", "INDEX"}:
            path.append(read_digits(value) if kind == "INDEX" else value)
            state = "close"
        elif kind == "FIELD":
            path.append(value)
            state = "next"
        else:
            state = "key" if kind == "LSB" else "next"
        if state == "wrong":
            raise _unexpected(text, kind, state)
    raise _unexpected(text, "END", state)


def parse_logfmt_key(text: str) -> str:
    """The key that an expression names; of several, which match nothing, the first.

    Raises:
        BadInput: In Loki's words.
    """
    tokens = _tokens(text, is_json=False)
    if tokens[0][0] == "END":
        raise _wrong(text, f"syntax error: unexpected {_SHOWN_END}, expecting STRING or FIELD")
    return tokens[0][1] if len(tokens) == 2 else ""


def _tokens(text: str, *, is_json: bool) -> list[Token]:
    found: list[Token] = []
    at = 0
    while match := _TOKEN.match(text, at):
        kind, at = str(match.lastgroup), match.end()
        if kind == "ODD" or (not is_json and kind not in {"FIELD", "STRING", "END"}):
            raise _wrong(text, f"unexpected char {match[0].lstrip()[:1]}")
        if kind == "INDEX":
            _check_index(text, at)
        found.append((kind, match[kind]))
        if kind == "END":
            break
    return found


def _check_index(text: str, at: int) -> None:
    following = text[at : at + 1]
    if following == ".":
        raise _wrong(text, "cannot use float as array index")
    if following and following not in " \t\n]":
        raise _wrong(text, f"non-integer value: {following}")


def _unexpected(text: str, kind: str, state: str) -> BadInput:
    shown = _SHOWN_END if kind == "END" else kind
    message = f"syntax error: unexpected {shown}"
    if state in _EXPECTED:
        message += f", expecting {' or '.join(_EXPECTED[state])}"
    return _wrong(text, message)


def _wrong(text: str, message: str) -> BadInput:
    return BadInput(f"cannot parse expression [{text}]: {message}")

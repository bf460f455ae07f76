"""Tokens of LogQL (Loki 3, pkg/logql/syntax/lex.go).

Keywords are recognised in any case; names of functions only where a parenthesis or a grouping
follows, so that they can be label names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.syntax.lexer import Kind, Lexer, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

IDENTIFIER, NUMBER, STRING, RANGE, FUNCTION = "IDENTIFIER", "NUMBER", "STRING", "RANGE", "FUNCTION"
FUNCTIONS = frozenset(
    [
        "rate", "rate_counter", "count_over_time", "bytes_rate", "bytes_over_time", "sum_over_time",
        "avg_over_time", "max_over_time", "min_over_time", "stdvar_over_time", "stddev_over_time",
        "quantile_over_time", "first_over_time", "last_over_time", "absent_over_time",
        "sum", "avg", "max", "min", "count", "stddev", "stdvar", "topk", "bottomk", "sort",
        "sort_desc", "approx_topk", "label_replace", "vector", "ip", "bytes", "duration",
        "duration_seconds",
    ]
)  # fmt: skip
KEYWORDS = frozenset(
    [
        "bool", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "unwrap",
        "json", "regexp", "logfmt", "unpack", "pattern", "label_format", "line_format",
        "decolorize", "drop", "keep", "and", "or", "unless",
    ]
)  # fmt: skip
_MARKS = (
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "{", "}", "(", ")", ",", "=", "|",
    ">", "<", "+", "-", "*", "/", "%", "^",
)  # fmt: skip

_LEXER = Lexer(
    {
        "": [
            Kind("blank", r"\s+", skip=True),
            Kind("comment", r"#[^\n]*", skip=True),
            Kind(STRING, r'"(?:[^"\\\n]|\\.)*"'),
            Kind(STRING, r"`[^`]*`"),
            Kind("open", r'["`]', error="literal not terminated"),
            Kind(RANGE, r"\[[^\]]*\]"),
            Kind("open", r"\[", error="missing closing ']' in duration"),
            Kind(NUMBER, r"\d[\w.]*|\.\d[\w.]*"),
            *(Kind(mark, "".join(f"\\{char}" for char in mark)) for mark in _MARKS),
            Kind(IDENTIFIER, r"[^\W\d]\w*", keywords={word: word for word in KEYWORDS}),
            Kind(IDENTIFIER, r"."),
        ]
    },
    "",
)


def tokens(text: str) -> list[Token]:
    """The tokens of a query."""
    found = _LEXER.tokens(text)
    return [
        _as_function(token) if _is_function(found, index) else token
        for index, token in enumerate(found)
    ]


def _is_function(found: Sequence[Token], index: int) -> bool:
    token = found[index]
    if token.kind != IDENTIFIER or token.text.lower() not in FUNCTIONS:
        return False
    return found[index + 1].kind in {"(", "by", "without"}


def _as_function(token: Token) -> Token:
    return Token(FUNCTION, token.text, token.position, token.end)

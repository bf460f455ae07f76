"""Tokens of PromQL (Prometheus 3, promql/parser/lex.go).

Invariant: parentheses that do not pair end the stream with an ERROR, as in Prometheus.
"""

from __future__ import annotations

from appliance.syntax.lexer import END, ERROR, Kind, Lexer, Token

IDENTIFIER, METRIC_IDENTIFIER, NUMBER, DURATION, STRING = (
    "identifier",
    "metric identifier",
    "number",
    "duration",
    "string",
)
AGGREGATORS = frozenset(
    [
        "sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk",
        "count_values", "quantile", "limitk", "limit_ratio",
    ]
)  # fmt: skip
#: Binary operators that are words.
WORD_OPERATORS = frozenset(["and", "or", "unless", "atan2"])
OPERATORS = frozenset(
    ["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "=~", "!~", "@"]
) | WORD_OPERATORS  # fmt: skip
#: Words that cannot be metric names.
RESERVED = frozenset(["bool", "on", "ignoring", "group_left", "group_right"])
KEYWORDS = RESERVED | {"offset", "by", "without"}

_WORDS = {word: word for word in AGGREGATORS | WORD_OPERATORS | KEYWORDS}
_WORDS |= {"inf": NUMBER, "nan": NUMBER}
_DIGITS = r"\d(?:_?\d)*"
_BLANKS = [Kind("blank", r"[ \t\r\n]+", skip=True), Kind("comment", r"#[^\r\n]*", skip=True)]
_STRINGS = [
    Kind(STRING, r'"(?:[^"\\\n]|\\.)*"'),
    Kind(STRING, r"'(?:[^'\\\n]|\\.)*'"),
    Kind(STRING, r"`[^`]*`"),
    Kind("unterminated", r"[\"'][^\n]*", error="unterminated quoted string"),
    Kind("unterminated", r"`", error="unterminated raw string"),
]
_NUMBERS = [
    Kind(DURATION, r"(?:\d+(?:ms|[smhdwy]))+(?![a-zA-Z0-9_])"),
    Kind(
        NUMBER,
        rf"(?:0[xX][0-9a-fA-F]+|(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?\d+)?)"
        r"(?![a-zA-Z0-9_])",
    ),
    Kind("bad", r"\.?\d+\.?\d*", error='bad number or duration syntax: "{text}"'),
]
_MARKS = [
    Kind(mark, pattern)
    for mark, pattern in (
        ("==", "=="), ("!=", "!="), ("<=", "<="), (">=", ">="), ("<", "<"), (">", ">"),
    )
]  # fmt: skip
_SINGLE = [Kind(mark, f"[{mark}]") for mark in ",+-*/%()@"] + [Kind("^", r"\^")]

_LEXER = Lexer(
    {
        "statement": [
            *_BLANKS,
            *_STRINGS,
            *_NUMBERS,
            *_MARKS,
            Kind("bad", r"=~", error="unexpected character after '=': '~'"),
            Kind("=", r"="),
            Kind("bad", r"!", error="unexpected character after '!'"),
            *_SINGLE,
            Kind("{", r"\{", push="braces"),
            Kind("[", r"\[", push="brackets"),
            Kind("]", r"\]", error="unexpected right bracket ']'"),
            Kind(METRIC_IDENTIFIER, r"[a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z0-9_:]*|:[a-zA-Z0-9_:]*"),
            Kind(IDENTIFIER, r"[a-zA-Z_][a-zA-Z0-9_]*", keywords=_WORDS),
        ],
        "brackets": [
            Kind("unclosed", r"\Z", error="unclosed left bracket"),
            *_BLANKS,
            *_NUMBERS,
            *_SINGLE,
            Kind(":", r":"),
            Kind("]", r"\]", pop=True),
            Kind("[", r"\[", error="unexpected left bracket '['"),
            Kind(IDENTIFIER, r"[a-zA-Z_][a-zA-Z0-9_]*"),
        ],
        "braces": [
            Kind("unclosed", r"\Z", error="unexpected end of input inside braces"),
            *_BLANKS,
            *_STRINGS,
            Kind("=~", r"=~"),
            Kind("!~", r"!~"),
            Kind("!=", r"!="),
            Kind("=", r"="),
            Kind("bad", r"!", error="unexpected character after '!' inside braces"),
            Kind(",", r","),
            Kind("}", r"\}", pop=True),
            Kind("{", r"\{", error="unexpected left brace '{{'"),
            Kind(IDENTIFIER, r"[a-zA-Z_][a-zA-Z0-9_]*"),
            Kind("bad", r".", error="unexpected character inside braces: {text!r}"),
        ],
    },
    "statement",
)


def tokens(text: str) -> list[Token]:
    """The tokens of an expression."""
    found = _LEXER.tokens(text)
    depth = 0
    for index, token in enumerate(found):
        depth += (token.kind == "(") - (token.kind == ")")
        if depth < 0:
            wrong = Token(ERROR, "unexpected right parenthesis ')'", token.position, token.end)
            return [*found[:index], wrong]
        if token.kind == END and depth:
            return [
                *found[:-1],
                Token(ERROR, "unclosed left parenthesis", token.position, token.end),
            ]
    return found

"""Tokens of LogQL."""

from __future__ import annotations

import pytest

from appliance.logql.lexer import tokens
from appliance.syntax.lexer import END, ERROR


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{app="x"}', ["{", "IDENTIFIER", "=", "STRING", "}"]),
        ('|= "a" != `b` # c', ["|=", "STRING", "!=", "STRING"]),
        ("| JSON | unwrap x", ["|", "json", "|", "unwrap", "IDENTIFIER"]),
        (
            "sum(rate) by (count)",
            ["FUNCTION", "(", "IDENTIFIER", ")", "by", "(", "IDENTIFIER", ")"],
        ),
        ("Sum by", ["FUNCTION", "by"]),
        ("[5m] 1.5h", ["RANGE", "NUMBER"]),
        ("grün;'", ["IDENTIFIER", "IDENTIFIER", "IDENTIFIER"]),
    ],
)
def test_kinds(text: str, expected: list[str]) -> None:
    assert kinds(text) == [*expected, END]


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [('{a="x}', "literal not terminated", 3), ("[5", "missing closing ']' in duration", 0)],
)
def test_unclosed_pieces(text: str, message: str, position: int) -> None:
    last = tokens(text)[-1]
    assert (last.kind, last.text, last.position) == (ERROR, message, position)

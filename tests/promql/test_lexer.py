"""Tokens of PromQL."""

from __future__ import annotations

import pytest

from appliance.promql.lexer import tokens
from appliance.syntax.lexer import END, ERROR


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo{a='b'} # x", ["identifier", "{", "identifier", "=", "string", "}"]),
        ("foo[5m]", ["identifier", "[", "duration", "]"]),
        ("a:b offset -1h30m", ["metric identifier", "offset", "-", "duration"]),
        ("1_000.5e-3 0x1F .5 5. inf NaN", ["number"] * 6),
        ("x[1m:30s]", ["identifier", "[", "duration", ":", "duration", "]"]),
        ("sum BY (a) >= bool 1", ["sum", "by", "(", "identifier", ")", ">=", "bool", "number"]),
        ('{by=~"x",', ["{", "identifier", "=~", "string", ",", "error"]),
        ("{'a.b'!~`y`}", ["{", "string", "!~", "string", "}"]),
    ],
)  # fmt: skip
def test_kinds(text: str, expected: list[str]) -> None:
    assert kinds(text) == [*expected, END][: len(expected) + (expected[-1] != ERROR)]


@pytest.mark.parametrize(
    "text", ["5x", "'a", '"a\nb"', "`a", "{", "{a", "x[", "x]", "(", ")", "a ) (", "&", "{&}", "{{"]
)
def test_what_is_no_token_ends_the_stream(text: str) -> None:
    assert kinds(text)[-1] == ERROR

"""Operands and operators put together by precedence."""

from __future__ import annotations

import pytest

from appliance.syntax.lexer import Token
from appliance.traceql.parsing.chains import LONG_RUN, Chain

LEVELS = {"&": 1, "|": 1, "=": 2, "+": 3, "*": 5, "^": 6}


def grouped(text: str) -> str:
    """Operands are letters and digits; `-` stands before an operand."""
    chain: Chain[str] = Chain(
        lambda token, left, right: f"({left}{token.text}{right})",
        lambda token, operand: f"({token.text}{operand})",
    )
    for char in text:
        token = Token(char, char, 0, 1)
        if char == "-":
            chain.add_prefix(token, 3)
        elif char in LEVELS:
            chain.settle(LEVELS[char], is_right_associative=char == "^")
            chain.add_operator(token, LEVELS[char])
        else:
            chain.add_operand(char)
    return chain.finish()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("a+b+c", "((a+b)+c)"),
        ("a^b^c", "(a^(b^c))"),
        ("a+b*c^d=e", "((a+(b*(c^d)))=e)"),
        ("a&b|c&d", "(((a&b)|c)&d)"),
        ("-a*b+c", "((-(a*b))+c)"),
        ("a*-b+c", "((a*(-b))+c)"),
        ("--a", "(-(-a))"),
        ("a&b=c&d", "((a&(b=c))&d)"),
    ],
)
def test_grouping(text: str, expected: str) -> None:
    assert grouped(text) == expected


def test_long_runs_are_balanced() -> None:
    count = 4 * LONG_RUN
    text = grouped("&".join("a" * count))
    depth = max(text[:at].count("(") - text[:at].count(")") for at in range(len(text)))
    assert text.count("a") == count
    assert depth == 7


def test_short_runs_are_not() -> None:
    assert grouped("&".join("a" * LONG_RUN)).startswith("(" * (LONG_RUN - 1) + "a")


def test_a_prefix_needs_a_function() -> None:
    chain: Chain[str] = Chain(lambda _token, left, right: left + right)
    chain.add_prefix(Token("-", "-", 0, 1), 3)
    chain.add_operand("a")
    with pytest.raises(TypeError):
        chain.finish()

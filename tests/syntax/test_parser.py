"""The token stream and precedence climbing, with a calculator."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.syntax.lexer import END, Kind, Lexer, Token
from appliance.syntax.parser import Operator, TokenStream, climb

LEXER = Lexer(
    {
        "": [
            Kind("blank", r"\s+", skip=True),
            Kind("number", r"\d+"),
            *(Kind(mark, rf"\{mark}") for mark in "+-*^()"),
        ]
    },
    "",
)
OPERATORS = {
    "+": Operator(1),
    "-": Operator(1),
    "*": Operator(2),
    "^": Operator(3, is_right_associative=True),
}


class Calculator(TokenStream):
    def error(self, message: str, token: Token) -> BadInput:
        return BadInput(message, position=token.position)

    def unexpected(self, token: Token, context: str, expected: str) -> BadInput:
        found = "the end" if token.kind == END else token.text
        return self.error(f"{found} in {context}, expected {expected}", token)

    def operand(self) -> str:
        if self.accept("("):
            inner = self.expression()
            self.expect(")", context="brackets", expected=")")
            return inner
        return self.expect("number", context="sum", expected="a number").text

    def expression(self) -> str:
        def combine(token: Token, left: str, right: str) -> str:
            return f"({left}{token.text}{right})"

        return climb(self, self.operand, OPERATORS, combine=combine)


def grouped(text: str) -> str:
    stream = Calculator(text, LEXER.tokens(text))
    found = stream.expression()
    stream.expect(END, context="sum", expected="the end")
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        ("1 - 2 - 3", "((1-2)-3)"),
        ("1 + 2 * 3 + 4", "((1+(2*3))+4)"),
        ("2 ^ 3 ^ 4", "(2^(3^4))"),
        ("2 * 3 ^ 4 + 1", "((2*(3^4))+1)"),
        ("(1 + 2) * 3", "((1+2)*3)"),
    ],
)
def test_operators_bind_by_precedence(text: str, expected: str) -> None:
    assert grouped(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("1 +", "the end in sum, expected a number", 3),
        ("(1", "the end in brackets, expected )", 2),
        ("1 2", "2 in sum, expected the end", 2),
        ("1 + x", "unexpected character: 'x'", 4),
    ],
)
def test_errors_say_what_was_expected(text: str, message: str, position: int) -> None:
    with pytest.raises(BadInput) as caught:
        grouped(text)
    assert (caught.value.message, caught.value.position) == (message, position)


def test_end_is_never_passed() -> None:
    stream = Calculator("1", LEXER.tokens("1"))
    assert [stream.next().kind for _ in range(3)] == ["number", END, END]
    assert stream.peek(5).kind == END

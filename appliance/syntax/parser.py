"""A stream of tokens for recursive descent, and precedence climbing for binary operators."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from appliance.syntax.lexer import END, ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from appliance.base.errors import BadInput
    from appliance.syntax.lexer import Token

T = TypeVar("T")
#: Brackets in brackets: deeper ones would exhaust the stack of parser, printer or engine.
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Operator:
    """How a binary operator binds; higher binds tighter."""

    precedence: int
    is_right_associative: bool = False


class TokenStream:
    """Tokens to be read one after the other.

    Subclasses give errors their contract's wording. An ERROR token is raised when it is looked at.
    """

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def error(self, message: str, token: Token) -> BadInput:
        """An error at a token, in the language's wording."""
        raise NotImplementedError

    def unexpected(self, token: Token, context: str, expected: str) -> BadInput:
        """The error for a token that does not fit; `context` says what was being read."""
        raise NotImplementedError

    def peek(self, ahead: int = 0) -> Token:
        """The next token, or one further ahead, without reading it."""
        token = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        if token.kind == ERROR:
            raise self.error(token.text, token)
        return token

    def next(self) -> Token:
        """Read a token; END is never passed."""
        token = self.peek()
        if token.kind != END:
            self._at += 1
        return token

    def accept(self, *kinds: str) -> Token | None:
        """Read the next token if it is of one of the kinds."""
        return self.next() if self.peek().kind in kinds else None

    def expect(self, *kinds: str, context: str = "", expected: str = "") -> Token:
        """Read the next token, which has to be of one of the kinds.

        Raises:
            BadInput: It is not.
        """
        token = self.peek()
        if token.kind not in kinds:
            raise self.unexpected(token, context, expected)
        return self.next()

    @contextmanager
    def deeper(self, token: Token) -> Iterator[None]:
        """Read what is inside of a bracket.

        Args:
            token: The bracket.

        Raises:
            BadInput: More than `MAX_DEPTH` are open.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep", token)
        yield
        self._depth -= 1


def climb(
    stream: TokenStream,
    operand: Callable[[], T],
    operators: Mapping[str, Operator],
    *,
    combine: Callable[[Token, T, T], T],
    minimum: int = 0,
) -> T:
    """Read operands and binary operators by precedence.

    Args:
        operand: Reads one operand.
        operators: By kind of token.
        combine: Makes a node of operator, left and right.
        minimum: Operators that bind less than this are left to the caller.
    """
    left = operand()
    while (token := stream.peek()).kind in operators:
        operator = operators[token.kind]
        if operator.precedence < minimum:
            break
        stream.next()
        above = operator.precedence + (0 if operator.is_right_associative else 1)
        right = climb(stream, operand, operators, combine=combine, minimum=above)
        left = combine(token, left, right)
    return left

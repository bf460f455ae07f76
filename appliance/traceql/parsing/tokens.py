"""What all readers of TraceQL share: tokens in sequence, and errors worded as Tempo words them.

`parse error at line L, col C: …` where a token does not fit (columns in characters), and
`parse error : …` where there is no place to tell. Tempo's parser names up to four tokens that would
have fitted, or none; so do the readers. Below that first line may stand a second one that helps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.syntax.parser import TokenStream
from appliance.syntax.source import line_column
from appliance.traceql.lexer import (
    COLONS,
    DOTS,
    DURATION,
    END_ATTRIBUTE,
    NAME_ERRORS,
    STATUS_ERROR,
    tokens,
)
from appliance.traceql.parsing.hints import hint

if TYPE_CHECKING:
    from appliance.syntax.lexer import Token

_MARKS = frozenset("!<>=&|~")


class TraceStream(TokenStream):
    """The tokens of a query."""

    def __init__(self, text: str) -> None:
        super().__init__(text, tokens(text))

    def error(self, message: str, token: Token) -> BadInput:
        """An error at a token."""
        line, column = line_column(self.text, token.position)
        where = f"at line {0 if _is_advanced(token) else line}, col {column}"
        if not self.text:
            where = ""
        return BadInput(f"parse error {where}: {message}", position=token.position)

    def unexpected(
        self,
        token: Token,
        context: str = "",  # noqa: ARG002 - the toolkit's signature
        expected: str = "",
    ) -> BadInput:
        """The error for a token that does not fit.

        Args:
            context: Not used.
            expected: What would have fitted, joined by " or "; empty: too much to tell.
        """
        message = f"syntax error: unexpected {_shown(token)}"
        message += f", expecting {expected}" if expected else ""
        wrong = self.error(message, token)
        help_text = hint(self._tokens, token, expected)
        return (
            BadInput(f"{wrong.message}\n{help_text}", position=token.position)
            if help_text
            else wrong
        )

    def need(self, kind: str, expected: str = "") -> Token:
        """Read the next token, which has to be of a kind.

        Args:
            expected: What Tempo says it expected, when that is not the kind.

        Raises:
            BadInput: It is not.
        """
        return self.expect(kind, expected=expected or kind)


def _shown(token: Token) -> str:
    """What Tempo calls a token."""
    return token.text if token.kind == STATUS_ERROR else token.kind


def _is_advanced(token: Token) -> bool:
    """Whether Tempo's lexer has lost the line of a token; it does when it puts one together."""
    if token.kind == DURATION or token.text in NAME_ERRORS:
        return True
    is_joined = token.kind in DOTS | COLONS | {END_ATTRIBUTE} or token.kind[0] in _MARKS
    return is_joined and token.end - token.position > 1

"""What all readers of LogQL share: tokens in sequence, and errors worded as Loki words them.

`parse error at line L, col C: …` where a token does not fit (columns in characters), and
`parse error : …` where the meaning is wrong. Loki's parser names up to four tokens that would have
fitted, or none; so do the readers. Below that first line may stand a second one that helps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.logql.lexer import (
    BYTES,
    DURATION,
    END,
    ERROR,
    FLAG,
    IDENTIFIER,
    RANGE,
    STRING,
    tokens,
)
from appliance.logql.parsing.hints import hint
from appliance.model.matcher import Matcher, MatchOp
from appliance.syntax.quoting import unquote
from appliance.syntax.source import line_column

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

#: Brackets in brackets, and operations in operations: deeper ones would exhaust Python's stack.
MAX_DEPTH, MAX_OPERATIONS = 100, 250
MATCH_OPS = {op.value: op for op in MatchOp}
#: Loki loses the line of tokens that its lexer puts together.
_WITHOUT_LINE = frozenset(
    ["|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", RANGE, DURATION, BYTES, FLAG]
)


def wrong(message: str, position: int | None = None) -> BadInput:
    """An error of meaning, without line and column."""
    return BadInput(f"parse error : {message}", position=position)


class TokenReader:
    """Reads tokens one after the other, and what is made of few: strings, names, matchers.

    Attributes:
        at: Index of the next token.
        kind: Its kind.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        found = tokens(text)
        self.kinds, self.texts, self.starts = found.kinds, found.texts, found.starts
        self.at = 0
        self.kind = self.kinds[0]
        self._depth = 0

    @property
    def position(self) -> int:
        """Offset of the next token."""
        return self.starts[self.at]

    def take(self) -> str:
        """Read a token, which is not the last one; its text."""
        text = self.texts[self.at]
        self.at += 1
        self.kind = self.kinds[self.at]
        return text

    def accept(self, kind: str) -> bool:
        """Read the next token if it is of a kind."""
        if self.kind != kind:
            return False
        self.at += 1
        self.kind = self.kinds[self.at]
        return True

    def expect(self, kind: str, expected: str | None = None) -> str:
        """Read the next token, which has to be of a kind; its text.

        Args:
            expected: What Loki says it expected, when that is not the kind.
        """
        if self.kind != kind:
            self.unexpected(kind if expected is None else expected)
        return self.take()

    def string(self) -> str:
        """Read a string."""
        return unquote(self.expect(STRING))

    def unexpected(self, expected: str = "") -> NoReturn:
        """Complain about the next token.

        Args:
            expected: What would have fitted, joined by " or "; the empty string: too much to tell.
        """
        if self.kind == ERROR:
            message = self.texts[self.at]
        else:
            message = f"syntax error: unexpected {self.kind}"
            message += f", expecting {expected}" if expected else ""
        line, column = line_column(self.text, self.position)
        where = f"at line {line}, col {column}"
        if not self.text:
            where = ""
        elif self.kind in _WITHOUT_LINE or self.text[self.position :][:1] == "[":
            where = f"at line 0, col {column}"
        help_text = hint(self.kinds, self.texts, at=self.at)
        more = f"\n{help_text}" if help_text else ""
        raise BadInput(f"parse error {where}: {message}{more}", position=self.position) from None

    def enter(self) -> None:
        """Count a bracket that is read.

        Raises:
            BadInput: Too many are open.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise wrong(f"nested more than {MAX_DEPTH} deep", self.position)

    def leave(self) -> None:
        """What is in the bracket was read."""
        self._depth -= 1

    def end(self) -> None:
        """Nothing may follow."""
        if self.kind != END:
            self.unexpected()

    def names(self) -> tuple[str, ...]:
        """Labels in parentheses, perhaps none."""
        self.expect("(")
        if self.accept(")"):
            return ()
        return tuple(self._names())

    def _names(self) -> Iterator[str]:
        expected = "IDENTIFIER or )"
        while True:
            yield self.expect(IDENTIFIER, expected)
            if self.accept(")"):
                return
            self.expect(",", ", or )")
            expected = IDENTIFIER

    def matcher(self, name: str, position: int) -> Matcher:
        """A matcher whose name was read and whose operator is next."""
        op = MATCH_OPS[self.take()]
        matcher = Matcher(name, op, self.string())
        if op is MatchOp.REGEX or op is MatchOp.NOT_REGEX:
            try:
                matcher.check()
            except BadInput as error:
                raise wrong(error.message, position) from error
        return matcher

    def selector(self) -> tuple[Matcher, ...]:
        """Matchers in braces, perhaps none."""
        self.expect("{")
        if self.accept("}"):
            return ()
        found: list[Matcher] = []
        expected = "IDENTIFIER or }"
        while True:
            position = self.position
            name = self.expect(IDENTIFIER, expected)
            if self.kind not in MATCH_OPS:
                self.unexpected("= or =~ or !~ or !=")
            found.append(self.matcher(name, position))
            if self.accept("}"):
                return tuple(found)
            self.expect(",", "} or ,")
            expected = IDENTIFIER

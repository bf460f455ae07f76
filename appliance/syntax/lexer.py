"""A lexer made from a table: one compiled regular expression per mode.

Invariants:
- Kinds are tried in the table's order; the first that matches wins.
- The last token is END, or an ERROR whose text says what is wrong; nothing follows either. Whoever
  reads the tokens complains about an earlier token before it meets the ERROR, as Go's lexers do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

END = "end"
ERROR = "error"


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table.

    Attributes:
        name: What the parser calls tokens of this kind.
        pattern: Regular expression without capturing groups; never matches the empty string,
            except for an error at the end of the input.
        push: Mode to enter after this token.
        pop: Whether to leave the mode after this token.
        skip: Whether to drop the token (blanks, comments).
        error: What is wrong when this matches; `{text}` is what was matched.
        keywords: Kinds of words that are not ordinary tokens of this kind, in lower case.
    """

    name: str
    pattern: str
    push: str | None = None
    pop: bool = False
    skip: bool = False
    error: str | None = None
    keywords: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text.

    Attributes:
        text: As written; for an ERROR what is wrong.
        position: Offset of the first character; `end` that behind the last one.
    """

    kind: str
    text: str
    position: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mode:
    pattern: re.Pattern[str]
    kinds: Sequence[Kind]


class Lexer:
    """Splits text into tokens.

    Args:
        modes: Tables by mode.
        start: The first mode.
        unexpected: What to say where no kind matches; `{text}` is the character.
    """

    def __init__(
        self,
        modes: Mapping[str, Sequence[Kind]],
        start: str,
        *,
        unexpected: str = "unexpected character: {text!r}",
    ) -> None:
        self._start = start
        self._unexpected = unexpected
        self._modes = {
            name: _Mode(re.compile("|".join(f"({kind.pattern})" for kind in kinds)), kinds)
            for name, kinds in modes.items()
        }

    def tokens(self, text: str) -> list[Token]:
        """All tokens; see the module's invariants."""
        found: list[Token] = []
        stack = [self._start]
        at = 0
        while True:
            mode = self._modes[stack[-1]]
            match = mode.pattern.match(text, at)
            if match is None:
                found.append(self._last(text, at))
                return found
            kind = mode.kinds[(match.lastindex or 1) - 1]
            end = match.end()
            if kind.error is not None:
                found.append(Token(ERROR, kind.error.format(text=match[0]), at, end))
                return found
            if not kind.skip:
                name = kind.keywords.get(match[0].lower(), kind.name)
                found.append(Token(name, match[0], at, end))
            if kind.pop:
                stack.pop()
            if kind.push is not None:
                stack.append(kind.push)
            at = end

    def _last(self, text: str, at: int) -> Token:
        if at == len(text):
            return Token(END, "", at, at)
        return Token(ERROR, self._unexpected.format(text=text[at]), at, at + 1)

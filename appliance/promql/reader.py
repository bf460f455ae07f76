"""Reading tokens of PromQL and complaining about them as Prometheus' generated parser does.

A yacc parser reports a token that fits nowhere by the innermost rule on its stack that expects
errors. `Reader.rules` is that stack; its entries are the words of those rules.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.promql.lexer import (
    AGGREGATORS,
    DURATION,
    IDENTIFIER,
    KEYWORDS,
    METRIC_IDENTIFIER,
    NUMBER,
    OPERATORS,
    STRING,
    tokens,
)
from appliance.syntax.lexer import END, ERROR
from appliance.syntax.quoting import quote, unquote, unquote_bytes
from appliance.syntax.source import line_byte

if TYPE_CHECKING:
    from appliance.syntax.lexer import Token

#: Brackets in brackets: deeper ones would exhaust the stack of parser, printer or engine.
MAX_DEPTH = 100
_MAX_NS = 2**63
_LONGEST_SHOWN = 10
_UNITS_NS = {
    "y": 31_536_000_000_000_000,
    "w": 604_800_000_000_000,
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
}
_PART = re.compile(r"([0-9]+)([^0-9]+)")
_ORDER = list(_UNITS_NS)
_INT64 = 2**63


class Reader:
    """Tokens to be read one after the other.

    Attributes:
        features: Feature flags that are on.
        rules: The rules that expect errors, innermost last: (context, expected).
    """

    def __init__(self, text: str, features: frozenset[str]) -> None:
        self.text = text
        self.features = features
        self.rules: list[tuple[str, str]] = [("", "")]
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0

    def peek(self) -> Token:
        """The next token; raises when the lexer found something wrong there."""
        token = self._tokens[self._at]
        if token.kind == ERROR:
            raise self.wrong(token.text, token.position)
        return token

    def take(self) -> Token:
        """Read the token that was peeked at."""
        token = self._tokens[self._at]
        self._at += 1
        return token

    def kind_after(self) -> str:
        """The kind of the token after the next; what is wrong with it is not yet noticed."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)].kind

    def last_end(self) -> int:
        """Where the token read last ends."""
        return self._tokens[self._at - 1].end if self._at else 0

    def accept(self, kind: str) -> Token | None:
        """Read the next token if it is of a kind."""
        return self.take() if self.peek().kind == kind else None

    def expect(self, kind: str, context: str = "", expected: str = "") -> Token:
        """Read the next token, which has to be of a kind.

        Args:
            context, expected: Words of the rule that stands here, if it expects errors.
        """
        if self.peek().kind != kind:
            raise self.unexpected((context, expected) if context else None)
        return self.take()

    def enter(self, token: Token) -> None:
        """Count a bracket as open.

        Raises:
            BadInput: Too many are.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.wrong(f"nested more than {MAX_DEPTH} deep", token.position)

    def leave(self) -> None:
        """Count a bracket as closed."""
        self._depth -= 1

    def wrong(self, message: str, position: int) -> BadInput:
        """An error at a position."""
        return parse_error(self.text, message, position)

    def unexpected(self, rule: tuple[str, str] | None = None) -> BadInput:
        """The error for the next token; rule: the one that stands here, else the innermost."""
        token = self.peek()
        context, expected = rule or self.rules[-1]
        where = f" in {context}" if context else ""
        wanted = f", expected {expected}" if expected else ""
        return self.wrong(f"unexpected {_described(token)}{where}{wanted}", token.position)

    def number(self, token: Token) -> float:
        """The value of a NUMBER, or of a DURATION in seconds."""
        try:
            if token.kind == DURATION:
                return _seconds(token.text)
            return _number(token.text)
        except ValueError as error:
            raise self.wrong(str(error), token.position) from error

    def string(self, token: Token) -> str:
        """The value of a STRING; unlike Go's, raw strings keep carriage returns."""
        return token.text[1:-1] if token.text[0] == "`" else unquote(token.text)

    def wrong_bytes(self, token: Token) -> bytes:
        """The bytes of a STRING that are no UTF-8; empty when they are."""
        if token.text[0] == "`" or "\ufffd" not in unquote(token.text):
            return b""
        found = unquote_bytes(token.text)
        return found if b"\xef\xbf\xbd" not in found else b""


def parse_error(text: str, message: str, position: int) -> BadInput:
    """An error at a position, in Prometheus' form: `line:column: parse error: …`."""
    if not text:
        return BadInput(f"unknown position: parse error: {message}", position=0)
    line, column = line_byte(text, position)
    return BadInput(f"{line}:{column}: parse error: {message}", position=position)


def _number(text: str) -> float:
    """A number as Go's strconv.ParseInt(text, 0) or else ParseFloat reads it."""
    plain = text.replace("_", "")
    try:
        whole = int(plain, 8 if _is_octal(plain) else 0)
    except ValueError:
        whole = _INT64
    if whole < _INT64:
        return float(whole)
    try:
        value = math.nan if plain[:2] in {"0x", "0X"} else float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value) and text.lower() != "nan":
        raise ValueError(_unreadable(text, "invalid syntax"))
    if math.isinf(value) and text.lower() != "inf":
        raise ValueError(_unreadable(text, "value out of range"))
    return value


def _is_octal(text: str) -> bool:
    return len(text) > 1 and text[0] == "0" and text.isdecimal()


def _unreadable(text: str, why: str) -> str:
    return f"error parsing number: strconv.ParseFloat: parsing {quote(text)}: {why}"


def _seconds(text: str) -> float:
    """A duration; units go from large to small, each at most once (Prometheus' model)."""
    total, last, at = 0, -1, 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f"not a valid duration string: {quote(text)}")
        count, unit = match.groups()
        if unit not in _UNITS_NS:
            raise ValueError(f"unknown unit {quote(unit)} in duration {quote(text)}")
        if _ORDER.index(unit) <= last:
            raise ValueError(f"not a valid duration string: {quote(text)}")
        last, at = _ORDER.index(unit), match.end()
        total += int(count) * _UNITS_NS[unit]
        if total >= _MAX_NS:
            raise ValueError("duration out of range")
    return total / 1e9


def _described(token: Token) -> str:
    """A token as Prometheus names it in errors."""
    kind, text = token.kind, token.text
    if kind == END:
        return "end of input"
    if kind in KEYWORDS:
        return f"<{text}>"
    if kind in AGGREGATORS:
        return f"<aggr:{text}>"
    if kind in OPERATORS:
        return f"<op:{text}>"
    if kind in {IDENTIFIER, METRIC_IDENTIFIER}:
        return f"{kind} {quote(text)}"
    shown = quote(text[:_LONGEST_SHOWN]) + "..." * (len(text.encode()) > _LONGEST_SHOWN)
    return f"{kind} {shown}" if kind in {NUMBER, DURATION, STRING} else shown

"""PromQL's grammar, as far as it is there.

    expression  = [ "+" | "-" ] number | operand
    operand     = primary { "[" duration "]" | "offset" [ "+" | "-" ] duration }
    primary     = number | string | "(" expression ")" | selector
    selector    = metric_identifier [ braces ] | braces
    braces      = "{" [ matcher { "," matcher } [ "," ] ] "}"
    matcher     = ( identifier | string ) ( "=" | "!=" | "=~" | "!~" ) string | string
    duration    = duration_literal | number

Errors are worded as Prometheus words them: `line:column: parse error: …`, columns in bytes.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NoReturn

from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import (
    METRIC_NAME,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    VectorSelector,
)
from appliance.promql.lexer import (
    AGGREGATORS,
    DURATION,
    IDENTIFIER,
    KEYWORDS,
    METRIC_IDENTIFIER,
    NUMBER,
    OPERATORS,
    RESERVED,
    STRING,
    WORD_OPERATORS,
    tokens,
)
from appliance.syntax.lexer import END
from appliance.syntax.parser import TokenStream
from appliance.syntax.quoting import quote, unquote
from appliance.syntax.source import line_byte

if TYPE_CHECKING:
    from appliance.syntax.lexer import Token

_MAX_MS = 2**63 // 10**6
_NAMES = (
    {IDENTIFIER, METRIC_IDENTIFIER, "offset", "by", "without"} | AGGREGATORS | WORD_OPERATORS
) - RESERVED
_MATCH_OPS = {op.value: op for op in MatchOp}
_EXPECTED_NAME = 'identifier or "}"'


@functools.lru_cache(maxsize=512)
def parse(text: str) -> Expr:
    """Parse an expression.

    Raises:
        BadInput: It is not PromQL, or not of the part that is there yet.
    """
    return _Parser(text).whole()


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """The matchers of a selector, as `match[]` gives them; they may match everything.

    Raises:
        BadInput: It is not a selector, or anything else beside it.
    """
    return _Parser(text).only_selector().matchers


class _Parser(TokenStream):
    def __init__(self, text: str) -> None:
        super().__init__(text, tokens(text))

    def error(self, message: str, token: Token) -> BadInput:
        line, column = line_byte(self.text, token.position)
        return BadInput(f"{line}:{column}: parse error: {message}", position=token.position)

    def unexpected(self, token: Token, context: str, expected: str) -> BadInput:
        where = f" in {context}" if context else ""
        wanted = f", expected {expected}" if expected else ""
        return self.error(f"unexpected {_described(token)}{where}{wanted}", token)

    def whole(self) -> Expr:
        first = self.peek()
        if first.kind == END:
            raise BadInput("1:1: parse error: no expression found in input", position=0)
        found = self.expression()
        rest = self.peek()
        if rest.kind in OPERATORS:
            self._unavailable(f"operator {rest.text!r}", rest)
        if rest.kind != END:
            raise self.unexpected(rest, "", "")
        return found

    def only_selector(self) -> VectorSelector:
        found = self.selector()
        if self.peek().kind != END:
            raise self.unexpected(self.peek(), "", "")
        return found

    def expression(self) -> Expr:
        sign = self.accept("+", "-")
        if sign is None:
            return self.operand()
        if self.peek().kind != NUMBER:
            self._unavailable(f"unary {sign.text!r}", sign)
        value = self._number()
        return NumberLiteral(-value if sign.kind == "-" else value, sign.position)

    def operand(self) -> Expr:
        found = self.primary()
        while True:
            token = self.peek()
            if token.kind == "[":
                found = self._range(found, token)
            elif token.kind == "offset":
                found = self._offset(found)
            elif token.kind == "@":
                self._unavailable("the @ modifier", token)
            else:
                return found

    def primary(self) -> Expr:
        token = self.peek()
        if token.kind == NUMBER:
            return NumberLiteral(self._number(), token.position)
        if token.kind == STRING:
            return StringLiteral(self._string(self.next()), token.position)
        if token.kind == "(":
            self.next()
            with self.deeper(token):
                inner = self.expression()
            if self.peek().kind in OPERATORS:
                self._unavailable(f"operator {self.peek().text!r}", self.peek())
            self.expect(")")
            return Parentheses(inner, token.position)
        following = self.peek(1).kind if token.kind in _NAMES else END
        if following == "(" or (token.kind in AGGREGATORS and following in {"by", "without"}):
            self._unavailable(f"{token.text}()", token)
        found = self.selector()
        if all(matcher.matches("") for matcher in found.matchers):
            message = "vector selector must contain at least one non-empty matcher"
            raise self.error(message, token)
        return found

    def selector(self) -> VectorSelector:
        """A metric name, braces, or both."""
        start = self.peek()
        name = ""
        if start.kind in _NAMES:
            name = self.next().text
        elif start.kind != "{":
            raise self.unexpected(start, "", "")
        matchers: list[Matcher] = []
        if self.accept("{"):
            matchers, quoted = self._braces()
            named = [name] * bool(name) + quoted
            named += [m.value for m in matchers if m.name == METRIC_NAME and m.op is MatchOp.EQUAL]
            if len(named) > 1 and (name or quoted):
                message = (
                    f"metric name must not be set twice: {quote(named[0])} or {quote(named[1])}"
                )
                raise self.error(message, start)
            name = named[0] if name or quoted else ""
        if name:
            matchers.append(Matcher(METRIC_NAME, MatchOp.EQUAL, name))
        return VectorSelector(name, tuple(matchers), 0, start.position)

    def _braces(self) -> tuple[list[Matcher], list[str]]:
        """Matchers and quoted metric names up to and with the closing brace."""
        matchers: list[Matcher] = []
        names: list[str] = []
        context = "label matching"
        while self.accept("}") is None:
            label = self.expect(IDENTIFIER, STRING, context=context, expected=_EXPECTED_NAME)
            text = self._string(label) if label.kind == STRING else label.text
            if label.kind == STRING and self.peek().kind in {",", "}"}:
                names.append(text)
            else:
                op = self.expect(*_MATCH_OPS, context=context, expected="label matching operator")
                value = self.expect(STRING, context=context, expected="string")
                matchers.append(
                    self._matcher(label, text, _MATCH_OPS[op.kind], self._string(value))
                )
            if self.accept(","):
                continue
            self.expect("}", context=context, expected='"," or "}"')
            break
        return matchers, names

    def _matcher(self, label: Token, name: str, op: MatchOp, value: str) -> Matcher:
        matcher = Matcher(name, op, value)
        try:
            matcher.check()
        except BadInput as error:
            raise self.error(error.message, label) from error
        return matcher

    def _range(self, operand: Expr, bracket: Token) -> Expr:
        self.next()
        if not isinstance(operand, VectorSelector):
            raise self.error("ranges only allowed for vector selectors", bracket)
        if operand.offset_ms:
            raise self.error("no offset modifiers allowed before range", bracket)
        length = self._duration("subquery or range selector", is_range=True)
        if self.peek().kind == ":":
            self._unavailable("a subquery", bracket)
        self.expect("]", context="subquery selector", expected='":" or "]"')
        return MatrixSelector(operand, length, operand.position)

    def _offset(self, operand: Expr) -> Expr:
        self.next()
        sign = self.accept("+", "-")
        length = self._duration("offset", is_range=False)
        offset = -length if sign is not None and sign.kind == "-" else length
        vector = operand.vector if isinstance(operand, MatrixSelector) else operand
        if not isinstance(vector, VectorSelector):
            raise self._wrong_at(
                "offset modifier must be preceded by an instant vector selector"
                " or range vector selector or a subquery",
                vector.position,
            )
        if vector.offset_ms:
            raise self._wrong_at("offset may not be set multiple times", vector.position)
        moved = VectorSelector(vector.name, vector.matchers, offset, vector.position)
        if isinstance(operand, MatrixSelector):
            return MatrixSelector(moved, operand.range_ms, operand.position)
        return moved

    def _duration(self, context: str, *, is_range: bool) -> int:
        """A duration in milliseconds; a range has to be longer than zero."""
        token = self.expect(DURATION, NUMBER, context=context, expected="number or duration")
        if token.kind == NUMBER:
            length = _parse_number(token.text) * 1000
        else:
            try:
                length = parse_duration(token.text)
            except BadInput as error:
                raise self.error(
                    f"not a valid duration string: {quote(token.text)}", token
                ) from error
        if not abs(length) < _MAX_MS:
            raise self.error("duration out of range", token)
        if is_range and int(length) <= 0:
            raise self.error("duration must be greater than 0", token)
        return int(length)

    def _number(self) -> float:
        return _parse_number(self.next().text)

    def _string(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except BadInput as error:
            char = token.text[(error.position or 0) + 1]
            message = f"unknown escape sequence U+{ord(char):04X} '{char}'"
            raise self.error(message, token) from error

    def _wrong_at(self, message: str, position: int) -> BadInput:
        line, column = line_byte(self.text, position)
        return BadInput(f"{line}:{column}: parse error: {message}", position=position)

    def _unavailable(self, what: str, token: Token) -> NoReturn:
        raise self.error(f"{what} is not available yet", token)


def _parse_number(text: str) -> float:
    plain = text.replace("_", "")
    return float(int(plain, 16)) if plain[:2] in {"0x", "0X"} else float(plain)


def _described(token: Token) -> str:
    """A token as Prometheus names it in errors."""
    if token.kind == END:
        return "end of input"
    if token.kind in KEYWORDS:
        return f"<{token.text}>"
    if token.kind in AGGREGATORS:
        return f"<aggr:{token.text}>"
    if token.kind in OPERATORS:
        return f"<op:{token.text}>"
    long = len(token.text) > 10 and token.kind not in {IDENTIFIER, METRIC_IDENTIFIER}
    shown = quote(token.text[:10]) + "..." if long else quote(token.text)
    is_named = token.kind in {IDENTIFIER, METRIC_IDENTIFIER, NUMBER, DURATION, STRING}
    return f"{token.kind} {shown}" if is_named else shown

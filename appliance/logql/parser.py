"""LogQL's grammar, as far as it is there.

    query     = [ "(" ] selector { filter } [ ")" ]
    selector  = "{" [ matcher { "," matcher } [ "," ] ] "}"
    matcher   = identifier ( "=" | "!=" | "=~" | "!~" ) string
    filter    = ( "|=" | "!=" ) string

Errors are worded as Loki words them: `parse error at line L, col C: syntax error: …`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NoReturn

from appliance.base.errors import BadInput
from appliance.logql.ast import FilterOp, LineFilter, Pipeline
from appliance.logql.lexer import FUNCTION, IDENTIFIER, NUMBER, STRING, tokens
from appliance.model.matcher import Matcher, MatchOp
from appliance.syntax.lexer import END
from appliance.syntax.parser import TokenStream
from appliance.syntax.quoting import unquote
from appliance.syntax.source import line_column

if TYPE_CHECKING:
    from appliance.syntax.lexer import Token

_MATCH_OPS = {
    op.value: op for op in (MatchOp.EQUAL, MatchOp.REGEX, MatchOp.NOT_REGEX, MatchOp.NOT_EQUAL)
}
_FILTERS = {op.value: op for op in FilterOp}
_NOT_YET = frozenset(
    [
        "|", "|~", "|>", "!~", "!>", "or", "and", "unless", "+", "-", "*", "/", "%", "^",
        "==", ">=", "<=", ">", "<",
    ]
)  # fmt: skip
_NEEDS_MATCHER = (
    "queries require at least one regexp or equality matcher that does not have an"
    ' empty-compatible value. For instance, app=~".*" does not meet this requirement,'
    ' but app=~".+" will'
)


@functools.lru_cache(maxsize=512)
def parse(text: str) -> Pipeline:
    """Parse a log query.

    Raises:
        BadInput: It is not LogQL, or not of the part that is there yet.
    """
    return _Parser(text).whole()


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """The matchers of a stream selector, as `match[]` and `query` of the label APIs give them.

    Raises:
        BadInput: It is not a selector, or anything else beside it.
    """
    parser = _Parser(text)
    found = parser.selector()
    parser.end()
    return found


class _Parser(TokenStream):
    def __init__(self, text: str) -> None:
        super().__init__(text, tokens(text))

    def error(self, message: str, token: Token) -> BadInput:
        line, column = line_column(self.text, token.position)
        return BadInput(
            f"parse error at line {line}, col {column}: {message}", position=token.position
        )

    def unexpected(self, token: Token, context: str, expected: str) -> BadInput:
        del context
        found = {END: "$end", FUNCTION: token.text}.get(token.kind, token.kind)
        wanted = f", expecting {expected}" if expected else ""
        return self.error(f"syntax error: unexpected {found}{wanted}", token)

    def whole(self) -> Pipeline:
        start = self.peek()
        depth = 0
        while self.accept("("):
            depth += 1
        if self.peek().kind in {FUNCTION, NUMBER, "+", "-"}:
            self._unavailable("a metric query", self.peek())
        matchers = self.selector()
        found = Pipeline(matchers, tuple(self._filters()), start.position)
        for _ in range(depth):
            self._stop_at_what_comes_later()
            self.expect(")")
        self._stop_at_what_comes_later()
        self.end()
        return found

    def end(self) -> None:
        """Nothing may follow."""
        if self.peek().kind != END:
            raise self.unexpected(self.peek(), "", "")

    def selector(self) -> tuple[Matcher, ...]:
        self.expect("{")
        matchers: list[Matcher] = []
        expected = "IDENTIFIER or }"
        while self.accept("}") is None:
            name = self.expect(IDENTIFIER, expected=expected)
            op = self.expect(*_MATCH_OPS, expected=" or ".join(_MATCH_OPS))
            value = self._string(self.expect(STRING, expected="STRING"))
            matchers.append(_matcher(name.text, _MATCH_OPS[op.kind], value))
            if self.accept(","):
                continue
            self.expect("}", expected="} or ,")
            break
        strict = (m for m in matchers if m.op in {MatchOp.EQUAL, MatchOp.REGEX})
        if all(matcher.matches("") for matcher in strict):
            raise BadInput(f"parse error : {_NEEDS_MATCHER}")
        return tuple(matchers)

    def _filters(self) -> list[LineFilter]:
        found = []
        while token := self.accept(*_FILTERS):
            if self.peek().kind == FUNCTION:
                self._unavailable(f"{self.peek().text}()", self.peek())
            text = self._string(self.expect(STRING, expected="STRING"))
            found.append(LineFilter(_FILTERS[token.kind], text, token.position))
        return found

    def _stop_at_what_comes_later(self) -> None:
        token = self.peek()
        if token.kind in _NOT_YET:
            self._unavailable(f"{token.text!r}", token)

    def _string(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except BadInput as error:
            raise self.error("invalid char escape", token) from error

    def _unavailable(self, what: str, token: Token) -> NoReturn:
        raise self.error(f"{what} is not available yet", token)


def _matcher(name: str, op: MatchOp, value: str) -> Matcher:
    matcher = Matcher(name, op, value)
    try:
        matcher.check()
    except BadInput as error:
        raise BadInput(f"parse error : {error}") from error
    return matcher

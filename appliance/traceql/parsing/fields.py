"""Field expressions: what stands in braces, in `by(…)` and in aggregates.

    expression := expression OPERATOR expression | ("-" | "!") expression | "(" expression ")"
                | expression ("=" | "!=") "nil" | "nil" ("=" | "!=") expression
                | static | field
    field      := INTRINSIC | SCOPE ":" INTRINSIC | [SCOPE] "." NAME | "parent." [SCOPE "."] NAME

Operators bind, from weak to strong: `&& ||`, comparisons, `+ -` (also before an operand), `!`,
`* / %`, `^` (which alone groups to the right).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.syntax.go_literals import read_duration, read_float
from appliance.syntax.quoting import unquote
from appliance.traceql.ast import (
    Attribute,
    Field,
    FieldExpression,
    Intrinsic,
    IntrinsicField,
    Literal,
    Op,
    Scope,
    UnaryOp,
)
from appliance.traceql.lexer import (
    COLONS,
    DOTS,
    DURATION,
    END_ATTRIBUTE,
    FLOAT,
    IDENTIFIER,
    INTEGER,
    KINDS,
    STATUSES,
    TEXT,
    unquote_name,
)
from appliance.traceql.parsing import folding
from appliance.traceql.parsing.chains import Chain
from appliance.traceql.parsing.tokens import TraceStream
from appliance.traceql.static import FALSE, NIL, TRUE, Kind, Static, Status, Type

if TYPE_CHECKING:
    from appliance.syntax.lexer import Token

#: Levels of operators; POW groups to the right.
LEVELS = (
    dict.fromkeys(["&&", "||"], 1)
    | dict.fromkeys(["=", "!=", "<", "<=", ">", ">=", "=~", "!~"], 2)
    | dict.fromkeys(["+", "-"], 3)
    | dict.fromkeys(["*", "/", "%"], 5)
    | {"^": 6}
)
_PREFIXES = {"-": (3, UnaryOp.NEGATE), "!": (4, UnaryOp.NOT)}
_NIL_OPS = {"=": UnaryOp.NOT_EXISTS, "!=": UnaryOp.EXISTS}
_OPS = {op.value: op for op in Op}
#: Bare intrinsics.
INTRINSICS = {
    "duration": Intrinsic.DURATION,
    "name": Intrinsic.NAME,
    "status": Intrinsic.STATUS,
    "statusMessage": Intrinsic.STATUS_MESSAGE,
    "kind": Intrinsic.KIND,
    "parent": Intrinsic.PARENT,
    "rootName": Intrinsic.ROOT_NAME,
    "rootServiceName": Intrinsic.ROOT_SERVICE,
    "traceDuration": Intrinsic.TRACE_DURATION,
    "nestedSetLeft": Intrinsic.NESTED_SET_LEFT,
    "nestedSetRight": Intrinsic.NESTED_SET_RIGHT,
    "nestedSetParent": Intrinsic.NESTED_SET_PARENT,
}
_SCOPED = {one.value: one for one in Intrinsic if ":" in one.value}
#: What Tempo expects behind a scope with a colon, where it says so.
_EXPECTED = {
    "trace:": "duration or rootName or rootService or id",
    "event:": "name or timeSinceStart",
    "link:": "traceID or spanID",
    "instrumentation:": "name or version",
}
_NAMED_INTEGERS = {"minInt": -(2**63), "maxInt": 2**63 - 1}


class FieldReader(TraceStream):
    """Reads field expressions."""

    def expression(self) -> FieldExpression:
        """An expression, up to what cannot belong to it."""
        chain: Chain[FieldExpression] = Chain(self._joined, self._prefixed)
        before: Token | None = None
        while True:
            self._operand(chain, before)
            level = LEVELS.get(self.peek().kind)
            if level is None:
                return chain.finish()
            before = self.next()
            chain.settle(level, is_right_associative=before.kind == "^")
            chain.add_operator(before, level)

    def field(self) -> Field:
        """An attribute or an intrinsic."""
        token = self.peek()
        if token.kind in INTRINSICS:
            self.next()
            return IntrinsicField(INTRINSICS[token.kind], text=token.text, position=token.position)
        if token.kind in COLONS:
            return self._scoped()
        if token.kind in DOTS:
            return self._attribute()
        raise self.unexpected(token)

    def static(self) -> Static:
        """A constant."""
        token = self.peek()
        value = self._static(token)
        if value is None:
            raise self.unexpected(token)
        self.next()
        return value

    def number(self, token: Token) -> Static:
        """The value of an INTEGER, a FLOAT or a DURATION."""
        if token.kind == INTEGER:
            return Static(Type.INT, int(token.text))
        if token.kind == DURATION:
            return Static(Type.DURATION, read_duration(token.text))
        return Static(Type.FLOAT, self._float(token))

    def close(self, expected: str = "") -> None:
        """Read a closing bracket.

        Args:
            expected: What would have fitted, if that is not too much to tell.
        """
        self.expect(")", expected=expected)

    def _float(self, token: Token) -> float:
        try:
            return read_float(token.text)
        except BadInput as error:
            raise self.error(error.message, token) from error

    def _static(self, token: Token) -> Static | None:  # noqa: PLR0911 - a case for each type
        kind = token.kind
        if kind in {INTEGER, FLOAT, DURATION}:
            return self.number(token)
        if kind == TEXT:
            return Static(Type.STRING, unquote(token.text))
        if kind in {"true", "false"}:
            return TRUE if kind == "true" else FALSE
        if kind in STATUSES:
            return Static(Type.STATUS, Status[token.text.upper()])
        if kind in KINDS:
            return Static(Type.KIND, Kind[kind.upper()])
        if kind == IDENTIFIER and token.text in _NAMED_INTEGERS:
            return Static(Type.INT, _NAMED_INTEGERS[token.text])
        return None

    def _operand(self, chain: Chain[FieldExpression], before: Token | None) -> None:
        while (token := self.peek()).kind in _PREFIXES:
            before = self.next()
            chain.add_prefix(token, _PREFIXES[token.kind][0])
        if token.kind == "(":
            self.next()
            with self.deeper(token):
                chain.add_operand(self.expression())
            self.close()
        elif token.kind == "nil":
            chain.add_operand(self._nil(before))
        elif (value := self._static(token)) is not None:
            self.next()
            chain.add_operand(Literal(value, position=token.position))
        else:
            chain.add_operand(self.field())

    def _nil(self, before: Token | None) -> FieldExpression:
        """`nil` is an operand of `=` and `!=` only."""
        token = self.next()
        is_right = before is not None and before.kind in _NIL_OPS
        if not is_right and (before is not None and LEVELS.get(before.kind) != 1):
            raise self.unexpected(token)
        if not is_right and self.peek().kind not in _NIL_OPS:
            raise self.unexpected(self.peek(), expected="= or !=")
        return Literal(NIL, position=token.position)

    def _joined(
        self, token: Token, left: FieldExpression, right: FieldExpression
    ) -> FieldExpression:
        sides = [isinstance(one, Literal) and one.value == NIL for one in (left, right)]
        if all(sides):
            return Literal(FALSE, position=token.position)
        if not any(sides):
            return folding.binary(_OPS[token.kind], left, right, token.position)
        if token.kind not in _NIL_OPS:
            raise self.unexpected(token, expected="= or !=")
        return folding.unary(_NIL_OPS[token.kind], right if sides[0] else left, token.position)

    def _prefixed(self, token: Token, operand: FieldExpression) -> FieldExpression:
        return folding.unary(_PREFIXES[token.kind][1], operand, token.position)

    def _scoped(self) -> IntrinsicField:
        """`span:name`; blanks may stand behind the colon."""
        scope = self.next()
        token = self.peek()
        text = f"{scope.text}{token.text}"
        if text not in _SCOPED or token.kind == TEXT:
            raise self.unexpected(token, expected=_EXPECTED.get(scope.kind, ""))
        self.next()
        return IntrinsicField(_SCOPED[text], text=text, position=scope.position)

    def _attribute(self) -> Field:
        scope = self.next()
        is_parent = scope.kind == "parent."
        inner = self.accept("resource.", "span.") if is_parent else None
        may_nest = is_parent and inner is None
        expected = "IDENTIFIER or resource. or span." if may_nest else IDENTIFIER
        token = self.need(IDENTIFIER, expected)
        self.need(END_ATTRIBUTE)
        if may_nest and token.text in INTRINSICS:
            text = f"parent.{token.text}"
            intrinsic = INTRINSICS[token.text]
            return IntrinsicField(intrinsic, is_parent=True, text=text, position=scope.position)
        scope_name = (inner or scope).kind.removesuffix(".")
        known = Scope.NONE if scope_name == "parent" else Scope(scope_name)
        name = unquote_name(token.text)
        return Attribute(name, known, is_parent=is_parent, position=scope.position)

"""Expressions: operators, calls, aggregations.

    expression  = unary { operator [ "bool" ] matching unary }           by precedence
    unary       = ( "+" | "-" ) expression | modified
    operand     = number | string | "(" expression ")" | call | aggregation | selector
    call        = identifier "(" [ expression { "," expression } ] ")"
    aggregation = aggregator [ grouping ] body | aggregator body [ grouping ]
    grouping    = ( "by" | "without" ) labels

Matching and labels stand in parser_matching, the rest in parser_selector.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.promql.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Matching,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    Unary,
)
from appliance.promql.context import EXPERIMENTAL_FUNCTIONS, FILL_MODIFIERS
from appliance.promql.lexer import (
    AGGREGATORS,
    BOUNDS,
    DURATION,
    IDENTIFIER,
    NUMBER,
    STRING,
)
from appliance.promql.parser_matching import EXPRESSIONS, MatchingReader
from appliance.promql.parser_selector import NAMES
from appliance.promql.signatures import (
    EXPERIMENTAL_AGGREGATORS,
    FUNCTIONS,
    PARAMETERS,
    SCALAR,
    SET_OPERATORS,
    VECTOR,
)
from appliance.promql.types import value_type
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from appliance.syntax.lexer import Token

_PRECEDENCE = (
    {"or": 1, "and": 2, "unless": 2}
    | dict.fromkeys(["==", "!=", "<", "<=", ">", ">=", "</", ">/"], 3)
    | dict.fromkeys(["+", "-"], 4)
    | dict.fromkeys(["*", "/", "%", "atan2"], 5)
    | {"^": 6}
)
_LOWEST, _POWER = 1, 6


@dataclass(frozen=True, slots=True)
class Written:
    """What a binary operation's node does not keep: for the check of types.

    Attributes:
        matching: As written, also where an operand is a scalar.
        position: Of the operator.
    """

    matching: Matching
    position: int


class ExpressionReader(MatchingReader):
    """Reads whole expressions.

    Attributes:
        written: By `id` of Binary nodes.
    """

    def __init__(self, text: str, features: frozenset[str]) -> None:
        super().__init__(text, features)
        self.written: dict[int, Written] = {}
        self._scalars: set[int] = set()

    def expression(self, minimum: int = _LOWEST) -> Expr:
        """An expression of operators that bind at least as tightly as `minimum`."""
        left = self._unary()
        while (precedence := _PRECEDENCE.get(self.peek().kind, 0)) >= minimum:
            left = self._binary(left, precedence)
        return left

    def _binary(self, left: Expr, precedence: int) -> Binary:
        end = self.last_end()
        operator = self.take()
        returns_bool = self.peek().kind == "bool"
        if returns_bool:
            self.take()
        matching = self.matching()
        right = self._right(operator, precedence)
        fills = matching.fill_left is not None or matching.fill_right is not None
        if fills and FILL_MODIFIERS not in self.features:
            message = "binop fill modifiers are experimental and not enabled"
            raise self.wrong(message, left.position)
        kept: Matching | None = None
        types = self._type(left), self._type(right)
        if types == (VECTOR, VECTOR):
            kept = matching
            if operator.kind in SET_OPERATORS and matching.cardinality == "one-to-one":
                kept = replace(matching, cardinality="many-to-many")
        found = Binary(operator.kind, left, right, returns_bool, kept, left.position)
        if types == (SCALAR, SCALAR):
            self._scalars.add(id(found))
        position = end
        while self.text[position] in " \t\r\n":
            position += 1
        self.written[id(found)] = Written(matching, position)
        return found

    def _type(self, expr: Expr) -> str:
        """As `value_type`, but a chain of operations is not followed to its beginning each time."""
        while isinstance(expr, Parentheses | Unary):
            expr = expr.inner if isinstance(expr, Parentheses) else expr.expr
        if isinstance(expr, Binary):
            return SCALAR if id(expr) in self._scalars else VECTOR
        return value_type(expr)

    def _right(self, operator: Token, precedence: int) -> Expr:
        if operator.kind != "^":
            return self.expression(precedence + 1)
        self.enter(operator)
        found = self.expression(precedence)
        self.leave()
        return found

    def _unary(self) -> Expr:
        sign = self.peek()
        if sign.kind not in {"+", "-"}:
            return self.modified(self._operand(sign))
        self.enter(self.take())
        operand = self.expression(_POWER)
        self.leave()
        if isinstance(operand, NumberLiteral):
            value = -operand.value if sign.kind == "-" else operand.value
            return replace(operand, value=value, position=sign.position)
        return Unary(sign.kind, operand, sign.position)

    def _operand(self, token: Token) -> Expr:
        kind = token.kind
        if kind in {NUMBER, DURATION}:
            return self.number_literal()
        after = self.kind_after()
        if kind in AGGREGATORS and after in {"(", "by", "without"}:
            return self._aggregation()
        if after == "(" and (kind == IDENTIFIER or kind in BOUNDS):
            return self._call()
        if kind in NAMES or kind == "{":
            return self.selector()
        if kind == STRING:
            wrong = self.wrong_bytes(token)
            return StringLiteral(self.string(self.take()), token.position, wrong)
        return self._parentheses(token)

    def _parentheses(self, token: Token) -> Parentheses:
        if token.kind != "(":
            raise self.unexpected()
        self.enter(self.take())
        inner = self.expression()
        self.expect(")")
        self.leave()
        return Parentheses(inner, token.position)

    def _call(self) -> Call:
        token = self.take()
        args = self._arguments()
        signature = FUNCTIONS.get(token.text)
        if signature is None:
            message = f"unknown function with name {quote(token.text)}"
            raise self.wrong(message, token.position)
        if signature.experimental and EXPERIMENTAL_FUNCTIONS not in self.features:
            raise self.wrong(f"function {quote(token.text)} is not enabled", token.position)
        return Call(token.text, args, token.position)

    def _arguments(self) -> tuple[Expr, ...]:
        opening = self.expect("(")
        if self.accept(")") is not None:
            return ()
        self.enter(opening)
        found = [self.expression()]
        while self.peek().kind == ",":
            comma = self.take()
            if self.peek().kind not in EXPRESSIONS:
                message = "trailing commas not allowed in function call args"
                raise self.wrong(message, comma.position)
            found.append(self.expression())
        self.expect(")")
        self.leave()
        return tuple(found)

    def _aggregation(self) -> Aggregate:
        token = self.take()
        self.rules.append(("aggregation", ""))
        grouping: tuple[str, ...] = ()
        clause = self.peek().kind
        if clause == "(":
            args = self._arguments()
            clause = self.peek().kind
            if clause in {"by", "without"}:
                self.take()
                grouping = self.labels()
        else:
            self.take()
            grouping = self.labels()
            args = self._arguments()
        self.rules.pop()
        self._check_arguments(token, len(args))
        param = args[0] if len(args) > 1 else None
        return Aggregate(token.kind, args[-1], param, grouping, clause == "without", token.position)

    def _check_arguments(self, token: Token, count: int) -> None:
        wrong, expected = "", 2 if token.kind in PARAMETERS else 1
        if not count:
            wrong = "no arguments for aggregate expression provided"
        elif token.kind in EXPERIMENTAL_AGGREGATORS and EXPERIMENTAL_FUNCTIONS not in self.features:
            wrong = (
                f"{token.kind}() is experimental and must be enabled"
                " with --enable-feature=promql-experimental-functions"
            )
        elif count != expected:
            wrong = (
                "wrong number of arguments for aggregate expression provided,"
                f" expected {expected}, got {count}"
            )
        if wrong:
            raise self.wrong(wrong, token.position)

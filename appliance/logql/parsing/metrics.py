"""Queries: operations and aggregations of metrics.

    query       = operand { op modifiers operand }                        by precedence
    operand     = pipeline | "(" query ")" | [ "+" | "-" ] number | "vector" "(" number ")"
                | ranged | aggregation | replacement | variants
    pipeline    = selector stages
    aggregation = vectorop [ grouping ] "(" [ number "," ] query ")" | … ")" grouping
    replacement = "label_replace" "(" query 4 * ( "," string ) ")"
    variants    = "variants" "(" query { "," query } ")" "of" "(" range ")"
    modifiers   = [ "bool" ] [ ( "on" | "ignoring" ) names [ side [ names ] ] ]
    side        = "group_left" | "group_right"

What is wrong with the meaning of a node is told after the whole text was read. Operations on two
numbers are done while parsing.
"""

from __future__ import annotations

from typing import cast

from appliance.base.digits import read_digits
from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern as Expression
from appliance.logql.ast import (
    Binary,
    Cardinality,
    Grouping,
    LabelReplace,
    Literal,
    Matching,
    Metric,
    Pipeline,
    Query,
    Variants,
    VectorAggregation,
    VectorLiteral,
)
from appliance.logql.lexer import NUMBER, RANGE_FUNCTIONS, STRING, VECTOR_FUNCTIONS
from appliance.logql.parsing.folding import fold
from appliance.logql.parsing.ranges import RangeReader, refused
from appliance.syntax.go_literals import read_float
from appliance.syntax.quoting import unquote

#: Of operators; higher binds tighter, `^` to the right, all others to the left.
PRECEDENCE = (
    {"or": 1, "and": 2, "unless": 2}
    | dict.fromkeys(["==", "!=", "<", "<=", ">", ">="], 3)
    | dict.fromkeys(["+", "-"], 4)
    | dict.fromkeys(["*", "/", "%"], 5)
    | {"^": 6}
)
_LOWEST, _POWER = 1, 6
_SET_OPERATIONS = frozenset(["and", "or", "unless"])
_RANGE_KINDS = {name.upper(): name for name in RANGE_FUNCTIONS}
_VECTOR_KINDS = {name.upper(): name for name in VECTOR_FUNCTIONS}
_CARDINALITIES = {
    "group_left": Cardinality.MANY_TO_ONE, "group_right": Cardinality.ONE_TO_MANY,
}  # fmt: skip
_COUNTED = frozenset(["topk", "bottomk", "approx_topk"])
#: The greatest integer of Go.
_MOST = 2**63 - 1


class MetricReader(RangeReader):
    """Reads whole queries."""

    def query(self, minimum: int = _LOWEST) -> Query:
        """A query of operators that bind at least as tightly as `minimum`."""
        left = self._operand()
        while (precedence := PRECEDENCE.get(self.kind, 0)) >= minimum:
            op, position = self.kind, self.position
            self.take()
            self.count_operation()
            returns_bool, matching = self.accept("bool"), self._matching()
            if op == "^":
                self.enter()
                right = self.query(_POWER)
                self.leave()
            else:
                right = self.query(precedence + 1)
            node = _binary(op, left, right, position=position)
            if isinstance(node, Binary) and (returns_bool or matching):
                node = Binary(op, node.left, node.right, returns_bool, matching, position)
            left = node
        return left

    def metric(self) -> Metric:
        """A query that gives numbers."""
        found = self.query()
        if isinstance(found, Pipeline | Variants):
            self.unexpected()
        return found

    def _matching(self) -> Matching | None:
        if self.kind not in {"on", "ignoring"}:
            return None
        is_on = self.take().lower() == "on"
        labels = self.names()
        cardinality = Cardinality.ONE_TO_ONE
        include: tuple[str, ...] = ()
        if self.kind in _CARDINALITIES:
            cardinality = _CARDINALITIES[self.kind]
            self.take()
            include = self.names() if self.kind == "(" else ()
        if not is_on and not labels and cardinality is Cardinality.ONE_TO_ONE:
            return None
        return Matching(labels, is_on, cardinality, include)

    def _operand(self) -> Query:  # noqa: PLR0911 - a case for each operand
        kind = self.kind
        if kind == "{":
            return self._pipeline()
        if kind in _RANGE_KINDS:
            return self.ranged(_RANGE_KINDS[kind])
        if kind in _VECTOR_KINDS:
            return self._aggregation(_VECTOR_KINDS[kind])
        if kind in {NUMBER, "+", "-"}:
            return self._literal()
        if kind == "(":
            return self._parentheses()
        if kind == "label_replace":
            return self._label_replace()
        if kind == "VECTOR":
            return self._vector()
        if kind != "variants":
            self.unexpected()
        return self._variants()

    def _parentheses(self) -> Query:
        self.enter()
        self.take()
        found = self.query()
        if isinstance(found, Variants) or self.kind != ")":
            self.unexpected()
        self.take()
        self.leave()
        return found

    def _pipeline(self) -> Pipeline:
        position = self.position
        return Pipeline(self.selector(), self.stages(), position)

    def _literal(self) -> Metric:
        position = self.position
        sign = self.take() if self.kind in {"+", "-"} else ""
        text = self.expect(NUMBER)
        try:
            value = read_float(text)
        except BadInput as error:
            return refused(f"unable to parse literal as a float: {error}", position)
        return Literal(-value if sign == "-" else value, position)

    def _vector(self) -> Metric:
        position = self.position
        self.take()
        self.expect("(")
        text = self.expect(NUMBER)
        self.expect(")")
        try:
            return VectorLiteral(read_float(text), position)
        except BadInput as error:
            return refused(f"unable to parse vectorExpr as a float: {error}", position)

    def _parameter(self) -> str | None:
        """A number before a comma, as written."""
        if self.kind != NUMBER or self.kinds[self.at + 1] != ",":
            return None
        text = self.take()
        self.take()
        return text

    def _aggregation(self, op: str) -> Metric:
        position = self.position
        self.take()
        grouping = self.grouping()
        self.enter()
        self.expect("(", "(" if grouping else "( or by or without")
        parameter = self._parameter()
        expr = self.metric()
        if not self.accept(")"):
            self.unexpected()
        self.leave()
        if grouping is None:
            grouping = self.grouping()
        return _aggregation(op, expr, parameter, grouping=grouping, position=position)

    def _label_replace(self) -> Metric:
        position = self.position
        self.take()
        self.enter()
        self.expect("(")
        expr = self.metric()
        texts = []
        for number in range(4):
            if not self.accept(","):
                self.unexpected("," if number else "")
            texts.append(unquote(self.expect(STRING)))
        self.expect(")")
        self.leave()
        destination, replacement, source, regex = texts
        try:
            Expression(f"^(?:{regex})$")
        except BadInput as error:
            return refused(f"invalid regex in label_replace: {error}", position)
        return LabelReplace(expr, destination, replacement, source, regex, position)

    def _variants(self) -> Variants:
        position = self.position
        self.take()
        self.enter()
        self.expect("(")
        metrics = [self.metric()]
        while self.accept(","):
            metrics.append(self.metric())
        if not self.accept(")"):
            self.unexpected()
        self.expect("of")
        self.expect("(")
        found = self.range("{ or (")
        self.expect(")")
        self.leave()
        return Variants(tuple(metrics), found, position)


def _binary(op: str, left: Query, right: Query, *, position: int) -> Metric:
    """An operation, done at once when both sides are numbers."""
    for side, leg in (("left", left), ("right", right)):
        if isinstance(leg, Pipeline | Variants):
            kind = "MultiVariantExpr"
            if isinstance(leg, Pipeline):
                kind = "PipelineExpr" if leg.stages else "MatchersExpr"
            message = f"unexpected type for {side} leg of binary operation ({op}): *syntax.{kind}"
            return refused(message, position)
    if op in _SET_OPERATIONS:
        for side, leg in (("left", left), ("right", right)):
            if isinstance(leg, Literal):
                message = f"unexpected literal for {side} leg of logical/set binary operation"
                return refused(f"{message} ({op}): {leg.value:f}", position)
    if isinstance(left, Literal) and isinstance(right, Literal):
        return Literal(fold(op, left.value, right.value), left.position)
    return Binary(op, cast("Metric", left), cast("Metric", right), position=position)


def _aggregation(
    op: str, expr: Metric, parameter: str | None, *, grouping: Grouping | None, position: int
) -> Metric:
    reason = _wrong_parameter(op, parameter)
    if not reason and op == "approx_topk" and grouping is not None:
        reason = f"grouping not allowed for {op} aggregation"
    if reason:
        return refused(reason, position)
    value = None if parameter is None else float(parameter)
    return VectorAggregation(op, expr, value, _useful(grouping), position)


def _wrong_parameter(op: str, parameter: str | None) -> str:
    if op not in _COUNTED:
        return "" if parameter is None else f"unsupported parameter for operation {op}({parameter},"
    if parameter is None:
        return f"parameter required for operation {op}"
    if not parameter.isdecimal() or read_digits(parameter) > _MOST:
        return f"invalid parameter {op}({parameter},"
    if read_digits(parameter) <= 0:
        return f"invalid parameter (must be greater than 0) {op}({parameter}"
    return ""


def _useful(grouping: Grouping | None) -> Grouping | None:
    """`sum by ()` is `sum`."""
    return None if grouping == Grouping() else grouping

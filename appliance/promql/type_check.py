"""Types and numbers of arguments, in the order and words of Prometheus' checkAST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.promql.ast import (
    METRIC_NAME,
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Parentheses,
    Subquery,
    Unary,
    VectorSelector,
)
from appliance.promql.reader import parse_error
from appliance.promql.signatures import (
    COMPARISONS,
    FUNCTIONS,
    MATRIX,
    PARAMETERS,
    SCALAR,
    SET_OPERATORS,
    VECTOR,
)
from appliance.promql.types import DOCUMENTED, value_type
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.base.errors import BadInput
    from appliance.promql.parser_expression import Written
    from appliance.promql.signatures import Signature

#: Nodes within nodes: deeper ones would exhaust the stack of printer or engine.
MAX_LEVELS = 250
_VALUES = frozenset([SCALAR, VECTOR])


class TypeCheck:
    """The check of one expression.

    Args:
        written: By `id` of Binary nodes, what they do not keep.
    """

    def __init__(self, text: str, written: Mapping[int, Written]) -> None:
        self._text = text
        self._written = written
        self._level = 0

    def check(self, expr: Expr) -> str:
        """The type of an expression, by its short name.

        Raises:
            BadInput: Something in it is of the wrong type.
        """
        self._level += 1
        if self._level > MAX_LEVELS:
            raise self._wrong(f"nested more than {MAX_LEVELS} deep", expr.position)
        found = self._checked(expr)
        self._level -= 1
        return found

    def _checked(self, expr: Expr) -> str:  # noqa: PLR0911 - one case for each node
        match expr:
            case VectorSelector():
                return self._selector(expr, may_be_empty=False)
            case Call():
                return self._call(expr)
            case MatrixSelector(vector):
                self.check(vector)
                return MATRIX
            case Binary():
                return self._binary(expr)
            case Aggregate():
                return self._aggregate(expr)
            case Parentheses(inner):
                return self.check(inner)
            case Unary():
                return self._unary(expr)
            case Subquery(inner):
                found = self.check(inner)
                if found != VECTOR:
                    message = f"subquery is only allowed on instant vector, got {found} instead"
                    raise self._wrong(message, expr.position)
                return MATRIX
        return value_type(expr)

    def _wrong(self, message: str, position: int) -> BadInput:
        return parse_error(self._text, message, position)

    def _expect(self, expr: Expr, wanted: str, context: str) -> None:
        found = self.check(expr)
        if found != wanted:
            message = f"expected type {DOCUMENTED[wanted]} in {context}, got {DOCUMENTED[found]}"
            raise self._wrong(message, expr.position)

    def _selector(self, expr: VectorSelector, *, may_be_empty: bool) -> str:
        if expr.name:
            for matcher in expr.matchers[:-1]:
                if matcher.name == METRIC_NAME:
                    names = f"{quote(expr.name)} or {quote(matcher.value)}"
                    message = f"metric name must not be set twice: {names}"
                    raise self._wrong(message, expr.position)
        elif not may_be_empty and all(matcher.matches("") for matcher in expr.matchers):
            message = "vector selector must contain at least one non-empty matcher"
            raise self._wrong(message, expr.position)
        return VECTOR

    def _unary(self, expr: Unary) -> str:
        found = self.check(expr.expr)
        if found not in _VALUES:
            message = (
                "unary expression only allowed on expressions of type scalar or instant vector,"
                f" got {quote(DOCUMENTED[found])}"
            )
            raise self._wrong(message, expr.position)
        return found

    def _aggregate(self, expr: Aggregate) -> str:
        self._expect(expr.expr, VECTOR, "aggregation expression")
        if expr.param is not None:
            self._expect(expr.param, PARAMETERS[expr.op], "aggregation parameter")
        return VECTOR

    def _binary(self, expr: Binary) -> str:
        types = (self.check(expr.left), self.check(expr.right))
        self._operator(expr, types)
        for operand, found in zip((expr.left, expr.right), types, strict=True):
            if found not in _VALUES:
                message = "binary expression must contain only scalar and instant vector types"
                raise self._wrong(message, operand.position)
        wrong = self._matching(expr, types)
        if not wrong and SCALAR in types and expr.op in SET_OPERATORS:
            wrong = f"set operator {quote(expr.op)} not allowed in binary scalar expression"
        if wrong:
            raise self._wrong(wrong, expr.position)
        return SCALAR if types == (SCALAR, SCALAR) else VECTOR

    def _operator(self, expr: Binary, types: tuple[str, str]) -> None:
        """What Prometheus reports where the operator is."""
        written = self._written[id(expr)]
        wrong = ""
        if expr.returns_bool and expr.op not in COMPARISONS:
            wrong = "bool modifier can only be used on comparison operators"
        elif expr.op in COMPARISONS and not expr.returns_bool and types == (SCALAR, SCALAR):
            wrong = "comparisons between scalars must use BOOL modifier"
        elif written.matching.on:
            both = [name for name in written.matching.labels if name in written.matching.include]
            if both:
                wrong = f"label {quote(both[0])} must not occur in ON and GROUP clause at once"
        if wrong:
            raise self._wrong(wrong, written.position)

    def _matching(self, expr: Binary, types: tuple[str, str]) -> str:
        matching = self._written[id(expr)].matching
        fills = matching.fill_left is not None or matching.fill_right is not None
        if types != (VECTOR, VECTOR):
            if matching.labels:
                return "vector matching only allowed between instant vectors"
            if fills:
                return "filling in missing series only allowed between instant vectors"
        elif expr.op in SET_OPERATORS:
            if matching.cardinality != "one-to-one":
                return f"no grouping allowed for {quote(expr.op)} operation"
            if fills:
                return "filling in missing series not allowed for set operators"
        return ""

    def _call(self, expr: Call) -> str:
        signature = FUNCTIONS[expr.name]
        self._count(expr, signature)
        context = f"call to function {quote(expr.name)}"
        is_info = expr.name == "info"
        if is_info and len(expr.args) > 1:
            self._info(expr, context)
        for index, arg in enumerate(expr.args):
            if is_info and index and isinstance(arg, VectorSelector):
                self._selector(arg, may_be_empty=True)
                continue
            wanted = signature.args[min(index, len(signature.args) - 1)]
            self._expect(arg, wanted, context)
        return signature.returns

    def _count(self, expr: Call, signature: Signature) -> None:
        count, least = len(expr.args), len(signature.args)
        wanted = ""
        if not signature.variadic:
            wanted = f"{least} argument(s)" if count != least else ""
        elif count < least - 1:
            wanted = f"at least {least - 1} argument(s)"
        elif 0 < signature.variadic < count - (least - 1):
            wanted = f"at most {least - 1 + signature.variadic} argument(s)"
        if wanted:
            message = f"expected {wanted} in call to {quote(expr.name)}, got {count}"
            raise self._wrong(message, expr.position)

    def _info(self, expr: Call, context: str) -> None:
        """The second argument of info() is matchers only."""
        selector = expr.args[1]
        found = value_type(selector)
        if found != VECTOR:
            message = f"expected type {DOCUMENTED[VECTOR]} in {context}, got {DOCUMENTED[found]}"
            raise self._wrong(message, expr.position)
        if not isinstance(selector, VectorSelector):
            raise self._wrong("expected label selectors only", selector.position)
        if selector.name:
            message = "expected label selectors only, got vector selector instead"
            raise self._wrong(message, selector.position)

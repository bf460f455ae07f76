"""What a pipeline asks of spans before it runs: Tempo's fetch conditions.

Tempo reads only those values of spans that satisfy one of the query's conditions, and shows them in
answers. While the query is nothing but conditions joined by `&&`, a span has to satisfy all of
them, else one. Facts of grafana/tempo's pkg/traceql (ast_conditions.go, ast.go).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Op, Scope, SpansetOp, UnaryOp
from appliance.traceql.expressions.compare import FLIPPED
from appliance.traceql.static import TRUE, Static, Type
from appliance.traceql.types import ARITHMETIC

_LOGICAL = frozenset({Op.AND, Op.OR})
#: Numbers of nested sets that structural operators read, by the operator's last character.
_READ = {
    ">": frozenset({Intrinsic.NESTED_SET_LEFT, Intrinsic.NESTED_SET_PARENT}),
    "~": frozenset({Intrinsic.NESTED_SET_PARENT}),
}
_READ["<"] = _READ[">"]
_READ_BY_DESCENDANT = frozenset({Intrinsic.NESTED_SET_LEFT, Intrinsic.NESTED_SET_RIGHT})
_HAS_PLACE = ast.Binary(
    Op.GREATER,
    ast.IntrinsicField(Intrinsic.NESTED_SET_LEFT),
    ast.Literal(Static(Type.INT, 0)),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is asked of a field.

    Attributes:
        field: None: of nothing, every span will do.
        op: None: any value will do.
        operand: Of a comparison.
        numbers: Of a structural operator: what it reads of the tree of a trace. Every span that
            has a place in it will do.
    """

    field: ast.Field | None = None
    op: Op | UnaryOp | None = None
    operand: Static | None = None
    numbers: frozenset[Intrinsic] = frozenset()

    @property
    def expression(self) -> ast.FieldExpression:
        """What is true of spans that satisfy it."""
        if self.numbers:
            return _HAS_PLACE
        if self.field is None:
            return ast.Literal(TRUE)
        if self.operand is not None and isinstance(self.op, Op):
            return ast.Binary(self.op, self.field, ast.Literal(self.operand))
        op = self.op if isinstance(self.op, UnaryOp) else UnaryOp.EXISTS
        return ast.Unary(op, self.field)

    @property
    def is_of_any_value(self) -> bool:
        """Whether an intrinsic field is asked for, whatever its value."""
        is_intrinsic = bool(self.numbers) or isinstance(self.field, ast.IntrinsicField)
        return is_intrinsic and self.op is None


@dataclass(slots=True)
class Conditions:
    """The conditions of a query.

    Attributes:
        first: What spans are found by.
        second: What is read of the spans in the end: elements from the first select() on.
        needs_all: Spans have to satisfy all of `first`, of conditions on the same field one.
        has_silent: A filter `{ }` asks nothing, as something was asked for before it that Tempo
            takes to be there in all spans.
    """

    first: list[Condition] = field(default_factory=list)
    second: list[Condition] = field(default_factory=list)
    needs_all: bool = True
    has_silent: bool = False

    def add_element(self, element: ast.PipelineElement | ast.ScalarExpression) -> None:
        """Add what an element of a pipeline asks."""
        match element:
            case ast.SpansetFilter():
                if element.expression == ast.Literal(TRUE):
                    self._add_empty()
                self.add_expression(element.expression)
            case ast.SpansetOperation():
                self._add_operation(element)
            case ast.Pipeline():
                self._add_pipeline(element)
            case ast.ScalarFilter() | ast.ScalarOperation():
                self.add_element(element.left)
                self.add_element(element.right)
            case ast.GroupBy() | ast.Aggregate():
                self.needs_all = False
                if element.expression is not None:
                    self.add_expression(element.expression)
            case ast.Select():
                self.second += [Condition(selected) for selected in element.fields]

    def _add_empty(self) -> None:
        if any(condition.is_of_any_value for condition in self.first):
            self.has_silent = True
        else:
            self.first.append(Condition())

    def _add_operation(self, operation: ast.SpansetOperation) -> None:
        if operation.op not in {SpansetOp.AND, SpansetOp.UNION}:
            self.first.append(Condition(numbers=_numbers_of(operation.op.value)))
        self.add_element(operation.left)
        self.add_element(operation.right)
        self.needs_all = False

    def _add_pipeline(self, pipeline: ast.Pipeline) -> None:
        is_selected = False
        for element in pipeline.elements:
            if is_selected:
                later = Conditions()
                later.add_element(element)
                self.second += [*later.first, *later.second]
            else:
                self.add_element(element)
            is_selected = is_selected or isinstance(element, ast.Select)

    def add_expression(self, expression: ast.FieldExpression) -> None:
        """Add what a field expression asks."""
        match expression:
            case ast.Attribute() | ast.IntrinsicField():
                self.first.append(Condition(expression))
            case ast.Unary(operand=ast.Attribute() | ast.IntrinsicField() as operand):
                is_test = expression.op in {UnaryOp.EXISTS, UnaryOp.NOT_EXISTS}
                self.first.append(Condition(operand, expression.op if is_test else None))
            case ast.Unary():
                self.add_expression(expression.operand)
            case ast.Binary():
                self._add_binary(expression)

    def _add_binary(self, expression: ast.Binary) -> None:
        match expression.left, expression.right:
            case ast.Literal(), ast.Literal():
                return
            case ((ast.Attribute() | ast.IntrinsicField() as left), ast.Literal(value=value)):
                self.first.append(_comparison(left, expression.op, value))
            case ast.Literal(value=value), (ast.Attribute() | ast.IntrinsicField() as right):
                flipped = FLIPPED.get(expression.op, expression.op)
                self.first.append(_comparison(right, flipped, value))
            case ((ast.Attribute() | ast.IntrinsicField() as left), right):
                self.first.append(Condition(left))
                self.add_expression(right)
            case ast.Literal(), right:
                self.add_expression(right)
            case left, right:
                self.add_expression(left)
                self.add_expression(right)
                self.needs_all = self.needs_all and expression.op is not Op.OR


def conditions_of(pipeline: ast.Pipeline) -> Conditions:
    """What a pipeline asks of spans."""
    conditions = Conditions()
    conditions.add_element(pipeline)
    # A query may say the same many times.
    conditions.first = list(dict.fromkeys(conditions.first))
    conditions.second = list(dict.fromkeys(conditions.second))
    if any(
        isinstance(condition.field, ast.Attribute) and condition.field.scope is Scope.NONE
        for condition in conditions.first
    ):
        conditions.needs_all = False
    return conditions


def _numbers_of(operator: str) -> frozenset[Intrinsic]:
    is_descendant = operator.endswith((">>", "<<"))
    return _READ_BY_DESCENDANT if is_descendant else _READ[operator[-1]]


def _comparison(compared: ast.Field, op: Op, value: Static) -> Condition:
    if op in ARITHMETIC or (op in _LOGICAL and value.type is Type.BOOLEAN):
        return Condition(compared)
    return Condition(compared, op, value)

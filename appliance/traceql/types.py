"""Types that can be told without data, and which operators go with them.

Grafana Tempo, pkg/traceql: `impliedType`, `isMatchingOperand`, `binaryTypesValid`,
`unaryTypesValid`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.traceql.ast import (
    Aggregate,
    AggregateOp,
    Attribute,
    Binary,
    Intrinsic,
    IntrinsicField,
    Literal,
    Op,
    Pipeline,
    ScalarOperation,
    Unary,
    UnaryOp,
)
from appliance.traceql.static import Type

if TYPE_CHECKING:
    from appliance.traceql.ast import FieldExpression, ScalarExpression

NUMERIC = frozenset([Type.INT, Type.FLOAT, Type.DURATION])
ARITHMETIC = frozenset([Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.MOD, Op.POW])
_EQUALITY = frozenset([Op.EQUAL, Op.NOT_EQUAL])
_ORDER = _EQUALITY | {Op.LESS, Op.LESS_EQUAL, Op.GREATER, Op.GREATER_EQUAL}
#: Operators by the type of both operands.
VALID = {
    Type.BOOLEAN: _EQUALITY | {Op.AND, Op.OR},
    Type.INT: _ORDER | ARITHMETIC,
    Type.FLOAT: _ORDER | ARITHMETIC,
    Type.DURATION: _ORDER | ARITHMETIC,
    Type.STRING: _ORDER | {Op.REGEX, Op.NOT_REGEX},
    Type.STATUS: _EQUALITY,
    Type.KIND: _EQUALITY,
    Type.NIL: _EQUALITY,
}
_TEXTS = (
    Intrinsic.NAME, Intrinsic.STATUS_MESSAGE, Intrinsic.SPAN_ID, Intrinsic.PARENT_ID,
    Intrinsic.TRACE_ID, Intrinsic.ROOT_NAME, Intrinsic.ROOT_SERVICE, Intrinsic.EVENT_NAME,
    Intrinsic.LINK_TRACE_ID, Intrinsic.LINK_SPAN_ID,
)  # fmt: skip
_COUNTS = (
    Intrinsic.CHILD_COUNT, Intrinsic.NESTED_SET_LEFT, Intrinsic.NESTED_SET_RIGHT,
    Intrinsic.NESTED_SET_PARENT,
)  # fmt: skip
_TIMES = (Intrinsic.DURATION, Intrinsic.TRACE_DURATION, Intrinsic.EVENT_TIME_SINCE_START)
#: Types of intrinsics. Those of `instrumentation:` have none: Tempo compares them with anything.
INTRINSIC_TYPES = {
    **dict.fromkeys(_TEXTS, Type.STRING),
    **dict.fromkeys(_COUNTS, Type.INT),
    **dict.fromkeys(_TIMES, Type.DURATION),
    Intrinsic.STATUS: Type.STATUS,
    Intrinsic.KIND: Type.KIND,
    Intrinsic.PARENT: Type.NIL,
}


def field_type(expression: FieldExpression) -> Type | None:  # noqa: PLR0911 - a case for each node
    """The type of what an expression gives; None where the data decide."""
    match expression:
        case Literal():
            return expression.value.type
        case IntrinsicField():
            return INTRINSIC_TYPES.get(expression.intrinsic)
        case Attribute():
            return None
        case Unary(op=UnaryOp.EXISTS | UnaryOp.NOT_EXISTS):
            return Type.BOOLEAN
        case Unary():
            return field_type(expression.operand)
        case Binary():
            if expression.op not in ARITHMETIC:
                return Type.BOOLEAN
            return field_type(expression.left) or field_type(expression.right)


def scalar_type(expression: ScalarExpression) -> Type | None:
    """The type of a number of spansets; None where the data decide."""
    match expression:
        case Literal():
            return expression.value.type
        case Aggregate():
            if expression.op is AggregateOp.COUNT or expression.expression is None:
                return Type.INT
            return field_type(expression.expression)
        case ScalarOperation():
            return scalar_type(expression.left) or scalar_type(expression.right)
        case Pipeline():
            last = expression.elements[-1]
            return scalar_type(last) if isinstance(last, Aggregate) else None


def are_matching(left: Type | None, right: Type | None) -> bool:
    """Whether values of two types can stand at an operator at all."""
    if left is None or right is None or left is right:
        return True
    return (left in NUMERIC and right in NUMERIC) or Type.NIL in {left, right}


def is_valid(op: Op, *types: Type | None) -> bool:
    """Whether an operator takes operands of some types."""
    return all(one is None or op in VALID.get(one, ()) for one in types)


def are_binary_operands(op: Op, left: Type | None, right: Type | None) -> bool:
    """Whether an operator takes two operands."""
    return are_matching(left, right) and is_valid(op, left, right)


def references_span(expression: FieldExpression) -> bool:
    """Whether an expression looks at the span at all."""
    match expression:
        case Literal():
            return False
        case Unary():
            return references_span(expression.operand)
        case Binary():
            return references_span(expression.left) or references_span(expression.right)
        case _:
            return True

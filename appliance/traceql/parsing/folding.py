"""Operators on constants are worked out while a query is read, as Tempo does it.

What cannot be worked out (a division by zero, operands of the wrong types) stays as it is; the
check of types names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.traceql.ast import Binary, Literal, Op, Unary, UnaryOp
from appliance.traceql.static import FALSE, NIL, TRUE, Static, Type
from appliance.traceql.types import NUMERIC, are_binary_operands

if TYPE_CHECKING:
    from appliance.traceql.ast import FieldExpression

_MOST = 2**63


def binary(op: Op, left: FieldExpression, right: FieldExpression, position: int) -> FieldExpression:
    """An operator and its operands, or what comes of it."""
    node = Binary(op, left, right, position=position)
    if not (isinstance(left, Literal) and isinstance(right, Literal)):
        return node
    if not are_binary_operands(op, left.value.type, right.value.type):
        return node
    # What computes with numbers needs numpy, which reading most queries can do without.
    from appliance.traceql.expressions.compare import binary as computed  # noqa: PLC0415

    try:
        value = computed(op, left.value, right.value)
    except BadInput:  # a regular expression that is none
        return node
    return node if value == NIL else Literal(value, position=position)


def unary(op: UnaryOp, operand: FieldExpression, position: int) -> FieldExpression:
    """An operator and its operand, or what comes of it."""
    value = _computed(op, operand.value) if isinstance(operand, Literal) else None
    if value is None:
        return Unary(op, operand, position=position)
    return Literal(value, position=position)


def negated(value: Static) -> Static:
    """A number with the other sign; integers wrap as in Go."""
    number = value.value
    if value.type is Type.FLOAT and isinstance(number, float):
        return Static(Type.FLOAT, -number)
    if isinstance(number, int):
        return Static(value.type, (-number + _MOST) % (2 * _MOST) - _MOST)
    raise TypeError(f"{value} is no number")


def _computed(op: UnaryOp, value: Static) -> Static | None:
    if op is UnaryOp.NEGATE and value.type in NUMERIC:
        return negated(value)
    if op is UnaryOp.NOT and value.type is Type.BOOLEAN:
        return FALSE if value == TRUE else TRUE
    if op is UnaryOp.EXISTS:
        return TRUE
    return FALSE if op is UnaryOp.NOT_EXISTS else None

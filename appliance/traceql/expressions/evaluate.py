"""Field expressions over the spans of a block.

A condition on events (or links) holds for a span when it holds for one of them. Conditions that
`&&` joins and that are about events only have to hold for the same event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql import ast
from appliance.traceql.ast import Op, Scope, UnaryOp
from appliance.traceql.column import Column, Constant, Mask
from appliance.traceql.expressions.columns import present_rows, take, true_rows
from appliance.traceql.expressions.conjuncts import (
    cost_of,
    is_about_items,
    item_kind_of,
    operands_of,
)
from appliance.traceql.expressions.vectors import combine, negated, opposite
from appliance.traceql.fields import field_column
from appliance.traceql.fields_items import any_of_spans, first_of_spans, item_column, item_kind
from appliance.traceql.static import FALSE
from appliance.traceql.types import ARITHMETIC

if TYPE_CHECKING:
    from typing import Protocol

    from numpy.typing import NDArray

    from appliance.traceql.block import Block

    class Frame(Protocol):
        """What fields are looked up in: rows of one kind."""

        @property
        def count(self) -> int:
            """Rows."""
            ...

        def column(self, field: ast.Field) -> Column:
            """A field, a value for each row."""
            ...


_STRICT = frozenset({Op.EQUAL, Op.NOT_EQUAL})


def evaluate(expression: ast.FieldExpression, block: Block) -> Column:
    """The expression's value for every span, also for those that are not live."""
    match expression:
        case ast.Attribute() | ast.IntrinsicField():
            return field_column(expression, block)
        case ast.Literal():
            return Constant(expression.value)
    if _is_condition(expression):
        return Mask(_holds(expression, block))
    kind = item_kind_of(expression)
    if kind is None:
        return _value(expression, _Spans(block))
    rows = block.columns.items(kind).rows
    return first_of_spans(_value(expression, _Items(block, kind)), rows, block.count)


def matching(expression: ast.FieldExpression, block: Block) -> NDArray[np.bool_]:
    """For which live spans the expression is true: bool[span]."""
    mask = _holds(expression, block)
    live = block.columns.live
    return mask if live is None else mask & live


def _is_condition(expression: ast.FieldExpression) -> bool:
    """Whether its value is true or false for every span."""
    match expression:
        case ast.Binary():
            return expression.op not in ARITHMETIC
        case ast.Unary():
            return expression.op is not UnaryOp.NEGATE and (
                expression.op is not UnaryOp.NOT or _is_condition(expression.operand)
            )
    return False


def _holds(expression: ast.FieldExpression, block: Block) -> NDArray[np.bool_]:
    """For which spans a condition is true; what is not needed for that is not loaded."""
    block.check()
    match expression:
        case ast.Binary(op=Op.AND):
            return _all_hold(operands_of(expression, Op.AND), block)
        case ast.Binary(op=Op.OR):
            return _one_holds(operands_of(expression, Op.OR), block)
        case ast.Unary(op=UnaryOp.NOT) if _is_condition(expression.operand):
            return ~_holds(expression.operand, block)
        case ast.Unary(op=UnaryOp.NOT_EXISTS):
            return _is_absent(expression.operand, block)
    kind = item_kind_of(expression)
    if kind is not None:
        return _of_items([expression], kind, block)
    return true_rows(_value(expression, _Spans(block)), block.count)


def _all_hold(parts: list[ast.FieldExpression], block: Block) -> NDArray[np.bool_]:
    about_items: dict[str, list[ast.FieldExpression]] = {}
    others = []
    for part in parts:
        kind = item_kind_of(part)
        if kind is not None and is_about_items(part, kind):
            about_items.setdefault(kind, []).append(part)
        else:
            others.append(part)
    mask = np.ones(block.count, np.bool_)
    for part in sorted(others, key=cost_of):
        mask &= _holds(part, block)
        if not mask.any():
            return mask
    for kind, conditions in about_items.items():
        mask &= _of_items(conditions, kind, block)
    return mask


def _one_holds(parts: list[ast.FieldExpression], block: Block) -> NDArray[np.bool_]:
    mask = np.zeros(block.count, np.bool_)
    for part in sorted(parts, key=cost_of):
        mask |= _holds(part, block)
        if mask.all():
            break
    return mask


def _of_items(conditions: list[ast.FieldExpression], kind: str, block: Block) -> NDArray[np.bool_]:
    """Which spans have an item for which all conditions hold."""
    # Differs from Tempo: there it may be several items, depending on what else the query says.
    return any_of_spans(
        matching_items(conditions, kind, block), block.columns.items(kind).rows, block.count
    )


def matching_items(
    conditions: list[ast.FieldExpression], kind: str, block: Block
) -> NDArray[np.bool_]:
    """For which events or links all conditions hold: bool[item]."""
    frame = _Items(block, kind)
    mask = np.ones(frame.count, np.bool_)
    for condition in conditions:
        if not mask.any():
            break
        block.check()
        mask &= true_rows(_value(condition, frame), frame.count)
    return mask


def _is_absent(operand: ast.FieldExpression, block: Block) -> NDArray[np.bool_]:
    """`operand = nil`."""
    match operand:
        case ast.Literal():  # `nil = nil` finds nothing
            return np.zeros(block.count, np.bool_)
        case ast.Attribute(scope=Scope.NONE):
            # Either scope may be the one that has none, as in Tempo.
            mask = np.zeros(block.count, np.bool_)
            for scope in (Scope.SPAN, Scope.RESOURCE):
                field = ast.Attribute(operand.name, scope, operand.is_parent)
                mask |= ~present_rows(field_column(field, block), block.count)
            return mask
    return ~present_rows(evaluate(operand, block), block.count)


class _Spans:
    """Fields of spans."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self.count = block.count

    def column(self, field: ast.Field) -> Column:
        return field_column(field, self._block)


class _Items:
    """Fields of events or links; all others are those of the span that has them."""

    def __init__(self, block: Block, kind: str) -> None:
        self._block = block
        self._kind = kind
        self._rows = block.columns.items(kind).rows
        self.count = len(self._rows)

    def column(self, field: ast.Field) -> Column:
        if item_kind(field) == self._kind and not field.is_parent:
            return item_column(field, self._block)
        return take(field_column(field, self._block), self._rows)


def _value(expression: ast.FieldExpression, frame: Frame) -> Column:
    match expression:
        case ast.Literal():
            return Constant(expression.value)
        case ast.Attribute() | ast.IntrinsicField():
            return frame.column(expression)
        case ast.Unary():
            return _unary(expression, frame)
        case ast.Binary():
            left, right = _value(expression.left, frame), _value(expression.right, frame)
            # Of an attribute and a constant Tempo looks only at values of the constant's type.
            # Differs from Tempo: `<` and `>` compare any numbers.
            sides = {type(expression.left), type(expression.right)}
            is_strict = expression.op in _STRICT and ast.Attribute in sides
            return combine(expression.op, left, right, frame.count, is_strict=is_strict)


def _unary(expression: ast.Unary, frame: Frame) -> Column:
    column = _value(expression.operand, frame)
    match expression.op:
        case UnaryOp.NOT:
            return negated(column, frame.count)
        case UnaryOp.NEGATE:
            return opposite(column, frame.count)
        case UnaryOp.EXISTS:
            return Mask(present_rows(column, frame.count))
        case UnaryOp.NOT_EXISTS:
            if isinstance(expression.operand, ast.Literal):
                return Constant(FALSE)
            return Mask(~present_rows(column, frame.count))

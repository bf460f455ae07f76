"""The shape of conditions: what is joined, what is about events or links, what is cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Op, Scope, UnaryOp
from appliance.traceql.fields_items import item_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_REGEX = frozenset({Op.REGEX, Op.NOT_REGEX})
#: About how much it takes to look at a field; a few distinct values are the cheapest.
_RESOURCE, _NUMBER, _ATTRIBUTE, _DERIVED, _ITEM, _EXPRESSION = 1, 2, 4, 8, 16, 10
_CHEAP = {
    Intrinsic.STATUS: _RESOURCE,
    Intrinsic.KIND: _RESOURCE,
    Intrinsic.NAME: _RESOURCE,
    Intrinsic.DURATION: _NUMBER,
}


def operands_of(expression: ast.FieldExpression, op: Op) -> list[ast.FieldExpression]:
    """What a chain of one operator joins, from left to right."""
    found: list[ast.FieldExpression] = []
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Binary) and part.op is op:
            waiting += [part.right, part.left]
        else:
            found.append(part)
    return found


def fields_of(expression: ast.FieldExpression) -> Iterator[ast.Field]:
    """The fields it mentions, from left to right."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        match part:
            case ast.Attribute() | ast.IntrinsicField():
                yield part
            case ast.Unary():
                waiting.append(part.operand)
            case ast.Binary():
                waiting += [part.right, part.left]


def item_kind_of(expression: ast.FieldExpression) -> str | None:
    """`event` or `link` when it mentions fields of these (`event` when of both), else None."""
    kinds = {item_kind(field) for field in fields_of(expression) if not field.is_parent} - {None}
    return min(kinds, key=str) if kinds else None


def is_about_items(expression: ast.FieldExpression, kind: str) -> bool:
    """Whether a condition can be looked at for each event (or link) by itself.

    Not so when it may hold for a span without any, as `event.a = nil` and `!(event.a = 1)` do.
    """
    match expression:
        case ast.Binary(op=Op.AND | Op.OR):
            sides = is_about_items(expression.left, kind), is_about_items(expression.right, kind)
            return all(sides) if expression.op is Op.OR else any(sides) and _is_plain(expression)
        case ast.Unary(op=UnaryOp.NOT_EXISTS):
            return False
        case ast.Unary(op=UnaryOp.NOT) if not isinstance(expression.operand, ast.Attribute):
            return False
    return item_kind_of(expression) == kind


def _is_plain(expression: ast.FieldExpression) -> bool:
    """Whether it has no negation anywhere."""
    match expression:
        case ast.Unary(op=UnaryOp.NOT | UnaryOp.NOT_EXISTS):
            return False
        case ast.Unary():
            return _is_plain(expression.operand)
        case ast.Binary():
            return _is_plain(expression.left) and _is_plain(expression.right)
    return True


def cost_of(expression: ast.FieldExpression) -> int:
    """What to look at first: the less, the sooner."""
    match expression:
        case ast.Literal():
            return 0
        case ast.Unary():
            return cost_of(expression.operand)
        case ast.Binary():
            extra = _EXPRESSION if expression.op in _REGEX else 0
            return cost_of(expression.left) + cost_of(expression.right) + extra
        case ast.Attribute() | ast.IntrinsicField():
            return _cost_of_field(expression) + (_DERIVED if expression.is_parent else 0)


def _cost_of_field(field: ast.Field) -> int:
    if item_kind(field) is not None:
        return _ITEM
    if isinstance(field, ast.IntrinsicField):
        return _CHEAP.get(field.intrinsic, _DERIVED)
    return _RESOURCE if field.scope in {Scope.RESOURCE, Scope.INSTRUMENTATION} else _ATTRIBUTE

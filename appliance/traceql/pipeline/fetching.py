"""Which spans a pipeline gets to see at all.

That matters where an expression can be true of spans that satisfy none of the query's conditions:
`{ !(status = error) }` finds nothing in Tempo, as only spans with an error are looked at.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Op, UnaryOp
from appliance.traceql.expressions.columns import present_rows
from appliance.traceql.expressions.conjuncts import fields_of
from appliance.traceql.expressions.evaluate import matching
from appliance.traceql.fields_items import any_of_spans, item_column, item_kind
from appliance.traceql.pipeline.conditions import Condition, conditions_of
from appliance.traceql.types import ARITHMETIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.block import Block

_TOGETHER = (ast.GroupBy, ast.ScalarFilter, ast.Aggregate)
#: One of them, among conditions of which one is enough, and all spans are looked at.
_OF_TRACE = frozenset(
    {
        Intrinsic.TRACE_ID,
        Intrinsic.TRACE_DURATION,
        Intrinsic.ROOT_NAME,
        Intrinsic.ROOT_SERVICE,
    }
)


def fetched_rows(pipeline: ast.Pipeline, block: Block) -> NDArray[np.int64]:
    """Rows of the live spans that the pipeline sees, ascending."""
    live = block.columns.live
    mask = np.ones(block.count, dtype=bool) if live is None else live
    conditions = conditions_of(pipeline)
    is_implied = _is_implied(pipeline.elements, needs_all=conditions.needs_all)
    if conditions.has_silent or not is_implied:
        mask = mask & _satisfying(conditions.first, block, needs_all=conditions.needs_all)
    return np.flatnonzero(mask)


def _satisfying(
    conditions: Sequence[Condition], block: Block, *, needs_all: bool
) -> NDArray[np.bool_]:
    if not needs_all and any(_is_of_trace(condition.field) for condition in conditions):
        return np.ones(block.count, dtype=bool)
    by_field: dict[ast.Field | None, NDArray[np.bool_]] = {}
    for condition in conditions:
        mask = _satisfies(condition, block)
        known = by_field.get(condition.field)
        by_field[condition.field] = mask if known is None else known | mask
    combine = np.logical_and if needs_all else np.logical_or
    if not by_field:
        return np.ones(block.count, dtype=bool)
    result: NDArray[np.bool_] = combine.reduce(list(by_field.values()))
    return result


def _satisfies(condition: Condition, block: Block) -> NDArray[np.bool_]:
    kind = item_kind(condition.field) if condition.field is not None else None
    if kind is None or condition.field is None or condition.op is not UnaryOp.NOT_EXISTS:
        return matching(condition.expression, block)
    rows = block.columns.items(kind).rows
    absent = ~present_rows(item_column(condition.field, block), len(rows))
    return any_of_spans(absent, rows, block.count)


def _is_of_trace(field: ast.Field | None) -> bool:
    return isinstance(field, ast.IntrinsicField) and field.intrinsic in _OF_TRACE


def _is_implied(elements: Sequence[ast.PipelineElement], *, needs_all: bool) -> bool:
    """Whether all spans that these elements look at together satisfy the conditions anyway.

    Groups and aggregates do so: what filters let through after them came too late.
    """
    first = itertools.takewhile(lambda element: not isinstance(element, _TOGETHER), elements)
    filters = [
        element
        for element in first
        if isinstance(element, ast.SpansetFilter | ast.SpansetOperation | ast.Pipeline)
    ]
    implied = [_filter_implies(element, needs_all=needs_all) for element in filters]
    return all(implied) if needs_all else any(implied)


def _filter_implies(element: ast.SpansetExpression, *, needs_all: bool) -> bool:
    match element:
        case ast.SpansetFilter(expression=ast.Literal()):
            return True
        case ast.SpansetFilter():
            return _implies(element.expression, needs_all=needs_all)
        case ast.Pipeline():
            return _is_implied(element.elements, needs_all=needs_all)
        case ast.SpansetOperation():
            return all(
                _filter_implies(side, needs_all=needs_all) for side in (element.left, element.right)
            )


def _implies(expression: ast.FieldExpression, *, needs_all: bool) -> bool:
    """Whether a span satisfies one (or all) of an expression's conditions when it is true."""
    if next(fields_of(expression), None) is None:
        return needs_all
    match expression:
        case ast.Unary(operand=ast.Attribute() | ast.IntrinsicField() as operand):
            return expression.op is not UnaryOp.NOT_EXISTS or item_kind(operand) is None
        case ast.Binary(op=Op.AND | Op.OR as op):
            sides = [
                _implies(side, needs_all=needs_all) for side in (expression.left, expression.right)
            ]
            if op is Op.AND and not needs_all:
                return any(sides)
            return all(sides) and (op is Op.AND or not needs_all)
        case ast.Binary():
            return not (_is_condition(expression.left) or _is_condition(expression.right))
    return not isinstance(expression, ast.Unary)


def _is_condition(expression: ast.FieldExpression) -> bool:
    """Whether it is true or false, so that something else may be true because it is false."""
    match expression:
        case ast.Binary():
            return expression.op not in ARITHMETIC
        case ast.Unary():
            return expression.op is not UnaryOp.NEGATE
    return False

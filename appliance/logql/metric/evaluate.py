"""Evaluation of metric queries, node by node."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.logql import ast
from appliance.logql.metric.arithmetic import number
from appliance.logql.metric.binary import evaluate_binary, evaluate_with_number
from appliance.logql.metric.frame import constant_frame
from appliance.logql.metric.label_replace import replaced
from appliance.logql.metric.range_aggregation import evaluate_range
from appliance.logql.metric.vector_aggregation import aggregate

if TYPE_CHECKING:
    from appliance.logql.metric.context import Context
    from appliance.logql.metric.frame import Frame


def folded(query: ast.Metric) -> ast.Metric:
    """The query with operations on numbers alone done."""
    match query:
        case ast.Binary():
            left, right = folded(query.left), folded(query.right)
            if isinstance(left, ast.Literal) and isinstance(right, ast.Literal):
                return ast.Literal(number(query.op, left.value, right.value), query.position)
            return replace(query, left=left, right=right)
        case ast.VectorAggregation() | ast.LabelReplace():
            return replace(query, expr=folded(query.expr))
    return query


def evaluate_frame(node: ast.Metric, context: Context) -> Frame:
    """The series of a folded query.

    Raises:
        BadInput, QueryFailed, LimitExceeded, TimedOut: See `engine.evaluate`.
    """
    context.guard.check()
    match node:
        case ast.RangeAggregation():
            return evaluate_range(node, context)
        case ast.VectorAggregation():
            return _aggregated(node, context)
        case ast.Binary():
            return _binary(node, context)
        case ast.VectorLiteral():
            return constant_frame(node.value, context.steps)
        case ast.LabelReplace():
            return replaced(node, evaluate_frame(node.expr, context))
        case ast.Literal():
            raise BadInput("unexpected expr type (*syntax.LiteralExpr) for Evaluator type")
        case ast.Variants():
            raise BadInput("multi variant queries are disabled for this instance")


def _aggregated(node: ast.VectorAggregation, context: Context) -> Frame:
    if isinstance(node.expr, ast.RangeAggregation):
        frame = evaluate_range(node.expr, context, outer=node.grouping, outer_op=node.op)
    else:
        frame = evaluate_frame(node.expr, context)
    return aggregate(node, frame)


def _binary(node: ast.Binary, context: Context) -> Frame:
    left, right = node.left, node.right
    if isinstance(left, ast.Literal):
        frame = evaluate_frame(right, context)
        return evaluate_with_number(node, frame, left.value, is_left=True)
    if isinstance(right, ast.Literal):
        frame = evaluate_frame(left, context)
        return evaluate_with_number(node, frame, right.value, is_left=False)
    return evaluate_binary(
        node, evaluate_frame(left, context), evaluate_frame(right, context), context.steps
    )

"""The evaluator: one recursive function from an expression to its values at all steps.

Subexpressions that do not depend on the step (`@`) are evaluated once and repeated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.promql.aggregation import aggregate
from appliance.promql.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from appliance.promql.binary import binary, negate
from appliance.promql.frame import Frame, Value
from appliance.promql.functions import IMPLEMENTATIONS, LAZY
from appliance.promql.invariant import is_invariant
from appliance.promql.selector import instant, ranges
from appliance.promql.subquery import subquery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.promql.context import Context


def evaluate_expr(expr: Expr, context: Context) -> Value:
    """The value of an expression at the context's steps.

    Returns:
        A Frame, Ranges, float64[step] for a scalar, or a string.
    """
    context.guard.check()
    evaluate = _EVALUATORS[type(expr)]
    if len(context.steps_ms) > 1 and is_invariant(expr):
        return _repeated(evaluate(expr, context.at(context.steps_ms[:1])), len(context.steps_ms))
    return evaluate(expr, context)


def _number(expr: NumberLiteral, context: Context) -> Value:
    return np.full(len(context.steps_ms), expr.value)


def _string(expr: StringLiteral, _context: Context) -> Value:
    return expr.value


def _parentheses(expr: Parentheses, context: Context) -> Value:
    return evaluate_expr(expr.inner, context)


def _subquery(expr: Subquery, context: Context) -> Value:
    return subquery(expr, context, evaluate_expr)


def _unary(expr: Unary, context: Context) -> Value:
    value = evaluate_expr(expr.expr, context)
    return negate(value, context) if expr.op == "-" else value


def _binary(expr: Binary, context: Context) -> Value:
    left = evaluate_expr(expr.left, context)
    return binary(expr, left, evaluate_expr(expr.right, context), context)


def _aggregate(expr: Aggregate, context: Context) -> Value:
    param = None if expr.param is None else evaluate_expr(expr.param, context)
    return aggregate(expr, evaluate_expr(expr.expr, context), param, context)


def _call(expr: Call, context: Context) -> Value:
    if expr.name in LAZY:
        return LAZY[expr.name](expr, context, evaluate_expr)
    values = [evaluate_expr(arg, context) for arg in expr.args]
    return IMPLEMENTATIONS[expr.name](expr, values, context)


_EVALUATORS: Mapping[type, Callable[[Any, Context], Value]] = {
    NumberLiteral: _number,
    StringLiteral: _string,
    Parentheses: _parentheses,
    VectorSelector: instant,
    MatrixSelector: ranges,
    Subquery: _subquery,
    Unary: _unary,
    Binary: _binary,
    Aggregate: _aggregate,
    Call: _call,
}


def _repeated(value: Value, steps: int) -> Value:
    """A value of one step at all steps."""
    if isinstance(value, Frame):
        shape = (len(value.labels), steps)
        histograms = value.histograms
        return replace(
            value,
            values=np.broadcast_to(value.values, shape),
            present=np.broadcast_to(value.present, shape),
            histograms=None if histograms is None else np.broadcast_to(histograms, shape),
        )
    if isinstance(value, np.ndarray):
        return np.broadcast_to(value, (steps,))
    return value

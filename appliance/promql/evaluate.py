"""The evaluator: one recursive function from an expression to its values at all steps.

Subexpressions that do not depend on the step (`@`) are evaluated once and repeated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
    from appliance.promql.context import Context


def evaluate_expr(expr: Expr, context: Context) -> Value:
    """The value of an expression at the context's steps.

    Returns:
        A Frame, Ranges, float64[step] for a scalar, or a string.
    """
    if len(context.steps_ms) > 1 and is_invariant(expr):
        return _repeated(_value(expr, context.at(context.steps_ms[:1])), len(context.steps_ms))
    return _value(expr, context)


def _value(expr: Expr, context: Context) -> Value:
    context.guard.check()
    match expr:
        case NumberLiteral(value):
            return np.full(len(context.steps_ms), value)
        case StringLiteral(value):
            return value
        case Parentheses(inner):
            return evaluate_expr(inner, context)
        case VectorSelector():
            return instant(expr, context)
        case MatrixSelector():
            return ranges(expr, context)
        case Subquery():
            return subquery(expr, context, evaluate_expr)
        case Unary(op, inner):
            value = evaluate_expr(inner, context)
            return negate(value, context) if op == "-" else value
        case Binary(left=left, right=right):
            sides = evaluate_expr(left, context), evaluate_expr(right, context)
            return binary(expr, *sides, context)
        case Aggregate(expr=inner, param=param):
            value = evaluate_expr(inner, context)
            return aggregate(
                expr, value, None if param is None else evaluate_expr(param, context), context
            )
        case Call(name, args):
            if name in LAZY:
                return LAZY[name](expr, context, evaluate_expr)
            values = [evaluate_expr(arg, context) for arg in args]
            return IMPLEMENTATIONS[name](expr, values, context)
    raise AssertionError(expr)


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

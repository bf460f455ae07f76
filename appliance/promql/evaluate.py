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
from appliance.promql.functions import IMPLEMENTATIONS, LAZY, PER_SERIES
from appliance.promql.invariant import is_invariant
from appliance.promql.selector import instant, range_batches, ranges
from appliance.promql.stacking import stacked
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
    if expr.name in PER_SERIES and context.delays_names and _range_argument(expr) is not None:
        return _in_batches(expr, context)
    values = [evaluate_expr(arg, context) for arg in expr.args]
    return IMPLEMENTATIONS[expr.name](expr, values, context)


def _range_argument(expr: Call) -> int | None:
    """Which argument selects ranges of series."""
    found = (number for number, arg in enumerate(expr.args) if isinstance(arg, MatrixSelector))
    return next(found, None)


def _in_batches(expr: Call, context: Context) -> Value:
    """A function whose result for a series needs no other: a few series at a time are loaded."""
    number = _range_argument(expr)
    assert number is not None  # noqa: S101 - the caller has looked
    selector = expr.args[number]
    assert isinstance(selector, MatrixSelector)  # noqa: S101
    values: list[Value] = [
        "" if place == number else evaluate_expr(arg, context)
        for place, arg in enumerate(expr.args)
    ]
    frames: list[Frame] = []
    for batch in range_batches(selector, context):
        values[number] = batch
        frame = IMPLEMENTATIONS[expr.name](expr, values, context)
        assert isinstance(frame, Frame)  # noqa: S101
        frames.append(frame)
        context.guard.add_samples(int(np.count_nonzero(frame.present)))
        context.guard.free_samples(sum(group.values.size for group in batch.groups))
        context.guard.check()
    if frames:
        return stacked(frames)
    values[number] = ranges(selector, context)  # nothing, but what is asked for may be wrong
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

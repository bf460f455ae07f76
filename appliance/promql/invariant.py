"""Which expressions have the same value at every step (Prometheus' PreprocessExpr)."""

from __future__ import annotations

from appliance.promql.ast import (
    Aggregate,
    Call,
    Expr,
    MatrixSelector,
    Parentheses,
    StringLiteral,
    Subquery,
    VectorSelector,
)

#: Functions whose result depends on the step even when their arguments do not.
_UNSAFE = frozenset(
    [
        "days_in_month",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "hour",
        "minute",
        "month",
        "predict_linear",
        "time",
        "timestamp",
        "year",
    ]
)


def is_invariant(expr: Expr) -> bool:
    """Whether an expression need be evaluated at one step only and may be repeated.

    Range vectors never are: their consumers want a window for each step.
    """
    inner = unwrapped(expr)
    return not isinstance(inner, MatrixSelector | Subquery | StringLiteral) and _is_fixed(inner)


def unwrapped(expr: Expr) -> Expr:
    """What is inside parentheses."""
    while isinstance(expr, Parentheses):
        expr = expr.inner
    return expr


def _is_fixed(expr: Expr) -> bool:
    """Whether nothing in it depends on the step."""
    match expr:
        case VectorSelector() | Subquery():
            return expr.modifiers.at_ms is not None
        case Aggregate(expr=inner):
            # As in Prometheus, the parameter of an aggregation does not count.
            return _is_fixed(inner)
        case Call(name, args) if name in _UNSAFE:
            # Samples of a selector keep their own times, whatever the step.
            is_selector = name == "timestamp" and isinstance(unwrapped(args[0]), VectorSelector)
            return is_selector and _is_fixed(args[0])
    return all(map(_is_fixed, expr.children()))

"""Durations and times that only a query's bounds decide (Prometheus, promql/durations.go)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeVar

from appliance.base.errors import BadInput
from appliance.promql.ast import (
    Aggregate,
    Binary,
    Call,
    Duration,
    DurationCall,
    Expr,
    MatrixSelector,
    Modifiers,
    NumberLiteral,
    Parentheses,
    Subquery,
    Unary,
    VectorSelector,
)
from appliance.promql.invariant import unwrapped

T = TypeVar("T")
_MAX_SECONDS = 2**63 / 1e9


@dataclass(frozen=True, slots=True)
class _Bounds:
    start_ms: int
    end_ms: int
    step_ms: int


def resolved(expr: Expr, *, start_ms: int, end_ms: int, step_ms: int) -> Expr:
    """The expression with every duration expression and `@ start()`, `@ end()` replaced.

    Parentheses around arguments go, as in Prometheus: remarks name the place of what is inside.

    Args:
        start_ms, end_ms, step_ms: Of the query; an instant query starts where it ends and its step
            is 0.

    Returns:
        `expr` itself where there is nothing to replace.

    Raises:
        BadInput: A range or step is not greater than 0, or a number is divided by 0.
    """
    return _resolved(expr, _Bounds(start_ms, end_ms, step_ms))


def _resolved(expr: Expr, bounds: _Bounds) -> Expr:  # noqa: PLR0911 - one case for each node
    match expr:
        case VectorSelector(modifiers=modifiers):
            return _changed(expr, modifiers=_modifiers(modifiers, bounds))
        case MatrixSelector():
            # The range before the offset: the first error counts.
            range_ms = _milliseconds(expr.range, expr.range_ms, bounds)
            vector = _resolved(expr.vector, bounds)
            return _changed(expr, vector=vector, range_ms=range_ms, range=None)
        case Subquery():
            modifiers = _modifiers(expr.modifiers, bounds)
            step_ms = _milliseconds(expr.step, expr.step_ms, bounds)
            range_ms = _milliseconds(expr.range, expr.range_ms, bounds)
            times = {"range_ms": range_ms, "step_ms": step_ms, "range": None, "step": None}
            inner = _resolved(expr.expr, bounds)
            return _changed(expr, expr=inner, modifiers=modifiers, **times)
        case Call(args=args):
            return _changed(expr, args=_all(args, bounds))
        case Parentheses(inner):
            return _changed(expr, inner=_resolved(inner, bounds))
        case Unary(expr=inner):
            return _changed(expr, expr=_resolved(inner, bounds))
        case Binary():
            left = _resolved(expr.left, bounds)
            return _changed(expr, left=left, right=_resolved(expr.right, bounds))
        case Aggregate():
            inner = _resolved(unwrapped(expr.expr), bounds)
            param = None if expr.param is None else _resolved(unwrapped(expr.param), bounds)
            return _changed(expr, expr=inner, param=param)
    return expr


def _all(args: tuple[Expr, ...], bounds: _Bounds) -> tuple[Expr, ...]:
    found = tuple(_resolved(unwrapped(arg), bounds) for arg in args)
    is_same = all(one is other for one, other in zip(found, args, strict=True))
    return args if is_same else found


def _changed(node: T, **fields: object) -> T:
    """The node with other fields; the same node when none differs."""
    if all(getattr(node, name) is value for name, value in fields.items()):
        return node
    return replace(node, **fields)  # type: ignore[type-var]


def _modifiers(modifiers: Modifiers, bounds: _Bounds) -> Modifiers:
    if modifiers.offset is None and not modifiers.at_anchor:
        return modifiers
    at_ms = modifiers.at_ms
    if modifiers.at_anchor:
        at_ms = bounds.start_ms if modifiers.at_anchor == "start" else bounds.end_ms
    offset_ms = modifiers.offset_ms
    if modifiers.offset is not None:
        offset_ms = _checked(_seconds(modifiers.offset, bounds))
    return Modifiers(offset_ms, None, at_ms)


def _milliseconds(duration: Duration | None, known_ms: int, bounds: _Bounds) -> int:
    """A length, which has to be positive."""
    if duration is None:
        return known_ms
    seconds = _seconds(duration, bounds)
    if seconds <= 0:
        raise BadInput("duration must be greater than 0")
    return _checked(seconds)


def _checked(seconds: float) -> int:
    if not abs(seconds) < _MAX_SECONDS:
        raise BadInput("duration is out of range")
    return int(seconds * 1000)


def _seconds(duration: Duration, bounds: _Bounds) -> float:
    if isinstance(duration, NumberLiteral):
        return duration.value
    if isinstance(duration, DurationCall):
        return _called(duration, bounds)
    right = _seconds(duration.right, bounds)
    if duration.left is None:
        return -right if duration.op == "-" else right
    return _operated(duration.op, _seconds(duration.left, bounds), right)


def _called(call: DurationCall, bounds: _Bounds) -> float:
    if call.name == "step":
        return bounds.step_ms / 1000
    if call.name == "range":
        return (bounds.end_ms - bounds.start_ms) / 1000
    values = [_seconds(arg, bounds) for arg in call.args]
    return min(values) if call.name == "min_of" else max(values)


def _operated(op: str, left: float, right: float) -> float:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "^":
            return _power(left, right)
    if right == 0:
        raise BadInput("division by zero" if op == "/" else "modulo by zero")
    return left / right if op == "/" else math.fmod(left, right)


def _power(left: float, right: float) -> float:
    """As Go's math.Pow: no exceptions, NaN and infinities instead."""
    try:
        return math.pow(left, right)
    except OverflowError:
        return -math.inf if left < 0 and right % 2 == 1 else math.inf
    except ValueError:
        return math.inf if left == 0 else math.nan

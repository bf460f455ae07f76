"""What a piece of a query is before all of it is known.

A bracket may hold spansets, a pipeline, a number of spansets, a metrics query or a constant; which
operators may follow depends on that.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.traceql.ast import (
    Aggregate,
    Literal,
    MetricsOperation,
    MetricsPipeline,
    Op,
    Pipeline,
    ScalarMath,
    ScalarOperation,
    SpansetFilter,
    SpansetOperation,
)
from appliance.traceql.static import Static, Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.syntax.lexer import Token
    from appliance.traceql.ast import SecondStage

Node = (
    SpansetFilter
    | SpansetOperation
    | Pipeline
    | Aggregate
    | ScalarOperation
    | Literal
    | MetricsPipeline
    | MetricsOperation
)
_EXACT: dict[Op, Callable[[float, float], float]] = {
    Op.ADD: operator.add,
    Op.SUB: operator.sub,
    Op.MUL: operator.mul,
}
_MOST = 2**63
#: Second stages of one metrics query; by() and conditions on aggregates of one pipeline, of each of
#: which an answer tells.
MOST_STAGES = MOST_TOLD = 200


class Shape(Enum):
    """What a part is.

    Attributes:
        SPANSETS: `{ } >> { }`, without pipelines.
        PIPELINE: `{ } | count() > 1`, and operations on such in brackets.
        SCALAR: `count() + 1`.
        SCALAR_PIPELINE: `({ } | count())`, and arithmetic with such.
        CONSTANT: `100`, `-1s`, `2 * 3`.
        METRICS: `({ } | rate())`, and arithmetic with such.
    """

    SPANSETS = 1
    PIPELINE = 2
    SCALAR = 3
    SCALAR_PIPELINE = 4
    CONSTANT = 5
    METRICS = 6


ARITHMETIC_SHAPES = frozenset([Shape.SCALAR, Shape.SCALAR_PIPELINE, Shape.CONSTANT, Shape.METRICS])
SCALAR_SHAPES = frozenset([Shape.SCALAR, Shape.CONSTANT])


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query.

    Attributes:
        mark: The token that made it what it is.
        value: Of a CONSTANT, with which series may be computed; None for durations.
    """

    shape: Shape
    node: Node
    mark: Token
    value: int | float | None = None


def combine(op: Op, left: Part, right: Part, token: Token) -> Part | None:
    """Arithmetic with two parts; None where there is none."""
    shapes = {left.shape, right.shape}
    if Shape.METRICS in shapes:
        return _metrics(op, left, right, token)
    if not shapes <= SCALAR_SHAPES and shapes != {Shape.SCALAR_PIPELINE}:
        return None
    node = ScalarOperation(op, _scalar(left), _scalar(right), position=token.position)
    if shapes == {Shape.CONSTANT}:
        return Part(Shape.CONSTANT, node, token, value=_computed(op, left.value, right.value))
    return replace(left if left.shape is not Shape.CONSTANT else right, node=node)


def with_stage(part: Part, stage: SecondStage) -> Part:
    """A metrics query with one more second stage.

    Raises:
        BadInput: It has too many.
    """
    node = part.node
    if not isinstance(node, MetricsPipeline | MetricsOperation):
        raise TypeError(f"{part.shape} has no second stages")
    if len(node.then) >= MOST_STAGES:
        message = f"parse error : more than {MOST_STAGES} second stages"
        raise BadInput(message, position=stage.position)
    return replace(part, node=replace(node, then=(*node.then, stage)))


def _scalar(part: Part) -> Aggregate | ScalarOperation | Literal | Pipeline:
    node = part.node
    if not isinstance(node, Aggregate | ScalarOperation | Literal | Pipeline):
        raise TypeError(f"{part.shape} is no scalar")
    return node


def _metrics(op: Op, left: Part, right: Part, token: Token) -> Part | None:
    if op in {Op.MOD, Op.POW}:
        return None
    metrics, other = (left, right) if left.shape is Shape.METRICS else (right, left)
    if other.shape is Shape.CONSTANT:
        if other.value is None:
            return None
        stage = ScalarMath(op, float(other.value), is_left=other is left, position=token.position)
        return with_stage(metrics, stage)
    lhs, rhs = left.node, right.node
    if not isinstance(lhs, MetricsPipeline | MetricsOperation) or not isinstance(
        rhs, MetricsPipeline | MetricsOperation
    ):
        return None
    return replace(metrics, node=MetricsOperation(op, lhs, rhs, position=token.position))


def constant(value: Static, token: Token) -> Part:
    """A number as it was written."""
    number = value.value if value.type in {Type.INT, Type.FLOAT} else None
    known = number if isinstance(number, int | float) else None
    return Part(Shape.CONSTANT, Literal(value, position=token.position), token, value=known)


def _computed(op: Op, left: float | None, right: float | None) -> int | float | None:
    """Integers stay integers of 64 bits, as everywhere in TraceQL: 1 / 2 is 0."""
    if left is None or right is None:
        return None
    if op in _EXACT:
        found = _EXACT[op](left, right)
        return (found + _MOST) % (2 * _MOST) - _MOST if isinstance(found, int) else found
    if op is not Op.DIV or right == 0:
        return None
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    return left / right

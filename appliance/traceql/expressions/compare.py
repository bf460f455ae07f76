"""What an operator makes of two values (Grafana Tempo, pkg/traceql: BinaryOperation).

Comparing values whose types do not go together is false, never an error; so is anything with nil.
Integers, floats and durations compare as numbers. An array compares with a scalar when one of its
elements does; for `!=` and `!~` when all of them do.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import BadInput
from appliance.base.re2 import full_match
from appliance.traceql.ast import Op
from appliance.traceql.static import FALSE, NIL, TRUE, Static, Type
from appliance.traceql.types import ARITHMETIC, NUMERIC, VALID

if TYPE_CHECKING:
    from collections.abc import Callable

ELEMENTS = {
    Type.INT_ARRAY: Type.INT,
    Type.FLOAT_ARRAY: Type.FLOAT,
    Type.STRING_ARRAY: Type.STRING,
    Type.BOOLEAN_ARRAY: Type.BOOLEAN,
}
#: Comparisons that need an order or equality only, as functions of two values.
COMPARISONS: dict[Op, Callable[[Any, Any], Any]] = {
    Op.EQUAL: operator.eq,
    Op.NOT_EQUAL: operator.ne,
    Op.LESS: operator.lt,
    Op.LESS_EQUAL: operator.le,
    Op.GREATER: operator.gt,
    Op.GREATER_EQUAL: operator.ge,
}
FLIPPED = {
    Op.LESS: Op.GREATER,
    Op.LESS_EQUAL: Op.GREATER_EQUAL,
    Op.GREATER: Op.LESS,
    Op.GREATER_EQUAL: Op.LESS_EQUAL,
}


def are_comparable(op: Op, left: Type, right: Type) -> bool:
    """Whether an operator can be true of (or, for arithmetic, give) anything for two types."""
    if left in ELEMENTS or right in ELEMENTS:
        both = left in ELEMENTS and right in ELEMENTS
        scalars = ELEMENTS.get(left, left), ELEMENTS.get(right, right)
        return not both and op not in ARITHMETIC and are_comparable(op, *scalars)
    same = left is right or (left in NUMERIC and right in NUMERIC)
    return same and left is not Type.NIL and op in VALID[left]


def binary(op: Op, left: Static, right: Static) -> Static:
    """The result of one operator.

    Returns:
        A BOOLEAN for comparisons, `&&` and `||`; a number or NIL for arithmetic. Integers stay
        integers, wrap at 64 bits and divide towards zero; everything else becomes FLOAT.
    """
    if op is Op.AND or op is Op.OR:
        return _logical(op, left, right)
    if not are_comparable(op, left.type, right.type):
        return NIL if op in ARITHMETIC else FALSE
    if op in ARITHMETIC:
        return arithmetic(op, left, right)
    if left.type in ELEMENTS or right.type in ELEMENTS:
        return _boolean(_holds_of_array(op, left, right))
    return _boolean(_holds(op, left.value, right.value))


def arithmetic(op: Op, left: Static, right: Static) -> Static:
    """The result of an operator on two numbers; NIL for a division of integers by zero."""
    integral = left.type is right.type is Type.INT
    kind = np.int64 if integral else np.float64
    values, valid = calculate(op, np.array([left.value], kind), np.array([right.value], kind))
    if valid is not None and not valid[0]:
        return NIL
    return Static(Type.INT if integral else Type.FLOAT, values[0].item())


def calculate(op: Op, left: Any, right: Any) -> tuple[Any, Any]:
    """An arithmetic operator on arrays of one type, both int64 or both float64.

    Returns:
        Values, and where they are valid (bool; None: everywhere).
    """
    with np.errstate(all="ignore"):
        if op is Op.ADD:
            return left + right, None
        if op is Op.SUB:
            return left - right, None
        if op is Op.MUL:
            return left * right, None
        if left.dtype != np.int64:
            return _FLOAT_OPERATIONS[op](left, right), None
        if op is Op.POW:  # of integers the right one is the base: `2 ^ 3` is 9 in Tempo
            return np.power(right, np.maximum(left, 0)), None
        # Differs from Tempo: there what is divided by 0 is an error.
        valid = right != 0
        divisor = np.where(valid, right, 1)
        rest = np.fmod(left, divisor)
        return (rest if op is Op.MOD else (left - rest) // divisor), valid


_FLOAT_OPERATIONS = {Op.DIV: np.divide, Op.MOD: np.fmod, Op.POW: np.power}


def _logical(op: Op, left: Static, right: Static) -> Static:
    # Differs from Tempo: there `nil || true` depends on which side it has learnt to look at first.
    sides = (left == TRUE, right == TRUE)
    return _boolean(all(sides) if op is Op.AND else any(sides))


def _holds(op: Op, left: Any, right: Any) -> bool:
    if op is Op.REGEX or op is Op.NOT_REGEX:
        return full_match(right).matches(left) == (op is Op.REGEX)
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
    return bool(COMPARISONS[op](left, right))


def _holds_of_array(op: Op, left: Static, right: Static) -> bool:
    quantifier = all if op in {Op.NOT_EQUAL, Op.NOT_REGEX} else any
    if isinstance(left.value, tuple):
        return quantifier(_holds(op, item, right.value) for item in left.value)
    items = right.value if isinstance(right.value, tuple) else ()
    try:
        return quantifier(_holds(op, left.value, item) for item in items)
    except BadInput:  # an attribute's value as the expression, and it is none
        return False


def _boolean(value: bool) -> Static:  # noqa: FBT001 - a conversion
    return TRUE if value else FALSE

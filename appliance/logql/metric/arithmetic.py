"""Binary operators on numbers, as Loki's MergeBinOp has them (pkg/logql/syntax/ast.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COMPARISONS: dict[str, Any] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}
_OPERATORS: dict[str, Any] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
}
#: Where a divisor of zero gives NaN.
_DIVISIONS = frozenset({"/", "%"})
SET_OPERATORS = frozenset({"and", "or", "unless"})


def is_comparison(op: str) -> bool:
    """Whether the operator compares."""
    return op in _COMPARISONS


def compared(
    op: str, left: NDArray[np.float64] | float, right: NDArray[np.float64] | float
) -> NDArray[np.bool_]:
    """What a comparison says of each pair: bool, of the shape of both."""
    found: NDArray[np.bool_] = _COMPARISONS[op](left, right)
    return found


def calculated(
    op: str, left: NDArray[np.float64] | float, right: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """What an operator makes of each pair, 1 and 0 for comparisons.

    Raises:
        BadInput: There is no such operator for numbers.
    """
    if op in _COMPARISONS:
        return compared(op, left, right).astype(np.float64)
    if op not in _OPERATORS:
        raise BadInput(f"should never happen: unexpected operation: ({op})")
    with np.errstate(all="ignore"):
        found = _OPERATORS[op](left, right)
        if op in _DIVISIONS:
            found = np.where(np.equal(right, 0), np.nan, found)
    return np.asarray(found, dtype=np.float64)


def number(op: str, left: float, right: float) -> float:
    """What an operator makes of two numbers."""
    return float(calculated(op, np.float64(left), np.float64(right)))

"""Binary operators on one pair of samples of which at least one is a native histogram."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.model.histogram import Histogram
from appliance.promql.annotations import (
    HistogramOperation,
    Remarks,
    info_incompatible_types,
    info_mismatched_bounds,
    warn_incompatible_layout,
    warn_reset_collision,
)
from appliance.promql.histograms import (
    IncompatibleSchemas,
    add,
    as_gauge,
    compact,
    divide,
    equals,
    scale,
    subtract,
    trim_lower,
    trim_upper,
)

if TYPE_CHECKING:
    from typing import Final

#: Says something about an operation, at a position.
Remark = Callable[[Remarks, int], None]


@dataclass(frozen=True, slots=True)
class CellResult:
    """What an operator gives for one pair.

    Attributes:
        keep: There is a result, and a comparison holds.
        is_valid: The operands go together.
    """

    histogram: Histogram | None = None
    keep: bool = False
    is_valid: bool = False
    remark: Remark | None = None


_SCALED: Final = {
    "*": lambda histogram, factor: compact(scale(histogram, factor)),
    "/": lambda histogram, divisor: compact(divide(histogram, divisor)),
    "</": trim_upper,
    ">/": trim_lower,
}
_COMBINED: Final = {
    "+": (add, HistogramOperation.ADDITION),
    "-": (subtract, HistogramOperation.SUBTRACTION),
}


def cell(op: str, left: Histogram | float, right: Histogram | float) -> CellResult:
    """Apply an operator; at least one operand is a histogram."""
    match left, right:
        case Histogram(), Histogram():
            return _both(op, left, right)
        case Histogram(), float() if op in _SCALED:
            return CellResult(_SCALED[op](left, right), keep=True, is_valid=True)
        case float(), Histogram() if op == "*":
            return CellResult(_SCALED[op](right, left), keep=True, is_valid=True)
    return _incompatible(op, left, right)


def _both(op: str, left: Histogram, right: Histogram) -> CellResult:
    if op in _COMBINED:
        return _combined(op, left, right)
    if op in {"==", "!="}:
        return CellResult(left, keep=equals(left, right) == (op == "=="), is_valid=True)
    return _incompatible(op, left, right)


def _combined(op: str, left: Histogram, right: Histogram) -> CellResult:
    combine, operation = _COMBINED[op]
    try:
        found = combine(left, right)
    except IncompatibleSchemas:
        return CellResult(remark=lambda to, at: warn_incompatible_layout(to, at, op))
    if found.has_collision:
        # Prometheus takes the warning for an error: there is no result.
        return CellResult(remark=lambda to, at: warn_reset_collision(to, at, operation))
    remark: Remark | None = None
    if found.is_reconciled:
        remark = _mismatched(operation)
    result = as_gauge(found.histogram) if op == "-" else found.histogram
    return CellResult(compact(result), keep=True, is_valid=True, remark=remark)


def _mismatched(operation: HistogramOperation) -> Remark:
    return lambda to, at: info_mismatched_bounds(to, at, operation)


def _incompatible(op: str, left: Histogram | float, right: Histogram | float) -> CellResult:
    kinds = ["float" if isinstance(side, float) else "histogram" for side in (left, right)]
    return CellResult(
        remark=lambda to, at: info_incompatible_types(to, at, op, left=kinds[0], right=kinds[1])
    )

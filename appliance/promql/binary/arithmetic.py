"""Binary operators on pairs of samples (promql/engine.go, vectorElemBinop), floats and histograms.

Floats are computed at once for all pairs and steps. Pairs with a histogram are computed one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.promql.annotations import info_incompatible_types
from appliance.promql.binary.histogram_pairs import Remark, cell
from appliance.promql.frame import empty_histograms

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.promql.annotations import Remarks

    Operation = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[Any]]

ARITHMETIC: dict[str, Operation] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
COMPARISONS: dict[str, Operation] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}
#: Operators that cut a histogram off at a value.
TRIMS = frozenset(["</", ">/"])


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One side of an operator.

    Attributes:
        values: float64, of a shape that broadcasts to the result's.
        histograms: object, of that shape; None when there is none.
    """

    values: NDArray[np.float64]
    histograms: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What an operator gave.

    Attributes:
        values: float64[row, step]; of comparisons the left operand.
        keep: bool[row, step], there is a result, and a comparison holds.
        valid: bool[row, step], the operands go together, whether or not the comparison holds.
        histograms: object[row, step] or None.
        remarks: By step, what to say; of several the last, as Prometheus does.
    """

    values: NDArray[np.float64]
    keep: NDArray[np.bool_]
    valid: NDArray[np.bool_]
    histograms: NDArray[Any] | None = None
    remarks: dict[int, Remark] = field(default_factory=dict)

    def tell(self, remarks: Remarks, position: int) -> None:
        """Add the remarks to those of the query."""
        for remark in self.remarks.values():
            remark(remarks, position)


def scalars(op: str, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """An operator between two scalars; comparisons give 0 or 1."""
    with np.errstate(all="ignore"):
        found = (ARITHMETIC.get(op) or COMPARISONS[op])(left, right)
    return found.astype(np.float64, copy=False)


def compute(op: str, left: Cells, right: Cells, *, present: NDArray[np.bool_]) -> Outcome:
    """Apply an operator.

    Args:
        op: Any but the set operators.
        present: bool[row, step], where both operands are.
    """
    mask = np.zeros_like(present)
    for side in (left, right):
        if side.histograms is not None:
            mask |= (side.histograms != None) & present  # noqa: E711 - by element
    if not mask.any():
        return _floats(op, left.values, right.values, present)
    floats = _floats(op, left.values, right.values, present & ~mask)
    return _with_histograms(op, (left, right), floats, mask)


def _floats(
    op: str, left: NDArray[np.float64], right: NDArray[np.float64], present: NDArray[np.bool_]
) -> Outcome:
    if op in TRIMS:
        nothing = np.zeros_like(present)
        steps = np.flatnonzero(present.any(axis=0)).tolist()
        remarks = dict.fromkeys(steps, _two_floats(op))
        return Outcome(np.zeros(present.shape), nothing, nothing, remarks=remarks)
    with np.errstate(all="ignore"):
        if op in ARITHMETIC:
            values = np.broadcast_to(ARITHMETIC[op](left, right), present.shape)
            return Outcome(values, present, present)
        keep = present & COMPARISONS[op](left, right)
    return Outcome(np.broadcast_to(left, present.shape), keep, present)


def _two_floats(op: str) -> Remark:
    def tell(remarks: Remarks, position: int) -> None:
        info_incompatible_types(remarks, position, op, left="float", right="float")

    return tell


def _with_histograms(
    op: str, sides: tuple[Cells, Cells], floats: Outcome, mask: NDArray[np.bool_]
) -> Outcome:
    """The outcome of the floats and, at `mask`, of the pairs with a histogram."""
    keep, valid = floats.keep.copy(), floats.valid.copy()
    results = empty_histograms(mask.shape)
    remarks = dict(floats.remarks)
    operands = [_operands(side, mask.shape) for side in sides]
    for row, step in np.argwhere(mask).tolist():
        found = cell(op, operands[0](row, step), operands[1](row, step))
        if found.remark is not None:
            remarks[step] = found.remark
        if found.histogram is not None:
            results[row, step] = found.histogram
        keep[row, step], valid[row, step] = found.keep, found.is_valid
    return Outcome(floats.values, keep, valid, results, remarks)


def _operands(side: Cells, shape: tuple[int, ...]) -> Callable[[int, int], Any]:
    """A function from row and step to a histogram or a float."""
    values = np.broadcast_to(side.values, shape)
    if side.histograms is None:
        return lambda row, step: float(values[row, step])
    histograms = np.broadcast_to(side.histograms, shape)

    def operand(row: int, step: int) -> Any:
        found = histograms[row, step]
        return float(values[row, step]) if found is None else found

    return operand

"""Binary operators and the sign (promql/engine.go, scalarBinop, VectorscalarBinop)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from appliance.promql.binary.arithmetic import ARITHMETIC, COMPARISONS, Cells, compute, scalars
from appliance.promql.binary.matching import match_vectors
from appliance.promql.binary.set_operators import SET_OPERATORS, combine
from appliance.promql.frame import Frame, empty_histograms
from appliance.promql.histograms import scale
from appliance.promql.names import without_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.ast import Binary
    from appliance.promql.context import Context
    from appliance.promql.frame import Value


def binary(expr: Binary, left: Value, right: Value, context: Context) -> Value:
    """The value of an operator between two values, each a scalar or an instant vector.

    Raises:
        QueryFailed: Elements of vectors match in a way the operator does not allow.
    """
    if isinstance(left, Frame) and isinstance(right, Frame):
        if expr.op in SET_OPERATORS:
            return combine(expr, (left, right), context)
        return match_vectors(expr, (left, right), context)
    if isinstance(left, Frame):
        return _vector_scalar(expr, left, Cells(_scalar(right)), context=context)
    if isinstance(right, Frame):
        return _vector_scalar(expr, right, Cells(_scalar(left)), context=context, swapped=True)
    return scalars(expr.op, _scalar(left), _scalar(right))


def negate(value: Value, context: Context) -> Value:
    """The value of an expression after a minus sign."""
    if not isinstance(value, Frame):
        return -_scalar(value)
    histograms = value.histograms
    if histograms is not None:
        histograms = empty_histograms(value.values.shape)
        for row, step in np.argwhere(value.is_histogram).tolist():
            histograms[row, step] = scale(cast("np.ndarray", value.histograms)[row, step], -1.0)
    return without_names(replace(value, values=-value.values, histograms=histograms), context)


def _scalar(value: Value) -> NDArray[np.float64]:
    return cast("NDArray[np.float64]", value)


def _vector_scalar(
    expr: Binary, vector: Frame, scalar: Cells, *, context: Context, swapped: bool = False
) -> Frame:
    """An operator between a vector and a scalar; swapped: the scalar stands on the left."""
    cells = Cells(vector.values, vector.histograms)
    sides = (scalar, cells) if swapped else (cells, scalar)
    found = compute(expr.op, *sides, present=vector.present)
    found.tell(context.remarks, expr.position)
    values, present, histograms = found.values, found.keep, found.histograms
    if expr.returns_bool:
        values, present, histograms = found.keep.astype(np.float64), found.valid, None
    elif expr.op in COMPARISONS:
        # Filters give the vector's element, also when it stands on the right.
        values, histograms = vector.values, vector.histograms
    frame = replace(vector, values=values, present=present, histograms=histograms)
    drops_name = expr.op in ARITHMETIC or expr.returns_bool
    frame = frame.pruned()
    return without_names(frame, context) if drops_name else frame

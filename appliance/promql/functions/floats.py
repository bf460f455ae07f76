"""What functions of instant vectors of floats share: arguments by type, and their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from appliance.promql.frame import Frame
from appliance.promql.invariant import unwrapped
from appliance.promql.names import without_names

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.promql.ast import Call, StringLiteral
    from appliance.promql.context import Context
    from appliance.promql.frame import Value


def frame_of(value: Value) -> Frame:
    """An argument that is an instant vector; the parser has checked it."""
    return cast("Frame", value)


def scalar_of(value: Value) -> NDArray[np.float64]:
    """An argument that is a scalar: float64[step]."""
    return cast("NDArray[np.float64]", value)


def literal_of(call: Call, index: int) -> StringLiteral:
    """An argument that is a string, as written."""
    return cast("StringLiteral", unwrapped(call.args[index]))


def text_of(call: Call, index: int) -> str:
    """An argument that is a string."""
    return literal_of(call, index).value


def float_frame(
    frame: Frame,
    values: NDArray[np.float64],
    context: Context,
    *,
    where: NDArray[np.bool_] | None = None,
) -> Frame:
    """Other values for the floats of a vector; histograms and the metric name go.

    Args:
        values: float64[series, step].
        where: bool[step], steps at which there is a result; None for all.
    """
    present = frame.is_float if where is None else frame.is_float & where
    found = Frame(frame.labels, values, present, None, frame.nameless)
    if present is not frame.present:
        found = found.pruned()
    return without_names(found, context)

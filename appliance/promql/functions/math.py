"""Functions of single values: rounding, logarithms, trigonometry. Histograms are left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.functions.floats import float_frame, frame_of, scalar_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Value

    Floats = NDArray[np.float64]
    Implementation = Callable[[Call, Sequence[Value], Context], Value]


#: From here on Go computes sinh and cosh by the exponential alone.
_LARGE = 21.0


def _each(function: Callable[[Floats], Floats]) -> Implementation:
    """A function of vectors from one of values."""

    def apply(_call: Call, values: Sequence[Value], context: Context) -> Frame:
        frame = frame_of(values[0])
        with np.errstate(all="ignore"):
            found = function(frame.values)
        return float_frame(frame, found, context)

    return apply


def _sign(values: Floats) -> Floats:
    """-1, 1, or the value itself where it is a zero or NaN."""
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


def _degrees(values: Floats) -> Floats:
    return values * 180 / math.pi


def _radians(values: Floats) -> Floats:
    return values * math.pi / 180


def _sinh(values: Floats) -> Floats:
    """As in Go: large values become infinite as soon as their exponential is."""
    size = np.abs(values)
    return np.where(size > _LARGE, np.copysign(np.exp(size) * 0.5, values), np.sinh(values))


def _cosh(values: Floats) -> Floats:
    """As in Go, see `_sinh`."""
    size = np.abs(values)
    return np.where(size > _LARGE, np.exp(size) * 0.5, np.cosh(values))


def _round(_call: Call, values: Sequence[Value], context: Context) -> Frame:
    """To the nearest multiple, ties upwards."""
    frame = frame_of(values[0])
    with np.errstate(all="ignore"):
        # The inverse, as in Prometheus: multiples such as 0.1 come out exact more often.
        inverse = 1.0 / (scalar_of(values[1]) if len(values) > 1 else np.ones(1))
        found = np.floor(frame.values * inverse + 0.5) / inverse
    return float_frame(frame, found, context)


def _pi(_call: Call, _values: Sequence[Value], context: Context) -> Floats:
    return np.full(len(context.steps_ms), math.pi)


IMPLEMENTATIONS: Mapping[str, Implementation] = {
    "abs": _each(np.abs),
    "acos": _each(np.arccos),
    "acosh": _each(np.arccosh),
    "asin": _each(np.arcsin),
    "asinh": _each(np.arcsinh),
    "atan": _each(np.arctan),
    "atanh": _each(np.arctanh),
    "ceil": _each(np.ceil),
    "cos": _each(np.cos),
    "cosh": _each(_cosh),
    "deg": _each(_degrees),
    "exp": _each(np.exp),
    "floor": _each(np.floor),
    "ln": _each(np.log),
    "log10": _each(np.log10),
    "log2": _each(np.log2),
    "pi": _pi,
    "rad": _each(_radians),
    "round": _round,
    "sgn": _each(_sign),
    "sin": _each(np.sin),
    "sinh": _each(_sinh),
    "sqrt": _each(np.sqrt),
    "tan": _each(np.tan),
    "tanh": _each(np.tanh),
}

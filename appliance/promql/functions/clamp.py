"""clamp, clamp_min, clamp_max, min_of, max_of."""

from __future__ import annotations

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


def maximum(one: Floats, other: Floats) -> Floats:
    """Go's math.Max: +Inf wins even over NaN, NaN over all else, +0 over -0."""
    found = np.where((one == 0) & (other == 0), one + other, np.maximum(one, other))
    is_most = (one == np.inf) | (other == np.inf)
    return np.where(is_most, np.inf, found)


def minimum(one: Floats, other: Floats) -> Floats:
    """Go's math.Min: -Inf wins even over NaN, NaN over all else, -0 over +0."""
    return -maximum(-one, -other)


def _clamped(frame: Frame, lowest: Floats, highest: Floats, *, context: Context) -> Frame:
    with np.errstate(all="ignore"):
        values = maximum(lowest, minimum(highest, frame.values))
    # Nothing is left at steps where the bounds are the wrong way round.
    return float_frame(frame, values, context, where=~(highest < lowest))


def _clamp(_call: Call, values: Sequence[Value], context: Context) -> Frame:
    lowest, highest = scalar_of(values[1]), scalar_of(values[2])
    return _clamped(frame_of(values[0]), lowest, highest, context=context)


def _clamp_min(_call: Call, values: Sequence[Value], context: Context) -> Frame:
    lowest = scalar_of(values[1])
    highest = np.full_like(lowest, np.inf)
    return _clamped(frame_of(values[0]), lowest, highest, context=context)


def _clamp_max(_call: Call, values: Sequence[Value], context: Context) -> Frame:
    highest = scalar_of(values[1])
    lowest = np.full_like(highest, -np.inf)
    return _clamped(frame_of(values[0]), lowest, highest, context=context)


def _max_of(_call: Call, values: Sequence[Value], _context: Context) -> Floats:
    return maximum(scalar_of(values[0]), scalar_of(values[1]))


def _min_of(_call: Call, values: Sequence[Value], _context: Context) -> Floats:
    return minimum(scalar_of(values[0]), scalar_of(values[1]))


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "clamp": _clamp,
    "clamp_max": _clamp_max,
    "clamp_min": _clamp_min,
    "max_of": _max_of,
    "min_of": _min_of,
}

"""Between scalars and vectors, and what a query knows of itself: scalar, vector, time, start, …."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.labels import Labels
from appliance.promql.frame import Frame
from appliance.promql.functions.floats import frame_of, scalar_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Value

    Floats = NDArray[np.float64]


def _scalar(_call: Call, values: Sequence[Value], _context: Context) -> Floats:
    """The one float there is at a step, NaN when there is none or another."""
    frame = frame_of(values[0])
    is_float = frame.is_float
    if not len(frame.labels):
        return np.full(is_float.shape[1], np.nan)
    row = is_float.argmax(axis=0)
    found = np.take_along_axis(frame.values, row[np.newaxis], axis=0)[0]
    return np.where(is_float.sum(axis=0) == 1, found, np.nan)


def vector_of(values: Floats) -> Frame:
    """A vector with one series without labels: float64[step]."""
    row = values[np.newaxis]
    return Frame([Labels()], row, np.ones(row.shape, dtype=np.bool_))


def _vector(_call: Call, values: Sequence[Value], _context: Context) -> Frame:
    return vector_of(scalar_of(values[0]))


def _time(_call: Call, _values: Sequence[Value], context: Context) -> Floats:
    return context.steps_ms / 1000.0


def _constant(seconds: Callable[[Context], float]) -> Callable[..., Floats]:
    def apply(_call: Call, _values: Sequence[Value], context: Context) -> Floats:
        return np.full(len(context.steps_ms), seconds(context))

    return apply


def _step_seconds(context: Context) -> float:
    """The step; none when the query has but one."""
    if context.query_start_ms == context.query_end_ms:
        return 0.0
    return context.query_step_ms / 1000.0


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "end": _constant(lambda context: context.query_end_ms / 1000.0),
    "range": _constant(lambda context: (context.query_end_ms - context.query_start_ms) / 1000.0),
    "scalar": _scalar,
    "start": _constant(lambda context: context.query_start_ms / 1000.0),
    "step": _constant(_step_seconds),
    "time": _time,
    "vector": _vector,
}

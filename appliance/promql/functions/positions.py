"""Single samples of a range: the first, the last, their times, how many, whether there is one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.frame import Frame
from appliance.promql.functions.absent import absent_labels
from appliance.promql.functions.ranged import Outcome, fill, range_of
from appliance.promql.mixed import mixed_series
from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Value
    from appliance.promql.windows import Windows

#: Histograms are samples like others.
_ALL = Reach(floats_only=False)


def _count(windows: Windows) -> NDArray[np.float64]:
    return np.broadcast_to(windows.counts.astype(np.float64), windows.shape)


def _one(windows: Windows) -> NDArray[np.float64]:
    return np.ones(windows.shape)


def _first_time(windows: Windows) -> NDArray[np.float64]:
    return np.broadcast_to(at(windows.times, windows.first) / 1000, windows.shape)


def _last_time(windows: Windows) -> NDArray[np.float64]:
    return np.broadcast_to(at(windows.times, windows.last) / 1000, windows.shape)


def _of_any(
    kernel: Callable[[Windows], NDArray[np.float64]],
    call: Call,
    values: Sequence[Value],
    context: Context,
) -> Frame:
    found = range_of(call, values)
    outcome = Outcome.of(found)
    fill(
        outcome,
        pieces(found, _ALL),
        context,
        kernel=lambda piece: (kernel(piece), piece.counts > 0),
    )
    return outcome.frame(found, context)


def _sample(call: Call, values: Sequence[Value], context: Context) -> Frame:
    """first_over_time and last_over_time; the metric name stays."""
    is_first = call.name == "first_over_time"
    found = range_of(call, values)
    outcome = Outcome.of(found)

    def kernel(windows: Windows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        index = windows.first if is_first else windows.last
        return at(windows.values, index), windows.counts > 0

    fill(outcome, pieces(found, _ALL), context, kernel=kernel)
    for series in mixed_series(found):
        index = series.lo if is_first else series.hi - 1
        for step in np.flatnonzero(series.hi > series.lo).tolist():
            histogram = series.histograms[index[step]]
            if histogram is not None:
                outcome.put(series.row, step, histogram)
    return outcome.frame(found, context, keeps_names=True)


def _absent_over_time(call: Call, values: Sequence[Value], context: Context) -> Frame:
    """1 at steps at which no series has a sample."""
    found = range_of(call, values)
    missing = np.ones((1, len(found.ends_ms)), dtype=np.bool_)
    for piece in pieces(found, _ALL):
        missing &= ~(piece.counts > 0).any(axis=0)
        context.guard.check()
    return Frame([absent_labels(call.args[0])], np.ones(missing.shape), missing).pruned()


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "absent_over_time": _absent_over_time,
    "count_over_time": partial(_of_any, _count),
    "first_over_time": _sample,
    "last_over_time": _sample,
    "present_over_time": partial(_of_any, _one),
    "ts_of_first_over_time": partial(_of_any, _first_time),
    "ts_of_last_over_time": partial(_of_any, _last_time),
}

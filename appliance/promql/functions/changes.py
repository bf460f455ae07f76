"""changes and resets: what happens from one sample of a range to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.context import START_TIMESTAMPS
from appliance.promql.functions.ranged import Outcome, fill, range_of
from appliance.promql.histograms import detect_reset, equals
from appliance.promql.kernels.transitions import (
    changes,
    falls,
    start_resets,
    transitions_within,
)
from appliance.promql.mixed import mixed_series
from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import Windows, bounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Ranges, Value
    from appliance.promql.mixed import MixedSeries


def _transitions(call: Call, values: Sequence[Value], context: Context) -> Frame:
    found = range_of(call, values)
    is_reset = call.name == "resets"
    reach = Reach(
        floats_only=False,
        before_ms=context.lookback_ms if found.extension else 0,
        with_starts=is_reset and START_TIMESTAMPS in context.features,
    )

    def kernel(windows: Windows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        marks = falls(windows.values) if is_reset else changes(windows.values)
        if windows.began_ms is not None:
            marks |= start_resets(windows, windows.began_ms)
        return _counted(marks, windows, found)

    outcome = Outcome.of(found)
    fill(outcome, pieces(found, reach), context, kernel=kernel)
    for series in mixed_series(found, reach):
        windows = _windows(series, found)
        marks = np.fromiter(_marks(series, windows, is_reset=is_reset), dtype=np.bool_)
        counts, present = _counted(marks[np.newaxis], windows, found)
        outcome.values[series.row], outcome.present[series.row] = counts[0], present[0]
        context.guard.check()
    return outcome.frame(found, context)


def _counted(
    marks: NDArray[np.bool_], windows: Windows, found: Ranges
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    present = windows.counts > 0
    if found.extension:
        # From the last sample at or before the range's start, if one lies after it at all.
        after = bounds_of(windows, windows.starts_ms, side="right")
        present = after < windows.hi
        lo = np.maximum(after - 1, windows.lo)
        windows = Windows(
            windows.rows,
            windows.times,
            windows.values,
            np.broadcast_to(lo, np.broadcast_shapes(lo.shape, windows.hi.shape)),
            windows.hi,
            windows.starts_ms,
            windows.ends_ms,
        )
    if not marks.shape[1]:
        return np.zeros(windows.shape), present
    return transitions_within(marks, windows).astype(np.float64), present


def _windows(series: MixedSeries, found: Ranges) -> Windows:
    return Windows(
        np.array([series.row]),
        series.times[np.newaxis],
        series.floats[np.newaxis],
        series.lo[np.newaxis],
        series.hi[np.newaxis],
        found.starts_ms,
        found.ends_ms,
        None if series.began_ms is None else series.began_ms[np.newaxis],
    )


def _marks(series: MixedSeries, windows: Windows, *, is_reset: bool) -> Iterator[bool]:
    """Of each sample but the first: whether it differs from the one before, or is a reset."""
    floats = falls(windows.values) if is_reset else changes(windows.values)
    began = None if windows.began_ms is None else start_resets(windows, windows.began_ms)[0]
    for place in range(1, len(series.histograms)):
        before, now = series.histograms[place - 1], series.histograms[place]
        if before is None and now is None:
            mark = bool(floats[0, place - 1])
        elif before is None or now is None:
            yield True
            continue
        else:
            mark = detect_reset(now, before) if is_reset else not equals(now, before)
        yield mark or (began is not None and bool(began[place - 1]))


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "changes": _transitions,
    "resets": _transitions,
}

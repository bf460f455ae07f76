"""Aggregations over time: sum_over_time, max_over_time and their like."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.annotations import (
    warn_invalid_quantile,
    warn_mixed_floats_histograms,
)
from appliance.promql.functions.ranged import (
    Outcome,
    fill,
    floats_only,
    range_of,
)
from appliance.promql.histogram_ranges.batched_sums import batched_sums
from appliance.promql.histogram_ranges.batching import Batcher
from appliance.promql.histogram_ranges.combining import Combining
from appliance.promql.histogram_ranges.sums import average_histograms, sum_histograms
from appliance.promql.kernels.extremes import max_windows, min_windows, time_of_max, time_of_min
from appliance.promql.kernels.order import deviation_windows, quantile_windows
from appliance.promql.kernels.spread import variance_windows
from appliance.promql.kernels.sums import average_windows, sum_windows
from appliance.promql.mixed import mixed_series
from appliance.promql.pieces import Reach, pieces
from appliance.promql.remark_position import argument_position

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Value
    from appliance.promql.histogram_ranges.sums import Summing
    from appliance.promql.windows import Windows


def _of_floats(
    kernel: Callable[[Windows], NDArray[np.float64]],
    call: Call,
    values: Sequence[Value],
    context: Context,
) -> Frame:
    return floats_only(call, range_of(call, values), context, kernel=kernel)


def _standard_deviations(windows: Windows) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.sqrt(variance_windows(windows))


def _quantile_over_time(call: Call, values: Sequence[Value], context: Context) -> Frame:
    quantiles = values[0]
    assert isinstance(quantiles, np.ndarray)  # noqa: S101 - checked by the parser
    found = range_of(call, values)
    frame = floats_only(call, found, context, kernel=partial(quantile_windows, quantiles=quantiles))
    shown = quantiles[frame.present.any(axis=0)]
    for quantile in np.unique(shown[np.isnan(shown) | (shown < 0) | (shown > 1)]).tolist():
        warn_invalid_quantile(context.remarks, argument_position(call), quantile)
    return frame


def _of_histograms_too(
    kernel: Callable[[Windows], NDArray[np.float64]],
    add_up: Summing,
    call: Call,
    values: Sequence[Value],
    context: Context,
) -> Frame:
    """A sum or average, of floats or of histograms; there is none of both together."""
    found = range_of(call, values)
    outcome = Outcome.of(found)
    fill(
        outcome,
        pieces(found, Reach()),
        context,
        kernel=lambda piece: (kernel(piece), piece.counts > 0),
    )
    position = argument_position(call)
    batcher = Batcher()
    put = partial(
        batched_sums,
        add_up=add_up,
        outcome=outcome,
        where=(context.remarks, position),
    )
    for series in mixed_series(found):
        place = Combining(context.remarks, position, outcome.name(series.row))
        floats, histograms = series.counts
        both = (floats > 0) & (histograms > 0)
        if both.any():
            warn_mixed_floats_histograms(context.remarks, position, place.name)
            outcome.present[series.row] &= ~both
        for step in np.flatnonzero(batcher.add(series, (floats == 0) & (histograms > 0))).tolist():
            window = [item for item in series.histograms[series.lo[step] : series.hi[step]] if item]
            outcome.put(series.row, step, add_up(window, place))
        for batch in batcher.ready():
            put(batch)
        context.guard.check()
    for batch in batcher.rest():
        put(batch)
    return outcome.frame(found, context)


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "avg_over_time": partial(_of_histograms_too, average_windows, average_histograms),
    "mad_over_time": partial(_of_floats, deviation_windows),
    "max_over_time": partial(_of_floats, max_windows),
    "min_over_time": partial(_of_floats, min_windows),
    "quantile_over_time": _quantile_over_time,
    "stddev_over_time": partial(_of_floats, _standard_deviations),
    "stdvar_over_time": partial(_of_floats, variance_windows),
    "sum_over_time": partial(_of_histograms_too, sum_windows, sum_histograms),
    "ts_of_max_over_time": partial(_of_floats, time_of_max),
    "ts_of_min_over_time": partial(_of_floats, time_of_min),
}

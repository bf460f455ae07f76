"""rate, increase, delta, irate, idelta."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.annotations import (
    info_possible_non_counter,
    warn_mixed_floats_histograms,
)
from appliance.promql.context import START_TIMESTAMPS
from appliance.promql.functions.ranged import Outcome, fill, range_of
from appliance.promql.histogram_ranges.batched_rate import batched_instant_rate, batched_rate
from appliance.promql.histogram_ranges.batching import Batcher
from appliance.promql.histogram_ranges.extended import extended_histogram
from appliance.promql.histogram_ranges.rate import (
    Range,
    extrapolated_histogram,
    last_two_histograms,
)
from appliance.promql.kernels.rates import extended, extrapolated, last_two
from appliance.promql.mixed import mixed_series
from appliance.promql.pieces import Reach, pieces
from appliance.promql.remark_position import argument_position

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Ranges, Value
    from appliance.promql.mixed import MixedSeries

#: How names of counters end.
_COUNTER_ENDS = ("_total", "_sum", "_count", "_bucket")


def _rate(call: Call, values: Sequence[Value], context: Context) -> Frame:
    is_counter, per_second = call.name != "delta", call.name == "rate"
    found = range_of(call, values)
    reach = _reach(found, context, is_counter=is_counter)
    if found.extension:
        kernel = partial(
            extended,
            is_counter=is_counter,
            per_second=per_second,
            smoothed=found.extension == "smoothed",
        )
    else:
        kernel = partial(extrapolated, is_counter=is_counter, per_second=per_second)
    outcome = Outcome.of(found)
    fill(outcome, pieces(found, reach), context, kernel=kernel)
    batcher = Batcher()
    put = partial(batched_rate, call, found=found, outcome=outcome, remarks=context.remarks)
    for series in mixed_series(found, reach):
        _rate_of_mixed(call, (found, series), outcome, (context, batcher))
        for batch in batcher.ready():
            put(batch)
        context.guard.check()
    for batch in batcher.rest():
        put(batch)
    if is_counter:
        _note_names(call, outcome, context)
    return outcome.frame(found, context)


def _reach(found: Ranges, context: Context, *, is_counter: bool) -> Reach:
    return Reach(
        before_ms=context.lookback_ms if found.extension else 0,
        after_ms=context.lookback_ms if found.extension == "smoothed" else 0,
        with_starts=is_counter and not found.extension and START_TIMESTAMPS in context.features,
    )


def _note_names(call: Call, outcome: Outcome, context: Context) -> None:
    """Say of each metric with floats whether its name is not that of a counter."""
    for row in np.flatnonzero(outcome.float_counts()).tolist():
        name = outcome.name(row)
        if name and not name.endswith(_COUNTER_ENDS):
            info_possible_non_counter(context.remarks, argument_position(call), name)


def _rate_of_mixed(
    call: Call,
    source: tuple[Ranges, MixedSeries],
    outcome: Outcome,
    more: tuple[Context, Batcher],
) -> None:
    """The windows of a series that hold histograms, unless they are computed in batches."""
    (found, series), (context, batcher) = source, more
    position, name = argument_position(call), outcome.name(series.row)
    floats, histograms = series.counts
    both = (floats > 0) & (histograms > 0)
    if both.any():
        warn_mixed_floats_histograms(context.remarks, position, name)
        outcome.present[series.row] &= ~both
    wanted = (floats == 0) & (histograms > 0)
    if not found.extension and series.began_ms is None:
        wanted = batcher.add(series, wanted)
    for step in np.flatnonzero(wanted).tolist():
        window = Range.of(series, found, step)
        compute = extended_histogram if found.extension else extrapolated_histogram
        value = compute(call, window, context.remarks, name=name, extension=found.extension)
        outcome.put(series.row, step, value)


def _instant_rate(call: Call, values: Sequence[Value], context: Context) -> Frame:
    is_counter = call.name == "irate"
    found = range_of(call, values)
    reach = Reach(
        floats_only=False, with_starts=is_counter and START_TIMESTAMPS in context.features
    )
    outcome = Outcome.of(found)
    kernel = partial(last_two, is_counter=is_counter)
    fill(outcome, pieces(found, reach), context, kernel=kernel)
    batcher = Batcher()
    put = partial(batched_instant_rate, call, outcome=outcome, remarks=context.remarks)
    for series in mixed_series(found, reach):
        _instant_rate_of_mixed(call, (found, series), outcome, (context, batcher))
        for batch in batcher.ready():
            put(batch)
        context.guard.check()
    for batch in batcher.rest():
        put(batch)
    return outcome.frame(found, context)


def _instant_rate_of_mixed(
    call: Call,
    source: tuple[Ranges, MixedSeries],
    outcome: Outcome,
    more: tuple[Context, Batcher],
) -> None:
    (found, series), (context, batcher) = source, more
    name = outcome.name(series.row)
    wanted = series.hi - series.lo > 1
    if series.began_ms is None:
        wanted = batcher.add(series, wanted)
    for step in np.flatnonzero(wanted).tolist():
        last = int(series.hi[step]) - 1
        one, other = series.histograms[last - 1], series.histograms[last]
        if one is None and other is None:
            continue
        if one is None or other is None:
            outcome.put(series.row, step, None)
            warn_mixed_floats_histograms(context.remarks, argument_position(call), name)
            continue
        value = last_two_histograms(
            call, Range.of(series, found, step).last(2), context.remarks, name=name
        )
        outcome.put(series.row, step, value)


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "delta": _rate,
    "idelta": _instant_rate,
    "increase": _rate,
    "irate": _instant_rate,
    "rate": _rate,
}

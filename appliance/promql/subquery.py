"""Subqueries: an expression's values at regular times become the samples of a range vector.

The times are multiples of the resolution, absolute, so that neighbouring steps share them: the
expression is evaluated once for all windows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import ResetHint
from appliance.model.sample import ABSENT, SeriesGroup, box_histograms
from appliance.promql.context import SampleCounts
from appliance.promql.frame import Frame, Ranges
from appliance.promql.selector import count_windows, looked_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.promql.ast import Expr, Subquery
    from appliance.promql.context import Context
    from appliance.promql.frame import Value


def subquery(
    expr: Subquery, context: Context, evaluate: Callable[[Expr, Context], Value]
) -> Ranges:
    """The values of an expression over ranges that end at the steps.

    Args:
        evaluate: Evaluates the inner expression at the steps of another context.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    ends = looked_at(expr.modifiers, context.steps_ms)
    starts = ends - expr.range_ms
    if not len(ends):
        return Ranges([], starts, ends)
    step_ms = expr.step_ms or context.subquery_step_ms
    first = int(starts.min()) // step_ms * step_ms + step_ms
    times = _needed(np.arange(first, int(ends.max()) + 1, step_ms, dtype=np.int64), starts, ends)
    if not len(times):
        return Ranges([], starts, ends)
    # What the inner expression reads counts for the limits but not for the statistics.
    inner = replace(context, steps_ms=times, counts=SampleCounts())
    frame = evaluate(expr.expr, inner)
    assert isinstance(frame, Frame)  # noqa: S101 - the parser lets nothing else in
    context.counts.peak = max(context.counts.peak, inner.counts.peak)
    if not len(frame.labels):
        return Ranges([], starts, ends)
    found = Ranges([_group(frame, times)], starts, ends, nameless=[frame.nameless])
    context.guard.add_samples(int(np.count_nonzero(frame.present)))
    count_windows(context, found)
    return found


def _needed(
    times: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Those times that lie in a window at all: steps may be farther apart than a range is long."""
    opened = np.searchsorted(np.sort(starts), times, side="left")
    closed = np.searchsorted(np.sort(ends), times, side="left")
    return times[opened > closed]


def _group(frame: Frame, times: NDArray[np.int64]) -> SeriesGroup:
    """The frame's values as samples."""
    if frame.histograms is None:
        if frame.present.all():
            return SeriesGroup(frame.labels, times, np.ascontiguousarray(frame.values))
        return SeriesGroup(frame.labels, times, np.where(frame.present, frame.values, ABSENT))
    values = np.where(frame.present, frame.values, ABSENT)
    boxed = frame.is_histogram
    histograms = [_unhinted(histogram) for histogram in frame.histograms[boxed].tolist()]
    values[boxed] = box_histograms(np.arange(len(histograms)))
    return SeriesGroup(frame.labels, times, values, histograms)


def _unhinted(histogram: Histogram) -> Histogram:
    """Without a hint on resets: it may be about samples that the subquery has passed over."""
    if histogram.reset_hint in {ResetHint.RESET, ResetHint.NOT_RESET}:
        return replace(histogram, reset_hint=ResetHint.UNKNOWN)
    return histogram

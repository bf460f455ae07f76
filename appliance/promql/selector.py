"""Selectors: the samples of series at the steps, or over ranges that end at the steps.

Semantics are those of Prometheus 3: a sample counts for a step when it lies in (step - lookback,
step], and a staleness marker ends its series; ranges, too, are open on the left, and markers are
no part of them. `@` and `offset` move the time that is looked at, not the step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.sample import (
    ABSENT,
    is_absent,
    is_histogram,
    is_stale,
    unbox_histograms,
)
from appliance.promql.frame import Frame, Ranges, empty_histograms
from appliance.promql.smoothed import smoothed_frame
from appliance.promql.windows import bounds, sums_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.sample import SeriesGroup
    from appliance.promql.ast import MatrixSelector, Modifiers, VectorSelector
    from appliance.promql.context import Context

#: Cells of a batch of series.
_BATCH_CELLS = 1 << 20


def looked_at(modifiers: Modifiers, steps_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[step]: the times that `@` and `offset` make of the steps."""
    base = steps_ms if modifiers.at_ms is None else np.full_like(steps_ms, modifiers.at_ms)
    return base - modifiers.offset_ms


def instant(expr: VectorSelector, context: Context) -> Frame:
    """The last sample of each series at each step.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    if expr.extension == "smoothed":
        return _smoothed(expr, context)
    return instant_with_times(expr, context)[0]


def instant_with_times(expr: VectorSelector, context: Context) -> tuple[Frame, NDArray[np.float64]]:
    """The last sample of each series at each step, and its own time.

    Returns:
        The frame, and float64[series, step] in seconds; anything where there is no sample.
    """
    steps = len(context.steps_ms)
    if not steps:
        return Frame.empty(0), np.empty((0, 0))
    at_ms = looked_at(expr.modifiers, context.steps_ms)
    first, last = int(at_ms.min()) - context.lookback_ms + 1, int(at_ms.max())
    parts: list[_Part] = []
    for group in context.source.select(expr.matchers, first, last, context.guard):
        part = _at_times(group, at_ms, context.lookback_ms)
        if part is not None:
            context.guard.add_samples(int(np.count_nonzero(part[0].present)))
            parts.append(part)
        context.guard.free_samples(group.values.size)
        context.guard.check()
    frame, times = _joined(parts, steps)
    _count(context, np.count_nonzero(frame.present, axis=0))
    return frame, times


def ranges(expr: MatrixSelector, context: Context) -> Ranges:
    """Samples of series over a range; an extended one reaches a lookback further.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    groups = [group for found in range_batches(expr, context) for group in found.groups]
    ends = looked_at(expr.vector.modifiers, context.steps_ms)
    starts = ends - expr.range_ms
    return Ranges(groups, starts, ends, expr.vector.extension, [None] * len(groups))


def range_batches(expr: MatrixSelector, context: Context) -> Iterator[Ranges]:
    """Like `ranges`, some series at a time; who lets go of a batch frees its cells."""
    vector = expr.vector
    ends = looked_at(vector.modifiers, context.steps_ms)
    starts = ends - expr.range_ms
    if not len(ends):
        return
    before = context.lookback_ms if vector.extension else 0
    after = context.lookback_ms if vector.extension == "smoothed" else 0
    first, last = int(starts.min()) - before + 1, int(ends.max()) + after
    groups: list[SeriesGroup] = []
    cells = 0
    for group in context.source.select(vector.matchers, first, last, context.guard):
        live = without_stale(group)
        _count(context, _window_counts(live, starts - before, ends + after))
        groups.append(live)
        cells += live.values.size
        if cells > _BATCH_CELLS:
            yield Ranges(groups, starts, ends, vector.extension, [None] * len(groups))
            groups, cells = [], 0
    if groups:
        yield Ranges(groups, starts, ends, vector.extension, [None] * len(groups))


def without_stale(group: SeriesGroup) -> SeriesGroup:
    """The group with its staleness markers absent."""
    stale = is_stale(group.values)
    if not stale.any():
        return group
    return replace(group, values=np.where(stale, ABSENT, group.values))


def count_windows(context: Context, found: Ranges) -> None:
    """Count the samples in all windows for the statistics."""
    for group in found.groups:
        _count(context, _window_counts(group, found.starts_ms, found.ends_ms))


def _window_counts(
    group: SeriesGroup, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.intp]:
    """intp[step]: samples of all series of a group in each window."""
    lo, hi = bounds(group.timestamps_ms, starts, ends)
    absent = np.count_nonzero(is_absent(group.values), axis=0)
    before = sums_before(len(group.labels) - absent[np.newaxis])[0]
    counts: NDArray[np.intp] = before[hi] - before[lo]
    return counts


def _count(context: Context, per_step: NDArray[np.intp]) -> None:
    counts = context.counts
    counts.total += int(per_step.sum())
    if counts.per_step is not None and len(counts.per_step) == len(per_step):
        counts.per_step += per_step
    counts.peak = max(counts.peak, int(per_step.max(initial=0)))


_Part = tuple[Frame, "NDArray[np.float64]"]


def _at_times(group: SeriesGroup, at_ms: NDArray[np.int64], lookback_ms: int) -> _Part | None:
    """The last samples of a group's series at some times; None when there are none."""
    if not len(group.timestamps_ms) or not len(group.labels):
        return None
    last = _last_columns(group, at_ms)
    columns = np.maximum(last, 0)
    if columns.ndim == 1:
        values, times = group.values[:, columns], group.timestamps_ms[columns][np.newaxis]
    else:
        values = np.take_along_axis(group.values, columns, axis=1)
        times = group.timestamps_ms[columns]
    present = (last >= 0) & (times > at_ms - lookback_ms) & ~is_stale(values)
    present &= ~is_absent(values)
    histograms = _histograms(group.histograms, values, present) if group.histograms else None
    rows: NDArray[np.bool_] = np.logical_or.reduce(present, axis=1)
    frame = Frame(list(group.labels), values, present, histograms)
    seconds = np.broadcast_to(times / 1000, values.shape)
    if rows.all():
        return frame, seconds
    return (frame.take(rows), seconds[rows]) if rows.any() else None


def _last_columns(group: SeriesGroup, at_ms: NDArray[np.int64]) -> NDArray[np.intp]:
    """The column of the last sample at each time, -1 for none: [step], or [series, step]."""
    column = np.searchsorted(group.timestamps_ms, at_ms, side="right") - 1
    absent = is_absent(group.values)
    if not absent.any():
        return column
    columns = np.where(absent, -1, np.arange(absent.shape[1]))
    np.maximum.accumulate(columns, axis=1, out=columns)
    return np.where(column >= 0, columns[:, np.maximum(column, 0)], -1)


def _histograms(
    stored: Sequence[Histogram], values: NDArray[np.float64], present: NDArray[np.bool_]
) -> NDArray[Any] | None:
    """object[series, step] of the histograms that values refer to; None without any."""
    boxed = is_histogram(values) & present
    if not boxed.any():
        return None
    indexes = unbox_histograms(values[boxed]).tolist()
    found = empty_histograms(values.shape)
    found[boxed] = np.fromiter(map(stored.__getitem__, indexes), object, len(indexes))
    return found


def _joined(parts: Sequence[_Part], steps: int) -> _Part:
    if not parts:
        return Frame.empty(steps), np.empty((0, steps))
    if len(parts) == 1:
        return parts[0]
    histograms = None
    if any(frame.histograms is not None for frame, _ in parts):
        histograms = np.concatenate(
            [
                empty_histograms(frame.values.shape)
                if frame.histograms is None
                else frame.histograms
                for frame, _ in parts
            ]
        )
    joined = Frame(
        [labels for frame, _ in parts for labels in frame.labels],
        np.concatenate([frame.values for frame, _ in parts]),
        np.concatenate([frame.present for frame, _ in parts]),
        histograms,
    )
    return joined, np.concatenate([times for _, times in parts])


def _smoothed(expr: VectorSelector, context: Context) -> Frame:
    at_ms = looked_at(expr.modifiers, context.steps_ms)
    if not len(at_ms):
        return Frame.empty(0)
    reach = context.lookback_ms
    groups = [
        without_stale(group)
        for group in context.source.select(
            expr.matchers, int(at_ms.min()) - reach + 1, int(at_ms.max()) + reach, context.guard
        )
    ]
    around = Ranges(groups, at_ms - reach, at_ms + reach)
    count_windows(context, around)
    return smoothed_frame(around, at_ms, context, expr.position)

"""Evaluation of range aggregations: samples of all chunks become series over the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.metric.cells import Cells, Items
from appliance.logql.metric.frame import Frame, empty_frame
from appliance.logql.metric.plan import plan_of
from appliance.logql.metric.range_functions import Bounds, range_function
from appliance.logql.metric.samples import ChunkReader
from appliance.logql.metric.steps import Windows, windows_of
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.logql.ast import Grouping, RangeAggregation
    from appliance.logql.metric.context import Context
    from appliance.logql.metric.range_functions import RangeFunction

#: How many windows are worked on at a time.
_BATCH = 1 << 20


def evaluate_range(
    node: RangeAggregation, context: Context, *, outer: Grouping | None = None, outer_op: str = ""
) -> Frame:
    """The series of a range aggregation.

    Args:
        outer, outer_op: The grouping of the vector aggregation around it, if there is one; where
            Loki's result is the same, samples are grouped by it at once.

    Raises:
        BadInput: Entries that a stage could not read are in a window.
        LimitExceeded, TimedOut: As the guard says.
    """
    function = range_function(node)
    windows = windows_of(context.steps, node.range.range_ns, node.range.offset_ns)
    cells = Cells(function.kind, windows.width)
    if windows.start_ns < windows.end_ns - 1:
        _read(node, context, windows, cells, plan=(outer, outer_op))
    groups, items = cells.merged()
    if node.op == "absent_over_time":
        return _absent(node.range.pipeline.matchers, items, windows, context)
    return _over_windows(groups, items, windows, function=function, context=context)


def _read(
    node: RangeAggregation,
    context: Context,
    windows: Windows,
    cells: Cells,
    *,
    plan: tuple[Grouping | None, str],
) -> None:
    """Fill cells from all chunks in the windows."""
    compiled = plan_of(node, *plan)
    parts = context.source.scan(
        node.range.pipeline.matchers,
        windows.start_ns,
        windows.end_ns,
        context.guard,
        work=ChunkReader(compiled, windows, cells.kind),
        needles=compiled.pipeline.needles,
    )
    for part in parts:
        context.guard.check()
        context.request.statistics.add(part.statistics)
        if part.error is not None:
            raise part.error
        context.guard.add_samples(len(part.items))
        cells.add(part)


def _over_windows(
    groups: Sequence[Labels],
    items: Items,
    windows: Windows,
    *,
    function: RangeFunction,
    context: Context,
) -> Frame:
    """What a function makes of the items, for each group and step."""
    steps = len(windows.first)
    if not groups:
        return empty_frame(context.steps)
    context.guard.add_samples(len(groups) * steps)
    values = np.zeros((len(groups), steps))
    present = np.zeros((len(groups), steps), dtype=bool)
    ends_ns = windows.edges[windows.stop - 1]
    batch = max(1, _BATCH // steps)
    for at in range(0, len(groups), batch):
        context.guard.check()
        bases = np.arange(at, min(at + batch, len(groups)))[:, None] * windows.width
        lo = np.searchsorted(items.keys, bases + windows.first)
        hi = np.searchsorted(items.keys, bases + windows.stop)
        used = hi > lo
        if used.any():
            ends = np.broadcast_to(ends_ns, used.shape)[used]
            bounds = Bounds(lo[used], hi[used], ends)
            values[at : at + batch][used] = function.compute(items, bounds)
        present[at : at + batch] = used
    return Frame(groups, values, present).non_empty()


def _absent(matchers: Sequence[Matcher], items: Items, windows: Windows, context: Context) -> Frame:
    """1 where no window has a sample, under the labels that the selector fixes."""
    counts = np.bincount(items.keys % windows.width, items.counts, minlength=windows.width)
    total = np.concatenate([[0.0], np.cumsum(counts)])
    missing: NDArray[np.bool_] = total[windows.stop] == total[windows.first]
    frame = Frame([_fixed(matchers)], np.ones((1, len(context.steps))), missing[None, :])
    return frame.non_empty()


def _fixed(matchers: Sequence[Matcher]) -> Labels:
    """Labels that only one equality fixes; a second matcher of a name takes it out."""
    found: dict[str, str] = {}
    removed = set()
    for matcher in matchers:
        if matcher.name == "__name__":
            continue
        if matcher.op is MatchOp.EQUAL and matcher.name not in found:
            found[matcher.name] = matcher.value
        else:
            removed.add(matcher.name)
    return Labels.of({name: value for name, value in found.items() if name not in removed})

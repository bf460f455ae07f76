"""timestamp and start_timestamp: of samples, which only a selector knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.promql.ast import VectorSelector
from appliance.promql.context import START_TIMESTAMPS
from appliance.promql.frame import Frame
from appliance.promql.functions.floats import frame_of
from appliance.promql.invariant import unwrapped
from appliance.promql.names import without_names
from appliance.promql.selector import instant_with_times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sample import SeriesGroup
    from appliance.model.sources import Guard, SeriesSource
    from appliance.promql.ast import Call, Expr
    from appliance.promql.context import Context
    from appliance.promql.frame import Value

    Evaluate = Callable[[Expr, Context], Value]
    #: From a time on samples have a start: both int64, ascending by time.
    Starts = tuple[NDArray[np.int64], NDArray[np.int64]]


def _timestamp(call: Call, context: Context, evaluate: Evaluate) -> Frame:
    """Times of the samples of a selector; of anything else those of the steps."""
    argument = unwrapped(call.args[0])
    if isinstance(argument, VectorSelector):
        frame, times = _found(argument, context)
    else:
        frame = frame_of(evaluate(argument, context))
        times = np.broadcast_to(context.steps_ms / 1000.0, frame.values.shape)
    return without_names(replace(frame, values=times, histograms=None), context)


def _found(selector: VectorSelector, context: Context) -> tuple[Frame, NDArray[np.float64]]:
    """The samples and their times; beside `@` an offset says only which samples are there.

    That is Prometheus' behaviour: it looks at the time of `@`, among the samples that were loaded
    for `@` and the offset together.
    """
    modifiers = selector.modifiers
    if modifiers.at_ms is None or not modifiers.offset_ms:
        return instant_with_times(selector, context)
    ahead = replace(modifiers, offset_ms=max(0, modifiers.offset_ms))
    frame, times = instant_with_times(replace(selector, modifiers=ahead), context)
    latest = max(modifiers.at_ms, modifiers.at_ms - modifiers.offset_ms)
    present = frame.present & (np.rint(times * 1000) > latest - context.lookback_ms)
    rows: NDArray[np.bool_] = np.logical_or.reduce(present, axis=1)
    return replace(frame, present=present).take(rows), times[rows]


def _start_timestamp(call: Call, context: Context, _evaluate: Evaluate) -> Frame:
    """Start times of the samples of a selector, 0 where unknown; of anything else nothing."""
    argument = unwrapped(call.args[0])
    if not isinstance(argument, VectorSelector) or START_TIMESTAMPS not in context.features:
        return Frame.empty(len(context.steps_ms))
    source: Any = _StartsSource(context.source)
    frame, times = instant_with_times(argument, replace(context, source=source))
    found = np.zeros_like(times)
    for row, labels in enumerate(frame.labels):
        if labels in source.starts:
            known_ms, starts_ms = source.starts[labels]
            places = np.searchsorted(known_ms, np.rint(times[row] * 1000), side="right") - 1
            found[row] = np.where(places >= 0, starts_ms[np.maximum(places, 0)], 0) / 1000.0
    return without_names(replace(frame, values=found, histograms=None), context)


class _StartsSource:
    """A source that remembers the start times of the series that went through it."""

    def __init__(self, source: SeriesSource) -> None:
        self._source = source
        self.starts: dict[Labels, Starts] = {}

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> Iterator[SeriesGroup]:
        for group in self._source.select(matchers, start_ms, end_ms, guard):
            for row, known in group.starts_ms.items():
                self.starts[group.labels[row]] = known
            yield group


LAZY: Mapping[str, Callable[[Call, Context, Evaluate], Value]] = {
    "start_timestamp": _start_timestamp,
    "timestamp": _timestamp,
}

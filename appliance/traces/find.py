"""Find traces by what one of their spans is like."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.traces.criteria import SpanCriteria, matching
from appliance.traces.window import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns


@dataclass(frozen=True, slots=True)
class TraceSearch:
    """What is looked for.

    Attributes:
        window: A matching span starts in it.
        limit: Most traces to be found.
    """

    criteria: SpanCriteria = field(default_factory=SpanCriteria)
    window: Window = field(default_factory=Window)
    limit: int = 100


def find_traces(source: SpanSource, search: TraceSearch, guard: Guard) -> list[bytes]:
    """Ids of traces with a matching span, by the newest such span, newest first.

    Reads no further than it has to: blocks come newest first, after the head.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    newest: dict[bytes, int] = {}
    window = search.window
    for number, columns in enumerate(source.scan(window.start_ns, window.end_ns, guard)):
        guard.check()
        if number and len(newest) >= search.limit:
            last = heapq.nlargest(search.limit, newest.values())[-1]
            if last >= columns.numbers("start_ns").max(initial=last):
                break
        rows = np.flatnonzero(window.rows(columns))
        if len(rows):
            rows = rows[matching(columns, search.criteria)[rows]]
        for trace_id, start in latest_traces(columns, rows, search.limit):
            newest[trace_id] = max(newest.get(trace_id, start), start)
    ordered = sorted(newest, key=lambda trace_id: newest[trace_id], reverse=True)
    return ordered[: search.limit]


def latest_traces(
    columns: SpanColumns, rows: NDArray[np.int64], limit: int
) -> list[tuple[bytes, int]]:
    """Trace ids of some rows with their newest start, the newest `limit` of them."""
    if not len(rows):
        return []
    starts = columns.numbers("start_ns")[rows]
    traces = columns.traces()
    numbers = np.searchsorted(traces.offsets, rows, side="right") - 1
    firsts = np.flatnonzero(np.diff(numbers, prepend=-1))  # rows ascend, so do their traces
    newest = np.maximum.reduceat(starts, firsts)
    if len(newest) > limit:
        kept = np.argpartition(-newest, limit - 1)[:limit]
        firsts, newest = firsts[kept], newest[kept]
    ids = traces.ids[numbers[firsts]]
    return [(row.tobytes(), start) for row, start in zip(ids, newest.tolist(), strict=True)]

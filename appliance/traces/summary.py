"""Traces in a list: the newest ones with their root, length and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traces.criteria import STATUS_ERROR
from appliance.traces.find import latest_traces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns
    from appliance.traces.window import Window


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """A trace in a list.

    Attributes:
        root_service, root_name: Of the span without a parent; of the first span when none is here.
        duration_ns: From the first start to the last end.
        errors: Spans whose status is an error.
    """

    trace_id: bytes
    root_service: str
    root_name: str
    start_ns: int
    duration_ns: int
    spans: int
    errors: int


def summarize(
    source: SpanSource, window: Window, guard: Guard, *, limit: int
) -> list[TraceSummary]:
    """The newest traces that start in a window; each as far as one block shows it."""
    found: dict[bytes, TraceSummary] = {}
    for columns in source.scan(window.start_ns, window.end_ns, guard):
        guard.check()
        rows = np.flatnonzero(window.rows(columns))
        wanted = [trace_id for trace_id, _ in latest_traces(columns, rows, limit)]
        for summary in _summaries(columns, wanted):
            known = found.get(summary.trace_id)
            if known is None or summary.spans > known.spans:
                found[summary.trace_id] = summary
        if len(found) >= limit:
            break
    return sorted(found.values(), key=lambda item: item.start_ns, reverse=True)[:limit]


def _summaries(columns: SpanColumns, trace_ids: list[bytes]) -> Iterator[TraceSummary]:
    traces = columns.traces()
    keys = np.ascontiguousarray(traces.ids).view("V16").reshape(-1)
    starts, durations = columns.numbers("start_ns"), columns.numbers("duration_ns")
    parents, statuses = columns.numbers("parent_id"), columns.numbers("status")
    names, services = columns.names(), columns.services()
    for trace_id in trace_ids:
        number = int(np.flatnonzero(keys == np.frombuffer(trace_id, dtype="V16")[0])[0])
        first, end = traces.offsets[number : number + 2].tolist()
        rows = np.arange(first, end)
        roots = rows[parents[first:end] == 0]
        root = int(roots[0]) if len(roots) else first + int(np.argmin(starts[first:end]))
        begin = int(starts[first:end].min())
        yield TraceSummary(
            trace_id,
            str(services.values[services.ids[root]]) if services.ids[root] >= 0 else "",
            str(names.values[names.ids[root]]) if names.ids[root] >= 0 else "",
            begin,
            int((starts[first:end] + durations[first:end]).max()) - begin,
            len(rows),
            int((statuses[first:end] == STATUS_ERROR).sum()),
        )

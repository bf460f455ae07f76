"""The critical path of a trace, and two traces side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from appliance.api.jaeger.answers import answer_bytes
from appliance.api.traces.deps import spans_of, trace_id_of, traces_of
from appliance.traces.compare import compare
from appliance.traces.critical_path import critical_path, time_on_path
from appliance.traces.trace import TraceSpan, read_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from appliance.model.sources import Guard
    from appliance.traces.compare import Row


async def path(request: web.Request) -> web.Response:
    """`GET /api/ui/traces/{trace_id}/critical-path`.

    Raises:
        NotFound: The trace is not here.
    """
    traces, trace_id = traces_of(request), trace_id_of(request)

    def encode(guard: Guard) -> bytes:
        spans = read_trace(spans_of(traces, trace_id, guard))
        return orjson.dumps({"trace_id": trace_id.hex(), **_path(spans)})

    return await answer_bytes(request, encode)


def _path(spans: Sequence[TraceSpan]) -> dict[str, object]:
    sections = critical_path(spans)
    on_path = sorted(time_on_path(sections).items(), key=lambda item: -item[1])
    total = sum(duration for _, duration in on_path)
    return {
        "duration_ns": total,
        "sections": [
            {
                "span_id": spans[one.span].span_id.hex(),
                "start_ns": str(one.start_ns),
                "end_ns": str(one.end_ns),
            }
            for one in sections
        ],
        "spans": [
            _named(spans[place]) | {"on_path_ns": duration, "ratio": duration / total}
            for place, duration in on_path
        ],
    }


async def comparison(request: web.Request) -> web.Response:
    """`GET /api/ui/traces/{trace_id}/compare/{other_id}`.

    Raises:
        NotFound: A trace is not here.
    """
    traces = traces_of(request)
    ids = trace_id_of(request), trace_id_of(request, "other_id")

    def encode(guard: Guard) -> bytes:
        first, second = (read_trace(spans_of(traces, one, guard)) for one in ids)
        rows = compare(first, second)
        return orjson.dumps(
            {
                "first": _summary(ids[0], first),
                "second": _summary(ids[1], second),
                "counts": _counts(rows, first, second),
                "rows": [_row(row, first, second) for row in rows],
            }
        )

    return await answer_bytes(request, encode)


def _named(span: TraceSpan) -> dict[str, object]:
    return {"span_id": span.span_id.hex(), "service": span.service, "name": span.name}


def _summary(trace_id: bytes, spans: Sequence[TraceSpan]) -> dict[str, object]:
    start = min(span.start_ns for span in spans)
    return {
        "trace_id": trace_id.hex(),
        "start_ns": str(start),
        "duration_ns": max(span.end_ns for span in spans) - start,
        "spans": len(spans),
        "errors": sum(span.is_error for span in spans),
    }


def _counts(
    rows: Sequence[Row], first: Sequence[TraceSpan], second: Sequence[TraceSpan]
) -> dict[str, int]:
    changes = [
        second[row.second].duration_ns - first[row.first].duration_ns
        for row in rows
        if row.first is not None and row.second is not None
    ]
    return {
        "both": len(changes),
        "only_first": sum(row.second is None for row in rows),
        "only_second": sum(row.first is None for row in rows),
        "slower": sum(change > 0 for change in changes),
        "faster": sum(change < 0 for change in changes),
    }


def _row(row: Row, first: Sequence[TraceSpan], second: Sequence[TraceSpan]) -> dict[str, object]:
    mine = None if row.first is None else first[row.first]
    theirs = None if row.second is None else second[row.second]
    either = mine or theirs
    change = None if mine is None or theirs is None else theirs.duration_ns - mine.duration_ns
    return {
        "depth": row.depth,
        "service": either.service if either else "",
        "name": either.name if either else "",
        "first": _side(mine, first),
        "second": _side(theirs, second),
        "change_ns": change,
    }


def _side(span: TraceSpan | None, trace: Sequence[TraceSpan]) -> dict[str, object] | None:
    """A span of one trace; its start counts from that of the trace."""
    if span is None:
        return None
    return {
        "span_id": span.span_id.hex(),
        "start_ns": span.start_ns - trace[0].start_ns,
        "duration_ns": span.duration_ns,
        "is_error": span.is_error,
    }

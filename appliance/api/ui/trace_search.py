"""What `/traces` shows: traces that a TraceQL query finds in the window of the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.api.http import HTTP
from appliance.api.tempo.deps import source_of
from appliance.api.tempo.queries import parse_metrics, parse_search
from appliance.api.traces.deps import limit_of
from appliance.base.errors import BadInput
from appliance.ui.time_range import TimeRange, time_range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from appliance.model.sources import SpanSource
    from appliance.query.limits import QueryGuard
    from appliance.traceql.ast import Query
    from appliance.traceql.results import FoundSpan, FoundTrace
    from appliance.traceql.static import Static

USUAL_LIMIT, MOST = 50, 1000
#: Matching spans shown of each trace: in the list, and in the table of spans.
_SPANS, _SPANS_IN_TABLE = 3, 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the address has it; no query finds everything."""

    q: str
    range: TimeRange
    limit: int
    spans: int

    @classmethod
    def of(cls, request: web.Request) -> Asked:
        """Read an address.

        Raises:
            BadInput: The window or the limit makes no sense.
        """
        window = time_range(request.query, request.app[HTTP].clock.now_ms())
        spans = _SPANS_IN_TABLE if request.query.get("view") == "spans" else _SPANS
        limit = limit_of(request, USUAL_LIMIT, MOST)
        return cls(request.query.get("q", "").strip(), window, limit, spans)


def find(source: SpanSource, asked: Asked, guard: QueryGuard) -> dict[str, Any]:
    """The answer as JSON has it; a metrics query finds no traces, which it says.

    Raises:
        BadInput: Not TraceQL, and where.
        LimitExceeded, TimedOut: As the guard says.
    """
    from appliance.traceql.search.run import SearchRequest, search  # noqa: PLC0415 - the engine

    query = _parsed(asked.q)
    if query is None:
        return _answer(asked) | {"is_metrics": True}
    request = SearchRequest(asked.range.start_ns, asked.range.end_ns, asked.limit + 1, asked.spans)
    found = search(source, query, request, guard)
    shown = found.traces[: asked.limit]
    return _answer(asked) | {
        "traces": [_trace(one) for one in shown],
        "is_partial": len(found.traces) > asked.limit,
        "inspected": {
            "traces": found.inspected_traces,
            "spans": found.inspected_spans,
            "bytes": found.inspected_bytes,
        },
    }


def nothing(asked: Asked, error: str = "") -> dict[str, Any]:
    """The answer to a search that could not be run."""
    return _answer(asked) | {"error": error}


def source(request: web.Request) -> SpanSource:
    """The spans that a request may see."""
    return source_of(request)


def _answer(asked: Asked) -> dict[str, Any]:
    return {
        "q": asked.q,
        "from": asked.range.written_from,
        "to": asked.range.written_to,
        "start_ms": asked.range.start_ms,
        "end_ms": asked.range.end_ms,
        "limit": asked.limit,
        "is_metrics": False,
        "is_partial": False,
        "traces": [],
        "error": "",
    }


def _parsed(text: str) -> Query | None:
    """The query, showing names and services of spans; None for a metrics query."""
    from dataclasses import replace  # noqa: PLC0415 - with the engine

    from appliance.traceql.ast import Pipeline  # noqa: PLC0415 - the engine

    try:
        query = parse_search(text or "{ }")
    except BadInput:
        try:
            parse_metrics(text)
        except BadInput:
            query = parse_search(text)  # says what is wrong with it as a search
        else:
            return None
    shown = parse_search("{ } | select(name, resource.service.name, status, kind)")
    assert query.pipeline is not None  # noqa: S101 - parse_search says so
    assert shown.pipeline is not None  # noqa: S101
    elements = (*query.pipeline.elements, shown.pipeline.elements[-1])
    return replace(query, pipeline=Pipeline(elements))


def _trace(trace: FoundTrace) -> dict[str, Any]:
    services = trace.service_stats
    return {
        "trace_id": trace.trace_id.hex(),
        "root_service": trace.root_service,
        "root_name": trace.root_name,
        "start_ns": str(trace.start_ns),
        "duration_ns": trace.duration_ns,
        "spans": sum(spans for spans, _ in services.values()),
        "errors": sum(errors for _, errors in services.values()),
        "services": [[name, *counts] for name, counts in services.items()],
        "matched": sum(one.matched for one in trace.spansets),
        "matches": [_span(span) for one in trace.spansets for span in one.spans],
    }


def _span(span: FoundSpan) -> dict[str, Any]:
    said: Mapping[str, Any] = {key: _plain(value) for key, value in span.attributes}
    own = ("service.name", "status", "kind")
    return {
        "span_id": f"{span.span_id:016x}",
        "name": span.name,
        "service": said.get("service.name", ""),
        "status": said.get("status", "unset"),
        "kind": said.get("kind", "unspecified"),
        "start_ns": str(span.start_ns),
        "duration_ns": span.duration_ns,
        "attributes": [[key, str(value)] for key, value in said.items() if key not in own],
    }


def _plain(value: Static) -> object:
    from enum import IntEnum  # noqa: PLC0415

    found = value.value
    if isinstance(found, IntEnum):
        return found.name.lower()
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, tuple):
        return ", ".join(map(str, found))
    return found

"""`/services`, `/services/NAME` and `/map`: who is there, how they do, and who calls whom."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.api.http import HTTP, tenant_of
from appliance.api.request import run_query
from appliance.api.traces.deps import TRACES, traces_of
from appliance.api.ui.rendering import endpoints_of, json_answer, page, variable, wants_json
from appliance.base.errors import TimedOut
from appliance.correlate.services import Sources, signals_of_service
from appliance.traces.edges import service_edges
from appliance.traces.operations import operation_stats
from appliance.traces.red import red
from appliance.traces.window import Window
from appliance.ui.guides import demo_command, environment
from appliance.ui.services import edge_row, merged, operation_row, service_row
from appliance.ui.time_range import TimeRange, time_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.sources import Guard

#: Points of the sparklines, and of the charts of one service.
_SPARKS, _POINTS = 40, 120
_FIRST_SECONDS = 1.5
#: Operations and edges of a page.
_MOST = 500


async def services(request: web.Request) -> web.Response:
    """`GET /services`: rate, errors and duration of every service in the window.

    Raises:
        BadInput: The window makes no sense.
    """
    window = _window(request)
    sources = _sources(request)

    def find(guard: Guard) -> dict[str, Any]:
        found = red(sources.spans, _spans_of(window), guard, buckets=_SPARKS)
        seconds = (window.end_ms - window.start_ms) / 1000
        rows = [service_row(one, seconds) for one in found.services]
        names = {
            "traces": sources.spans.services(),
            "logs": sources.logs.label_values("service_name", [], window.start_ns, window.end_ns),
            "metrics": _metric_services(sources, window),
        }
        return _times(window) | {"services": merged(rows, names)}

    return await _answer(request, "services.html", find, {"services": []})


async def service(request: web.Request) -> web.Response:
    """`GET /services/NAME`: one service over time, its operations, neighbours and signals.

    Raises:
        BadInput: The window makes no sense.
    """
    name, window = variable(request, "name"), _window(request)
    sources = _sources(request)

    def find(guard: Guard) -> dict[str, Any]:
        spans = _spans_of(window)
        found = red(sources.spans, spans, guard, buckets=_POINTS, service=name)
        seconds = (window.end_ms - window.start_ms) / 1000
        edges = service_edges(sources.spans, spans, guard)
        signals = signals_of_service(sources, name, spans, guard=guard)
        operations = operation_stats(sources.spans, spans, guard, service=name)
        operations.sort(key=lambda one: -one.calls)
        return _times(window) | {
            "service": name,
            "figures": service_row(found.services[0], seconds) if found.services else None,
            "latency": asdict(found.latency),
            "operations": [operation_row(one, seconds) for one in operations[:_MOST]],
            "operation_count": len(operations),
            "callers": [edge_row(one, seconds) for one in edges if one.child == name],
            "callees": [edge_row(one, seconds) for one in edges if one.parent == name],
            "logs": [{"label": one.label, "selector": one.selector} for one in signals.logs],
            "metrics": [
                {"label": one.label, "selector": one.selector, "names": list(one.names[:50])}
                for one in signals.metrics
            ],
        }

    empty: dict[str, Any] = {"service": name, "figures": None, "operations": []}
    return await _answer(request, "service.html", find, empty)


async def unnamed(request: web.Request) -> web.Response:
    """`GET /services/`: spans without the name of a service have no page of their own.

    Raises:
        web.HTTPFound: To the list.
    """
    raise web.HTTPFound(str(request.rel_url.with_path("/services", keep_query=True)))


async def service_map(request: web.Request) -> web.Response:
    """`GET /map`: calls between services in the window.

    Raises:
        BadInput: The window makes no sense.
    """
    window, source = _window(request), traces_of(request).source

    def find(guard: Guard) -> dict[str, Any]:
        spans = _spans_of(window)
        seconds = (window.end_ms - window.start_ms) / 1000
        edges = service_edges(source, spans, guard)
        found = red(source, spans, guard, buckets=1)
        return _times(window) | {
            "services": [service_row(one, seconds) for one in found.services],
            "edges": [edge_row(one, seconds) for one in edges[:_MOST]],
            "edge_count": len(edges),
        }

    return await _answer(request, "map.html", find, {"services": [], "edges": []})


async def _answer(
    request: web.Request,
    template: str,
    find: Callable[[Guard], dict[str, Any]],
    empty: dict[str, Any],
) -> web.Response:
    """JSON, or a page that waits only so long for its data: its island asks again."""
    if wants_json(request):
        return json_answer(await run_query(request, find))
    is_whole = True
    try:
        found = await run_query(request, find, timeout_seconds=_FIRST_SECONDS)
    except TimedOut:
        found, is_whole = _times(_window(request)) | empty, False
    at = endpoints_of(request)
    return await page(
        request,
        template,
        found=found,
        is_whole=is_whole,
        now_ms=request.app[HTTP].clock.now_ms(),
        environment=environment(at),
        demo=demo_command(at),
    )


def _window(request: web.Request) -> TimeRange:
    return time_range(request.query, request.app[HTTP].clock.now_ms())


def _spans_of(window: TimeRange) -> Window:
    return Window.of(window.start_ns, window.end_ns)


def _times(window: TimeRange) -> dict[str, Any]:
    return {
        "from": window.written_from,
        "to": window.written_to,
        "start_ms": window.start_ms,
        "end_ms": window.end_ms,
    }


def _sources(request: web.Request) -> Sources:
    deps, tenant = request.app[TRACES], tenant_of(request)
    return Sources(deps.series(tenant), deps.logs(tenant), deps.jaeger.spans(tenant))


def _metric_services(sources: Sources, window: TimeRange) -> list[str]:
    """Names under the labels that OTLP and scrapes give; a job is `namespace/name` there."""
    found: set[str] = set()
    for label in ("service_name", "job"):
        names = sources.series.label_values(label, [], window.start_ms, window.end_ms)
        found.update(name.rpartition("/")[2] for name in names)
    return sorted(found - {""})

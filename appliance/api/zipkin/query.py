"""Zipkin's queries, for simple clients: services, names, traces, dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from aiohttp import web

from appliance.api.http import HTTP, tenant_of
from appliance.api.request import run_query
from appliance.api.zipkin.deps import SPANS
from appliance.api.zipkin.parameters import parse_ids, parse_search, parse_trace_id, parse_window
from appliance.base.errors import BadInput, NotFound
from appliance.traces.criteria import equal
from appliance.traces.edges import service_edges
from appliance.traces.find import find_traces
from appliance.traces.window import EARLIEST_NS, LATEST_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from appliance.model.sources import Guard, SpanSource

T = TypeVar("T")


async def services(request: web.Request) -> web.Response:
    """`GET /api/v2/services`: names, sorted."""
    source = _source(request)
    return await _answer(request, lambda _: [name for name in source.services() if name])


async def span_names(request: web.Request) -> web.Response:
    """`GET /api/v2/spans`: names of a service's spans."""
    source, service = _source(request), _service(request)
    return await _answer(
        request, lambda _: sorted({name for name, _ in source.operations(service)})
    )


async def remote_services(request: web.Request) -> web.Response:
    """`GET /api/v2/remoteServices`: whom a service's spans name as their other end."""
    source, service = _source(request), _service(request)

    def find(guard: Guard) -> list[str]:
        found: set[str] = set()
        for columns in source.scan(EARLIEST_NS, LATEST_NS, guard):
            guard.check()
            column = columns.attribute("span", "peer.service")
            if column is not None:
                ids = set(column.ids[equal(columns.services(), service)].tolist()) - {-1}
                found.update(str(column.values[number]) for number in ids)
        return sorted(found)

    return await _answer(request, find)


async def traces(request: web.Request) -> web.Response:
    """`GET /api/v2/traces`: lists of spans, newest trace first."""
    source = _source(request)
    search = parse_search(request.query, request.app[HTTP].clock.now_ns())

    def find(guard: Guard) -> list[object]:
        return _load(source, find_traces(source, search, guard), guard)

    return await _answer(request, find)


async def trace(request: web.Request) -> web.Response:
    """`GET /api/v2/trace/{trace_id}`.

    Raises:
        NotFound: It is not here.
    """
    source, text = _source(request), request.match_info["trace_id"]
    trace_id = parse_trace_id(text)

    def find(guard: Guard) -> object:
        found = _load(source, [trace_id], guard)
        if not found:
            raise NotFound(f"{text} not found")
        return found[0]

    return await _answer(request, find)


async def many(request: web.Request) -> web.Response:
    """`GET /api/v2/traceMany`: the traces of several ids that are here."""
    source, ids = _source(request), parse_ids(request.query.get("traceIds", ""))
    return await _answer(request, lambda guard: _load(source, ids, guard))


async def dependencies(request: web.Request) -> web.Response:
    """`GET /api/v2/dependencies`: who calls whom, how often, with how many errors."""
    source = _source(request)
    if not request.query.get("endTs"):
        raise BadInput("endTs parameter is required")
    window = parse_window(request.query, request.app[HTTP].clock.now_ns())

    def find(guard: Guard) -> list[object]:
        return [
            {"parent": edge.parent, "child": edge.child, "callCount": edge.calls}
            | ({"errorCount": edge.errors} if edge.errors else {})
            for edge in service_edges(source, window, guard)
        ]

    return await _answer(request, find)


async def nothing(_request: web.Request) -> web.Response:
    """Keys and values for autocompletion, of which Zipkin has none unless it is told some."""
    return web.Response(body=b"[]", content_type="application/json")


def _source(request: web.Request) -> SpanSource:
    return request.app[SPANS](tenant_of(request))


def _service(request: web.Request) -> str:
    service = request.query.get("serviceName", "")
    if not service:
        raise BadInput("serviceName is required")
    return service


def _load(source: SpanSource, ids: Iterable[bytes], guard: Guard) -> list[object]:
    """Traces as lists of spans; those that are not here are left out."""
    from appliance.wire.span_json import group_spans  # noqa: PLC0415 - protobuf
    from appliance.wire.trace_files.zipkin import zipkin_spans  # noqa: PLC0415 - protobuf
    from appliance.wire.zipkin.restore import restore  # noqa: PLC0415 - with the others

    found: list[object] = []
    for trace_id in ids:
        guard.check()
        spans = source.trace(trace_id, guard)
        if spans:
            found.append([restore(span) for span in zipkin_spans(group_spans(spans))])
    return found


async def _answer(request: web.Request, find: Callable[[Guard], Any]) -> web.Response:
    body = await run_query(request, lambda guard: orjson.dumps(find(guard)), label=request.path)
    return web.Response(body=body, content_type="application/json")

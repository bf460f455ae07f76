"""Version 3 of the API over HTTP (jaeger-idl, api_v3/query_service.proto), with OTLP/JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.jaeger.answers import answer_bytes, compact
from appliance.api.jaeger.deps import traces_of
from appliance.api.jaeger.names import operations_with_kinds
from appliance.api.jaeger.summaries import summary
from appliance.api.jaeger.v3_parameters import (
    Parameters,
    body_parameters,
    parse_find,
    parse_range,
)
from appliance.api.request import body_of
from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import run
from appliance.traces.edges import dependencies
from appliance.traces.find import find_traces
from appliance.wire.jaeger.ids import parse_trace_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp import web

    from appliance.model.sources import Guard

_INTERNAL = "internal"
#: Larger bodies are read in a worker thread.
_OFFLOAD_FROM_BYTES = 16 << 10


async def services(request: web.Request) -> web.Response:
    """`GET /api/v3/services`."""
    source = traces_of(request).source
    return await answer_bytes(request, lambda _: orjson.dumps({"services": source.services()}))


async def operations(request: web.Request) -> web.Response:
    """`GET /api/v3/operations`."""
    source, parameters = traces_of(request).source, Parameters(request.query)
    service, wanted = request.query.get("service", ""), parameters.get("spanKind")[0]

    def encode(_: Guard) -> bytes:
        found = operations_with_kinds(source, service, wanted)
        rows = [{"name": name, "spanKind": kind or _INTERNAL} for name, kind in found]
        return orjson.dumps({"operations": rows})

    return await answer_bytes(request, encode)


async def trace(request: web.Request) -> web.Response:
    """`GET /api/v3/traces/{trace_id}`.

    Raises:
        BadInput: The id or a parameter is unreadable.
        NotFound: It is not here.
    """
    traces, parameters = traces_of(request), Parameters(request.query)
    try:
        trace_id = parse_trace_id(request.match_info["trace_id"])
    except BadInput as problem:
        raise BadInput(f"malformed parameter trace_id: {problem.message}") from problem
    for name in ("startTime", "endTime"):
        parameters.time_ns(name)  # only to refuse nonsense: a trace is found without
    raw = parameters.flag("rawTraces")
    return await answer_bytes(
        request, lambda guard: _print(traces.load([trace_id], guard, raw=raw), guard)
    )


async def find(request: web.Request) -> web.Response:
    """`/api/v3/traces`: a search, by parameters or a body."""
    traces, asked = traces_of(request), parse_find(await _parameters(request))

    def encode(guard: Guard) -> bytes:
        ids = find_traces(traces.source, asked.search, guard)
        return _print(traces.load(ids, guard, raw=asked.raw), guard)

    return await answer_bytes(request, encode)


async def summaries(request: web.Request) -> web.Response:
    """`/api/v3/trace-summaries`: the same, without the spans."""
    traces, asked = traces_of(request), parse_find(await _parameters(request))

    def encode(guard: Guard) -> bytes:
        ids = find_traces(traces.source, asked.search, guard)
        found = ((trace_id, traces.spans(trace_id, guard)) for trace_id in ids)
        # What retention has just removed is not there any more.
        rows = [summary(trace_id, spans) for trace_id, spans in found if spans]
        return orjson.dumps({"summaries": rows})

    return await answer_bytes(request, encode)


async def service_dependencies(request: web.Request) -> web.Response:
    """`GET /api/v3/dependencies`."""
    source, window = traces_of(request).source, parse_range(Parameters(request.query))

    def encode(guard: Guard) -> bytes:
        rows = [
            {"parent": parent, "child": child, "callCount": str(calls)}
            for parent, child, calls in dependencies(source, window, guard)
        ]
        return orjson.dumps({"dependencies": rows})

    return await answer_bytes(request, encode)


async def _parameters(request: web.Request) -> Parameters:
    """Those of the URL, or of a body in JSON."""
    if request.method == "POST":
        body = await body_of(request)
        is_large = len(body) >= _OFFLOAD_FROM_BYTES
        return Parameters(await run(body_parameters, body, offloaded=is_large))
    return Parameters(request.query)


def _print(found: Iterable[list[Any]], guard: Guard) -> bytes:
    """All traces as one TracesData.

    Raises:
        NotFound: There is none.
        LimitExceeded: As the guard says.
    """
    from appliance.wire.otlp.print_json import to_object  # noqa: PLC0415 - protobuf

    groups = [compact(to_object(group), guard) for trace in found for group in trace]
    if not groups:
        raise NotFound("No traces found")
    return orjson.dumps({"result": {"resourceSpans": groups}})

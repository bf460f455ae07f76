"""Latency and errors of operations, and the map of services, over a range of time."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson

from appliance.api.jaeger.answers import answer_bytes
from appliance.api.traces.deps import traces_of, window_of
from appliance.traces.edges import service_edges
from appliance.traces.operations import operation_stats

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.model.sources import Guard


async def operations(request: web.Request) -> web.Response:
    """`GET /api/ui/operations`: figures per operation, of one service or of all."""
    source, window = traces_of(request).source, window_of(request)
    service = request.query.get("service", "") or None

    def encode(guard: Guard) -> bytes:
        found = operation_stats(source, window, guard, service=service)
        rows = [asdict(one) | {"error_ratio": one.error_ratio} for one in found]
        return orjson.dumps({"operations": rows})

    return await answer_bytes(request, encode)


async def service_map(request: web.Request) -> web.Response:
    """`GET /api/ui/service-map`: who calls whom, how often, how fast, with how many errors."""
    source, window = traces_of(request).source, window_of(request)

    def encode(guard: Guard) -> bytes:
        found = service_edges(source, window, guard)
        names = {name for edge in found for name in (edge.parent, edge.child)}
        return orjson.dumps({"services": sorted(names), "edges": [asdict(edge) for edge in found]})

    return await answer_bytes(request, encode)

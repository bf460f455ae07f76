"""Which service calls which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.http import HTTP
from appliance.api.jaeger.answers import answer
from appliance.api.jaeger.deps import traces_of
from appliance.api.jaeger.parameters import milliseconds_ns, time_ns
from appliance.traces import edges
from appliance.traces.window import Window

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.model.sources import Guard

_DAY_MS = 86_400_000
_MS = 1_000_000


async def dependencies(request: web.Request) -> web.Response:
    """`GET /api/dependencies`: calls that started in the last `lookback` before `endTs`."""
    source, query = traces_of(request).source, request.query
    end = time_ns(query, "endTs", _MS, request.app[HTTP].clock.now_ns())
    window = Window.of(end - milliseconds_ns(query, "lookback", _DAY_MS), end + 1)
    service = query.get("service", "")

    def find(guard: Guard) -> list[object]:
        found = edges.dependencies(source, window, guard)
        return [
            {"parent": parent, "child": child, "callCount": calls}
            for parent, child, calls in found
            if service in {"", parent, child}
        ]

    return await answer(request, find)

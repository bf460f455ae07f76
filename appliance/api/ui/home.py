"""`/`, `/connect`, and the figures that the home page's islands ask for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from appliance.api.http import HTTP, tenant_of
from appliance.api.ui.firing import firing
from appliance.api.ui.home_figures import busiest, disk
from appliance.api.ui.rendering import UI, endpoints_of, json_answer, page, wants_json
from appliance.ui.guides import as_json, demo_command, first_steps, guides
from appliance.ui.overview import read

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.ui.overview import Endpoints, Snapshot


async def home(request: web.Request) -> web.Response:
    """`GET /`: what arrives, and how to send what does not yet."""
    snapshot = await _read(request)
    at = endpoints_of(request)
    found = await _figures(request)
    shown = snapshot.as_json() | found
    if wants_json(request):
        return json_answer(shown | {"endpoints": _as_json(at)})
    return await page(
        request,
        "home.html",
        snapshot=shown,
        **found,
        tiles=snapshot.tiles,
        lines=snapshot.lines,
        traces=snapshot.traces,
        metrics=snapshot.metrics,
        now_ms=snapshot.now_ms,
        is_complete=snapshot.has_everything,
        seen={tile.name: tile.has_data for tile in snapshot.tiles},
        steps=first_steps(at),
        demo=demo_command(at),
        endpoints=at,
    )


async def connect(request: web.Request) -> web.Response:
    """`GET /connect`: what to set for each language and tool."""
    at = endpoints_of(request)
    found = guides(at)
    if wants_json(request):
        return json_answer(
            {"endpoints": _as_json(at), "guides": [as_json(guide) for guide in found]}
        )
    snapshot = await _read(request)
    return await page(
        request,
        "connect.html",
        endpoints=at,
        guides=found,
        tiles=snapshot.tiles,
        snapshot=snapshot.as_json(),
    )


async def overview(request: web.Request) -> web.Response:
    """`GET /api/ui/overview`: the figures of the home page."""
    snapshot = await _read(request)
    return json_answer(snapshot.as_json() | await _figures(request))


async def _figures(request: web.Request) -> dict[str, Any]:
    """What needs parts that not every server has; None where they lack."""
    fires, services, space = await asyncio.gather(firing(request), busiest(request), disk(request))
    return {"firing": fires, "services": services, "disk": space}


async def _read(request: web.Request) -> Snapshot:
    return await read(
        request.app[UI].overview, tenant_of(request), request.app[HTTP].clock.now_ms()
    )


def _as_json(at: Endpoints) -> dict[str, Any]:
    return {"urls": dict(at.urls), "data_directory": at.data_directory}

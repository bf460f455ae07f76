"""`/config`: settings in use, files, reload."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from appliance.api.admin import ADMIN
from appliance.api.http import HTTP
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.api.ui.system.deps import SYSTEM, begin_change
from appliance.base.errors import ApplianceError
from appliance.base.tasks import offload
from appliance.ui.system.config import config_page


async def config(request: web.Request) -> web.Response:
    """`GET /config`."""
    return await _page(request)


async def reload(request: web.Request) -> web.Response:
    """`POST /config/reload`: as `POST /-/reload`; what is wrong is shown on the page."""
    begin_change(request, "reload the configuration")
    try:
        await request.app[ADMIN].reload()
    except ApplianceError:
        if wants_json(request):
            raise
        return await _page(request, status=400)  # the page has the error
    raise web.HTTPSeeOther("/config?reloaded=1")


async def _page(request: web.Request, *, status: int = 200) -> web.Response:
    look = await offload(request.app[SYSTEM].configuration.look)
    found = await offload(config_page, look)
    if wants_json(request):
        document = asdict(found)
        document["look"]["problems"] = [one.as_json() for one in look.problems]
        return json_answer(document)
    return await page(
        request,
        "system/config.html",
        status=status,
        found=found,
        now_ms=request.app[HTTP].clock.now_ms(),
        is_reloaded="reloaded" in request.query,
        only_set=request.query.get("all", "") in {"", "0"},
        url=endpoints_of(request).urls.get("ui", "") or str(request.url.origin()),
    )

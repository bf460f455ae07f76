"""`/targets`: what is scraped."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from appliance.api.http import HTTP
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.api.ui.system.deps import SYSTEM
from appliance.base.tasks import offload
from appliance.ui.guides import guides
from appliance.ui.system.targets import STATES, TargetFilter, targets_page

if TYPE_CHECKING:
    from aiohttp import web


async def targets(request: web.Request) -> web.Response:
    """`GET /targets?pool=…&state=…&q=…`."""
    query = request.query
    state = query.get("state", "")
    wanted = TargetFilter(
        query.get("pool", ""), state if state in STATES else "", query.get("q", "").strip()
    )
    scraping, now_ms = request.app[SYSTEM].scraping, request.app[HTTP].clock.now_ms()
    found = await offload(targets_page, scraping, wanted, now_ms)
    if wants_json(request):
        return json_answer(asdict(found))
    return await page(
        request,
        "system/targets.html",
        found=found,
        wanted=wanted,
        states=STATES,
        pool_names=list(scraping.pools()),
        guide=next((one for one in guides(endpoints_of(request)) if one.id == "prometheus"), None),
    )

"""`/metrics` for people: panels over what is stored. Scrapers get the exposition (`admin.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.http import HTTP, tenant_of
from appliance.api.ui.rendering import UI, json_answer, page, wants_json

if TYPE_CHECKING:
    from aiohttp import web


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: the explorer; its JSON twin lists the names of what is stored."""
    names = await request.app[UI].overview.metric_names(tenant_of(request))
    if wants_json(request):
        return json_answer({"metrics": names})
    now_ms = request.app[HTTP].clock.now_ms()
    return await page(request, "metrics.html", count_names=len(names), now_ms=now_ms)

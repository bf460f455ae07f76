"""`/push`: groups of pushed metrics, and their deletion."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.http import HTTP
from appliance.api.request import parameters_of
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.api.ui.system.deps import SYSTEM, begin_change
from appliance.base.errors import NotFound, Unavailable
from appliance.base.tasks import offload
from appliance.ui.system.push import key_of, push_page

if TYPE_CHECKING:
    from appliance.ingest.pushgateway.gateway import PushGateway


async def push(request: web.Request) -> web.Response:
    """`GET /push?q=…`."""
    gateway = _gateway(request)
    text = request.query.get("q", "").strip()
    groups = [] if gateway is None else list(gateway.groups.values())
    found = await offload(push_page, groups, text, request.app[HTTP].clock.now_ms())
    if wants_json(request):
        return json_answer({"is_open": gateway is not None, **asdict(found)})
    return await page(
        request,
        "system/push.html",
        found=found,
        text=text,
        is_open=gateway is not None,
        gone=request.query.get("gone", "")[:500],
        url=endpoints_of(request).urls.get("pushgateway", ""),
    )


async def delete(request: web.Request) -> web.Response:
    """`POST /push`: the group of the form's `key` goes.

    Raises:
        NotFound: There is no such group.
        Unavailable: The Pushgateway's listener is not open.
    """
    key = key_of((await parameters_of(request)).get("key", ""))
    shown = ", ".join(f"{name}={value}" for name, value in key)
    begin_change(request, f"delete the pushed group {shown!r}")
    gateway = request.app[SYSTEM].pushgateway()
    if key not in gateway.groups:
        raise NotFound(f"There is no pushed group {shown!r}; those there are: /push")
    await gateway.delete(dict(key))
    location = request.rel_url.with_path("/push").with_query(gone=shown)
    raise web.HTTPSeeOther(location)


def _gateway(request: web.Request) -> PushGateway | None:
    try:
        return request.app[SYSTEM].pushgateway()
    except Unavailable:
        return None

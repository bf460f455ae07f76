"""`/ingest`: who sends what."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from appliance.api.http import HTTP
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.ui.guides import demo_command, environment
from appliance.ui.system.ingest import SIGNALS, SenderFilter, ingest_page

if TYPE_CHECKING:
    from aiohttp import web


async def ingest(request: web.Request) -> web.Response:
    """`GET /ingest?signal=…&refused=1&q=…`."""
    query, http = request.query, request.app[HTTP]
    signal = query.get("signal", "")
    wanted = SenderFilter(
        signal if signal in SIGNALS else "",
        query.get("refused", "") not in {"", "0"},
        query.get("q", "").strip(),
    )
    now_ms = http.clock.now_ms()
    found = ingest_page(http.senders, wanted, now_ms)
    if wants_json(request):
        return json_answer({**asdict(found), "started_ms": http.started_ms})
    at = endpoints_of(request)
    return await page(
        request,
        "system/ingest.html",
        found=found,
        wanted=wanted,
        up_ms=max(0, now_ms - http.started_ms),
        environment=environment(at),
        demo=demo_command(at),
    )

"""Prometheus' HTTP API v1: what the server has to tell its users (Prometheus 3, notifications)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api.prometheus.answer import answer
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.prometheus.status import print_time
from appliance.wire.api_json import success

if TYPE_CHECKING:
    from appliance.base.notifications import Notification

#: Clients that listen at a time, as in Prometheus (--web.max-notifications-subscribers).
_MOST_LISTENERS = 16


def routes() -> list[web.RouteDef]:
    """The paths."""
    return [
        web.get("/api/v1/notifications", _notifications, allow_head=False),
        web.get("/api/v1/notifications/live", _live, allow_head=False),
    ]


def _document(item: Notification) -> dict[str, object]:
    return {"text": item.text, "date": print_time(item.since_ms), "active": item.active}


async def _notifications(request: web.Request) -> web.Response:
    active = request.app[PROMETHEUS].notifications.active()
    return answer(success([_document(item) for item in active]))


async def _live(request: web.Request) -> web.StreamResponse:
    """Server-sent events: what is active now, then every change."""
    notifications = request.app[PROMETHEUS].notifications
    if notifications.listeners >= _MOST_LISTENERS:
        return web.Response(status=204)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    )
    await response.prepare(request)
    changes: asyncio.Queue[Notification] = asyncio.Queue()
    with notifications.listening(changes.put_nowait):
        for item in notifications.active():
            changes.put_nowait(item)
        while True:
            item = await changes.get()
            await response.write(b"data: " + orjson.dumps(_document(item)) + b"\n\n")

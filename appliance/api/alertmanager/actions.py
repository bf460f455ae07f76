"""Notifications by hand: a test of a receiver, a recorded attempt once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.framework import answer
from appliance.api.alertmanager.record import event_of
from appliance.api.http import require_control

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.notify.integration import Exchange


async def test(request: web.Request) -> web.Response:
    """`POST /api/ui/receivers/{name}/test`: one marked notification through each integration.

    Raises:
        NotFound: There is no such receiver.
    """
    require_control(request)
    name = request.match_info["name"]
    trials = await request.app[ALERTMANAGER].pipeline().send_test(name)
    results = [
        {
            "integration": trial.kind,
            "index": trial.index,
            "error": trial.error,
            "seconds": trial.seconds,
            "exchanges": [exchange_json(one) for one in trial.exchanges],
        }
        for trial in trials
    ]
    is_ok = not any(trial.error for trial in trials)
    return answer({"receiver": name, "ok": is_ok, "results": results})


async def replay(request: web.Request) -> web.Response:
    """`POST /api/ui/alerts/events/{id}/replay`: a recorded attempt's request is sent again.

    Raises:
        NotFound: The event, or the integration that sent it, is gone.
        BadInput: The event is no attempt.
    """
    require_control(request)
    event = await event_of(request)
    sent = await request.app[ALERTMANAGER].pipeline().replay(event)
    is_ok = not sent.error and 200 <= sent.status < 300
    return answer({"id": event.id, "ok": is_ok, "exchange": exchange_json(sent)})


def exchange_json(one: Exchange) -> dict[str, Any]:
    """A request and its answer, without secrets."""
    return {
        "method": one.method,
        "url": one.url,
        "headers": dict(one.headers),
        "body": one.body,
        "status": one.status,
        "answer": one.answer,
        "error": one.error,
        "seconds": one.seconds,
    }

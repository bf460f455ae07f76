"""Signs of life: others tell theirs, and what is known of all is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.framework import answer
from appliance.api.http import is_token, require_token
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from appliance.oncall.heartbeats.expected import Beat
    from appliance.oncall.service import Oncall


async def beat(request: web.Request) -> web.Response:
    """`GET` or `POST /api/heartbeat/{name}`: something lives.

    A heartbeat with a token of its own wants that, as `Authorization: Bearer` or `?token=`; others
    want the server's, if there is one.

    Raises:
        NotFound: It is not expected.
        web.HTTPUnauthorized: The token is missing or wrong.
    """
    expected = request.app[ALERTMANAGER].oncall().expected
    name = request.match_info["name"]
    token = expected.get(name).config.token
    if token is None:
        require_token(request)
    else:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        bearer = value.strip() if scheme.lower() == "bearer" else ""
        if not is_token(token.reveal(), (bearer, request.query.get("token", ""))):
            raise web.HTTPUnauthorized(text="missing or wrong token")
    found = await expected.beat(name)
    return answer({"heartbeat": name, "next_before": print_time(found.due_ns)})


async def show(request: web.Request) -> web.Response:
    """`GET /api/ui/heartbeats`: those that are expected, and those that are sent."""
    return answer(signs_of_life(request.app[ALERTMANAGER].oncall()))


def signs_of_life(oncall: Oncall) -> dict[str, Any]:
    """Heartbeats that are expected, and those that are sent."""
    sent = [
        {
            "name": one.name,
            "state": one.state or "waiting",
            "error": one.error,
            "every_seconds": one.config.every.seconds,
            "while_receiving": [str(matcher) for matcher in one.config.while_receiving],
            "last_sent": _time(one.at_ns),
        }
        for one in oncall.outgoing.pings
    ]
    return {"expected": [_beat(one) for one in oncall.expected.all()], "outgoing": sent}


def _beat(one: Beat) -> dict[str, Any]:
    return {
        "name": one.config.name,
        "state": "missing" if one.missing_ns else "alive" if one.seen_ns else "waiting",
        "every_seconds": one.config.every.seconds,
        "grace_seconds": one.config.grace.seconds,
        "last_seen": _time(one.seen_ns),
        "missing_since": _time(one.missing_ns),
        "due": print_time(one.due_ns),
    }


def _time(at_ns: int) -> str | None:
    return print_time(at_ns) if at_ns else None

"""API v1 is gone, as in Alertmanager 0.27: its paths answer 410."""

from __future__ import annotations

from aiohttp import web

from appliance.api.alertmanager.framework import answer

_GONE = {
    "status": "deprecated",
    "error": (
        "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version"
        " 0.27.0 - please use the equivalent route in the v2 API"
    ),
}
_PATHS = (
    ("GET", "/status"),
    ("GET", "/receivers"),
    ("GET", "/alerts"),
    ("POST", "/alerts"),
    ("GET", "/silences"),
    ("POST", "/silences"),
    ("GET", "/silence/{sid}"),
    ("DELETE", "/silence/{sid}"),
)


def routes() -> list[web.RouteDef]:
    """Its paths."""
    return [
        web.RouteDef(
            method, f"/api/v1{path}", _gone, {"allow_head": False} if method == "GET" else {}
        )
        for method, path in _PATHS
    ]


async def _gone(_request: web.Request) -> web.Response:
    return answer(_GONE, 410)

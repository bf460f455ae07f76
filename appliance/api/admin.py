"""Health, readiness, reload and own metrics, on every listener, as each original has them.

`/-/healthy`, `/-/ready`, `/-/reload`, `/-/quit` (Prometheus, Alertmanager), `/ready` (Loki, Tempo),
`/health` and `/health/ready` (ours, JSON), `/metrics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from appliance.base.telemetry import Telemetry

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PATHS = frozenset(["/-/healthy", "/-/ready", "/ready", "/health", "/health/ready", "/metrics"])
#: What changes the server's state is below this path.
CONTROL_PREFIX = "/-/"
_SERVERS = {"prometheus": "Prometheus Server", "pushgateway": "Pushgateway"}
#: Whose answer to both questions, when all is well, is `OK` and nothing else.
_BRIEF = {"alertmanager": "Alertmanager"}
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class AdminDeps:
    """What the administrative paths need.

    Attributes:
        is_ready: Whether everything works.
        problems: One line for each thing that does not.
        reload: Read the configuration anew; raises with all findings when it is not usable.
        quit: Stop the server in a moment.
    """

    telemetry: Telemetry
    is_ready: Callable[[], bool]
    problems: Callable[[], list[str]]
    reload: Callable[[], Awaitable[None]]
    quit: Callable[[], None]


ADMIN = web.AppKey("admin", AdminDeps)
#: Answers `/metrics` where the process's own are not wanted.
OTHER_METRICS: web.AppKey[Handler] = web.AppKey("other_metrics")
#: Answers `/metrics` to browsers, where there is a page of that path.
METRICS_PAGE: web.AppKey[Handler] = web.AppKey("metrics_page")
#: Gives text to be shown below the own metrics.
MORE_METRICS: web.AppKey[Callable[[], bytes]] = web.AppKey("more_metrics")


def is_admin_request(request: web.Request) -> bool:
    """Whether it must be answered even under overload, and to everybody: not where it is a page."""
    return request.path in _PATHS and not _is_for_people(request)


def routes(listener: str) -> list[web.RouteDef]:
    """The paths; the wording is that of the server the listener stands in for."""
    is_brief = listener in _BRIEF
    name = _BRIEF.get(listener) or _SERVERS.get(listener, "Appliance")

    async def healthy(_request: web.Request) -> web.Response:
        return web.Response(text="OK" if is_brief else f"{name} is Healthy.\n")

    async def ready(request: web.Request) -> web.Response:
        deps = request.app[ADMIN]
        if deps.is_ready():
            return web.Response(text="OK" if is_brief else f"{name} is Ready.\n")
        text = "\n".join([f"{name} is not ready.", *deps.problems(), ""])
        return web.Response(text=text, status=503)

    return [
        web.get("/-/healthy", healthy),
        web.get("/-/ready", ready),
        web.get("/ready", _short_ready),
        web.get("/health", _health),
        web.get("/health/ready", _health_ready),
        web.post("/-/reload", _reload),
        web.put("/-/reload", _reload),
        web.post("/-/quit", _quit),
        web.put("/-/quit", _quit),
        web.get("/metrics", _metrics),
    ]


async def _short_ready(request: web.Request) -> web.Response:
    """Loki's and Tempo's form."""
    deps = request.app[ADMIN]
    if deps.is_ready():
        return web.Response(text="ready\n")
    return web.Response(text="; ".join(["not ready", *deps.problems()]) + "\n", status=503)


async def _health(_request: web.Request) -> web.Response:
    return _json(200, {"status": "ok"})


async def _health_ready(request: web.Request) -> web.Response:
    deps = request.app[ADMIN]
    is_ready = deps.is_ready()
    state = "ready" if is_ready else "not ready"
    return _json(200 if is_ready else 503, {"status": state, "problems": deps.problems()})


async def _reload(request: web.Request) -> web.Response:
    try:
        await request.app[ADMIN].reload()
    except ApplianceError as error:
        return web.Response(text=f"failed to reload config: {error.message}\n", status=500)
    return web.Response()


async def _quit(request: web.Request) -> web.Response:
    request.app[ADMIN].quit()
    return web.Response(text="Requesting termination... Goodbye!")


async def _metrics(request: web.Request) -> web.StreamResponse:
    if _is_for_people(request):
        return await request.app[METRICS_PAGE](request)
    other = request.app.get(OTHER_METRICS)
    if other is not None:
        return await other(request)
    body = request.app[ADMIN].telemetry.expose()
    more = request.app.get(MORE_METRICS)
    if more is not None:
        body += more()
    return web.Response(body=body, headers={"Content-Type": _EXPOSITION})


def _is_for_people(request: web.Request) -> bool:
    """Whether the page is asked for, not the exposition.

    Scrapers name the formats that they read; only browsers name HTML.
    """
    if request.path != "/metrics" or request.app.get(METRICS_PAGE) is None:
        return False
    is_browser = "text/html" in request.headers.get("Accept", "")
    return is_browser or request.query.get("format") == "json"


def _json(status: int, document: object) -> web.Response:
    return web.Response(body=orjson.dumps(document), status=status, content_type="application/json")

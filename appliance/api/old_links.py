"""Addresses of the originals' own pages lead to ours, so that old links still work.

Each API listener has these below its API. Where an original serves a page, browsers are sent on;
programs get what they got before (404), but where the original redirects them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


_PROMETHEUS = {
    "/": "/metrics",
    "/graph": "/metrics",
    "/query": "/metrics",
    "/alerts": "/alerts",
    "/rules": "/rules",
    "/targets": "/targets",
    "/service-discovery": "/targets",
    "/config": "/config",
    "/flags": "/config",
    "/status": "/storage",
    "/tsdb-status": "/metrics/cardinality",
    "/alertmanager-discovery": "/notifications",
}
#: By listener: path of the original, path of ours; `{name}` is a variable of both.
LINKS: Mapping[str, Mapping[str, str]] = {
    "prometheus": _PROMETHEUS
    | {f"/classic{path}": to for path, to in _PROMETHEUS.items() if path != "/"},
    "loki": {"/": "/logs", "/ui": "/logs", "/ui/": "/logs"},
    "tempo": {"/": "/traces"},
    "jaeger": {
        "/": "/traces",
        "/search": "/traces",
        "/trace/{id}": "/traces/{id}",
        "/dependencies": "/map",
        "/monitor": "/services",
    },
    "zipkin": {
        "/": "/traces",
        "/zipkin/": "/traces",
        "/zipkin/traces/{id}": "/traces/{id}",
        "/zipkin/dependency": "/map",
    },
    "pushgateway": {"/": "/push"},
    "otlp_http": {"/": "/connect"},
}
#: Parameters that are called otherwise on our pages.
_RENAMED = {"zipkin": {"serviceName": "service", "spanName": "operation"}}


def routes(listener: str, pages_url: Callable[[web.Request], str]) -> list[web.RouteDef]:
    """Redirects of one listener.

    Args:
        pages_url: Base URL of the pages as the client of a request reaches them; empty: none.
    """
    found = LINKS.get(listener, {})
    return [web.route("*", path, _redirect(listener, to, pages_url)) for path, to in found.items()]


def _redirect(listener: str, to: str, pages_url: Callable[[web.Request], str]) -> Handler:
    async def redirect(request: web.Request) -> web.Response:
        base = pages_url(request).rstrip("/")
        is_browser = "text/html" in request.headers.get("Accept", "")
        is_read = request.method in {"GET", "HEAD"}  # what is sent there is nowhere, as before
        if not base or not is_read or not (is_browser or listener == "prometheus"):
            raise web.HTTPNotFound
        location = base + _target(listener, to, request)
        return web.Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})

    return redirect


def _target(listener: str, to: str, request: web.Request) -> str:
    trace_id = request.match_info.get("id", "")
    if "..." in trace_id:  # Jaeger's comparison of two traces
        a, _, b = trace_id.partition("...")
        return f"/traces/compare?a={quote(a, safe='')}&b={quote(b, safe='')}"
    search = request.rel_url.raw_query_string
    for name, ours in _RENAMED.get(listener, {}).items():
        search = search.replace(f"{name}=", f"{ours}=")
    path = to.replace("{id}", quote(trace_id, safe=""))
    return f"{path}?{search}" if search else path

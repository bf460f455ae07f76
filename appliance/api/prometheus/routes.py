"""The application that stands in for Prometheus: HTTP API v1 and what is around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import prometheus
from appliance.api.http import base_app, with_contract
from appliance.api.lazy import lazily
from appliance.api.prometheus import admin as prometheus_admin
from appliance.api.prometheus import introspection as prometheus_introspection
from appliance.api.prometheus import notifications as prometheus_notifications
from appliance.api.prometheus import rules as prometheus_rules
from appliance.api.prometheus import status as prometheus_status
from appliance.api.prometheus import targets as prometheus_targets
from appliance.api.prometheus.deps import PROMETHEUS

if TYPE_CHECKING:
    from appliance.api.http import Handler, HttpDeps
    from appliance.api.prometheus.deps import PrometheusDeps

_PREFIX = "/api/v1"
_CORS = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Origin",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Date",
}


def make_app(http: HttpDeps, deps: PrometheusDeps) -> web.Application:
    """The application of the `prometheus` listener."""
    app = base_app("prometheus", http, contract=prometheus, compress_from_bytes=0)
    app[PROMETHEUS] = deps
    app.middlewares.append(_preflight)
    app.on_response_prepare.append(_allow_origin)
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """Prometheus' paths."""
    both: dict[str, Handler] = {
        "/query": lazily("prometheus.query:query"),
        "/query_range": lazily("prometheus.query:query_range"),
        "/query_exemplars": lazily("prometheus.query:query_exemplars"),
        "/labels": lazily("prometheus.labels:labels"),
        "/series": lazily("prometheus.labels:series"),
        "/format_query": lazily("prometheus.query:format_query"),
        "/parse_query": lazily("prometheus.query:parse_query"),
    }
    found = _get("/label/{name}/values", lazily("prometheus.labels:label_values"))
    for path, handler in both.items():
        found += [*_get(path, handler), web.post(_PREFIX + path, handler)]
    for module in (
        prometheus_targets,
        prometheus_status,
        prometheus_introspection,
        prometheus_notifications,
        prometheus_rules,
        prometheus_admin,
    ):
        found += module.routes()
    return with_contract(prometheus, found)


def _get(path: str, handler: Handler) -> list[web.RouteDef]:
    return [web.get(_PREFIX + path, handler, allow_head=False)]


@web.middleware
async def _preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Browsers ask with OPTIONS before they send; any path of the API says yes."""
    if request.method == "OPTIONS" and request.path.startswith(_PREFIX + "/"):
        return web.Response(status=204)
    return await handler(request)


async def _allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    if request.path.startswith(_PREFIX + "/"):
        response.headers.add("Vary", "Origin")
        if "Origin" in request.headers:
            response.headers.update(_CORS)

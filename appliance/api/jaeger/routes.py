"""The paths of the `jaeger` listener (Jaeger documentation, "HTTP JSON" and "API v3")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import jaeger
from appliance.api.http import base_app, with_contract
from appliance.api.jaeger.deps import JAEGER, JaegerDeps
from appliance.api.jaeger.v3_error import error
from appliance.api.lazy import lazily

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps

_BY_ID = ("GET", "/api/traces/{trace_id}", "jaeger.traces:trace")
#: Method, path and handler, by the form of errors.
TABLE = {
    jaeger: (
        ("GET", "/api/services", "jaeger.names:services"),
        ("GET", "/api/services/{service}/operations", "jaeger.names:operations_of"),
        ("GET", "/api/operations", "jaeger.names:operations"),
        ("GET", "/api/traces", "jaeger.traces:search"),
        ("POST", "/api/archive/{trace_id}", "jaeger.traces:archive"),
        ("POST", "/api/transform", "jaeger.traces:transform"),
        ("GET", "/api/dependencies", "jaeger.dependencies:dependencies"),
        ("GET", "/api/metrics/latencies", "jaeger.metrics:latencies"),
        ("GET", "/api/metrics/calls", "jaeger.metrics:calls"),
        ("GET", "/api/metrics/errors", "jaeger.metrics:errors"),
        ("GET", "/api/metrics/minstep", "jaeger.metrics:min_step"),
    ),
    error: (
        ("GET", "/api/v3/services", "jaeger.v3:services"),
        ("GET", "/api/v3/operations", "jaeger.v3:operations"),
        ("GET", "/api/v3/traces", "jaeger.v3:find"),
        ("POST", "/api/v3/traces", "jaeger.v3:find"),
        ("GET", "/api/v3/traces/{trace_id}", "jaeger.v3:trace"),
        ("GET", "/api/v3/trace-summaries", "jaeger.v3:summaries"),
        ("POST", "/api/v3/trace-summaries", "jaeger.v3:summaries"),
        ("GET", "/api/v3/dependencies", "jaeger.v3:service_dependencies"),
    ),
}


def make_app(http: HttpDeps, deps: JaegerDeps) -> web.Application:
    """The application of the `jaeger` listener."""
    app = base_app("jaeger", http, contract=jaeger)
    app[JAEGER] = deps
    app.add_routes([*routes(), *with_contract(jaeger, [_route(*_BY_ID)])])
    return app


def routes() -> list[web.RouteDef]:
    """Jaeger's paths, less the one that Tempo has too (`/api/traces/{trace_id}`)."""
    return [
        route
        for contract, rows in TABLE.items()
        for route in with_contract(contract, [_route(*row) for row in rows])
    ]


def _route(method: str, path: str, handler: str) -> web.RouteDef:
    return {"GET": web.get, "POST": web.post}[method](path, lazily(handler))

"""The paths of the `jaeger` listener (Jaeger documentation, "HTTP JSON" and "API v3")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import jaeger
from appliance.api.http import base_app, with_contract
from appliance.api.jaeger import dependencies, metrics, names, traces, v3
from appliance.api.jaeger.deps import JAEGER, JaegerDeps

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps


def make_app(http: HttpDeps, deps: JaegerDeps) -> web.Application:
    """The application of the `jaeger` listener."""
    app = base_app("jaeger", http, contract=jaeger)
    app[JAEGER] = deps
    by_id = web.get("/api/traces/{trace_id}", traces.trace)
    app.add_routes([*routes(), *with_contract(jaeger, [by_id])])
    return app


def routes() -> list[web.RouteDef]:
    """Jaeger's paths, less the one that Tempo has too (`/api/traces/{trace_id}`)."""
    found = with_contract(
        jaeger,
        [
            web.get("/api/services", names.services),
            web.get("/api/services/{service}/operations", names.operations_of),
            web.get("/api/operations", names.operations),
            web.get("/api/traces", traces.search),
            web.post("/api/archive/{trace_id}", traces.archive),
            web.post("/api/transform", traces.transform),
            web.get("/api/dependencies", dependencies.dependencies),
            web.get("/api/metrics/latencies", metrics.latencies),
            web.get("/api/metrics/calls", metrics.calls),
            web.get("/api/metrics/errors", metrics.errors),
            web.get("/api/metrics/minstep", metrics.min_step),
        ],
    )
    return [*found, *v3.routes()]

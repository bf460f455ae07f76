"""Zipkin's HTTP API: application and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.cross_origin import preflight, shown_to_pages
from appliance.api.errors import zipkin
from appliance.api.http import base_app, with_contract
from appliance.api.lazy import lazily
from appliance.api.receivers import RECEIVER, ReceiverDeps
from appliance.api.zipkin.deps import SPANS, ZipkinDeps

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps

#: Zipkin's server has its API under its page's path as well.
_PREFIXES = ("", "/zipkin")
_ERRORS = shown_to_pages(zipkin)


def make_app(http: HttpDeps, deps: ZipkinDeps) -> web.Application:
    """The application of the `zipkin` listener."""
    app = base_app("zipkin", http, contract=_ERRORS)
    app[RECEIVER] = ReceiverDeps(deps.door)
    app[SPANS] = deps.spans
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """All paths, under both prefixes."""
    found = [route for prefix in _PREFIXES for route in _routes(prefix)]
    return with_contract(_ERRORS, found)


def _routes(prefix: str) -> list[web.RouteDef]:
    v1, v2 = f"{prefix}/api/v1", f"{prefix}/api/v2"
    return [
        web.post(f"{v1}/spans", lazily("zipkin.receive:v1_spans")),
        web.options(f"{v1}/spans", preflight),
        web.post(f"{v2}/spans", lazily("zipkin.receive:v2_spans")),
        web.options(f"{v2}/spans", preflight),
        web.get(f"{v2}/spans", lazily("zipkin.query:span_names")),
        web.get(f"{v2}/services", lazily("zipkin.query:services")),
        web.get(f"{v2}/remoteServices", lazily("zipkin.query:remote_services")),
        web.get(f"{v2}/traces", lazily("zipkin.query:traces")),
        web.get(f"{v2}/trace/{{trace_id}}", lazily("zipkin.query:trace")),
        web.get(f"{v2}/traceMany", lazily("zipkin.query:many")),
        web.get(f"{v2}/dependencies", lazily("zipkin.query:dependencies")),
        web.get(f"{v2}/autocompleteKeys", lazily("zipkin.query:nothing")),
        web.get(f"{v2}/autocompleteValues", lazily("zipkin.query:nothing")),
    ]

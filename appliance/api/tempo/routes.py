"""Tempo's HTTP API (Tempo 3): all paths of the `tempo` listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import tempo
from appliance.api.http import base_app, with_contract
from appliance.api.lazy import lazily
from appliance.api.tempo import status
from appliance.api.tempo.deps import TEMPO, TempoDeps
from appliance.api.tempo.grpc import TempoGrpcServer
from appliance.api.upgrade import GRPC_BESIDE

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps

__all__ = ["TEMPO", "TempoDeps", "make_app", "routes"]

#: Handlers by path; parameters come in the URL or as a form.
_READABLE = {
    "/api/search": "tempo.search:search",
    "/api/search/tags": "tempo.tags:names",
    "/api/v2/search/tags": "tempo.tags:scoped_names",
    "/api/search/tag/{tag:.*}/values": "tempo.tags:values",
    "/api/v2/search/tag/{tag:.*}/values": "tempo.tags:typed_values",
    "/api/metrics/query_range": "tempo.metrics:query_range",
    "/api/metrics/query": "tempo.metrics:query_instant",
}
#: The same with parameters in the URL alone.
_SIMPLE = {
    "/api/traces/{trace_id}": "tempo.traces:trace",
    "/api/v2/traces/{trace_id}": "tempo.traces:trace_v2",
    "/api/metrics/summary": "tempo.summary:summary",
}


def make_app(http: HttpDeps, deps: TempoDeps) -> web.Application:
    """The application of the `tempo` listener; the same port answers gRPC."""
    app = base_app("tempo", http, contract=tempo)
    app[TEMPO] = deps
    app[GRPC_BESIDE] = lambda: TempoGrpcServer(http, deps, listener="tempo")
    app.add_routes([*routes(), *with_contract(tempo, status.server_routes())])
    return app


def routes() -> list[web.RouteDef]:
    """Tempo's paths under its own prefixes."""
    found = [web.get(path, lazily(handler)) for path, handler in {**_SIMPLE, **_READABLE}.items()]
    found += [web.post(path, lazily(handler)) for path, handler in _READABLE.items()]
    return with_contract(tempo, [*found, *status.routes()])

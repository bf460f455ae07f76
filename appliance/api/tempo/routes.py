"""Tempo's HTTP API (Tempo 3): all paths of the `tempo` listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.errors import tempo
from appliance.api.http import base_app, with_contract
from appliance.api.tempo import metrics, search, status, summary, tags, traces
from appliance.api.tempo.deps import TEMPO, TempoDeps
from appliance.api.tempo.grpc import TempoGrpcServer
from appliance.api.upgrade import GRPC_BESIDE

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.api.http import HttpDeps

__all__ = ["TEMPO", "TempoDeps", "make_app", "routes"]


def make_app(http: HttpDeps, deps: TempoDeps) -> web.Application:
    """The application of the `tempo` listener; the same port answers gRPC."""
    app = base_app("tempo", http, contract=tempo)
    app[TEMPO] = deps
    app[GRPC_BESIDE] = lambda: TempoGrpcServer(http, deps, listener="tempo")
    app.add_routes([*routes(), *with_contract(tempo, status.server_routes())])
    return app


def routes() -> list[web.RouteDef]:
    """Tempo's paths under its own prefixes."""
    modules = traces, search, tags, metrics, summary, status
    return with_contract(tempo, [route for module in modules for route in module.routes()])

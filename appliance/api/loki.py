"""Loki's HTTP API (Loki 3): all paths of the `loki` listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api import (
    loki_delete,
    loki_detected,
    loki_labels,
    loki_push,
    loki_query,
    loki_rules,
    loki_status,
    loki_tail,
    loki_volume,
)
from appliance.api.errors import loki
from appliance.api.http import base_app, with_contract
from appliance.api.loki_deps import LOKI, LokiDeps

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.api.http import HttpDeps

__all__ = ["LOKI", "LokiDeps", "make_app", "routes"]


def make_app(http: HttpDeps, deps: LokiDeps) -> web.Application:
    """The application of the `loki` listener."""
    app = base_app("loki", http, contract=loki)
    app[LOKI] = deps
    app.add_routes([*routes(), *with_contract(loki, loki_status.server_routes())])
    return app


def routes() -> list[web.RouteDef]:
    """Loki's paths under its own prefixes."""
    readable = [
        *loki_query.routes(),
        *loki_labels.routes(),
        *loki_volume.routes(),
        *loki_detected.routes(),
        *loki_tail.routes(),
        *loki_status.routes(),
    ]
    own = [*loki_push.routes(), *loki_delete.routes(), *loki_rules.routes()]
    return [*own, *with_contract(loki, readable)]

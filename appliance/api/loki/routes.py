"""Loki's HTTP API (Loki 3): all paths of the `loki` listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.errors import loki
from appliance.api.http import base_app, with_contract
from appliance.api.loki import delete as loki_delete
from appliance.api.loki import detected as loki_detected
from appliance.api.loki import labels as loki_labels
from appliance.api.loki import push as loki_push
from appliance.api.loki import query as loki_query
from appliance.api.loki import rules as loki_rules
from appliance.api.loki import status as loki_status
from appliance.api.loki import tail as loki_tail
from appliance.api.loki import volume as loki_volume
from appliance.api.loki.deps import LOKI, LokiDeps

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

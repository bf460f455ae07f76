"""Loki's HTTP API (Loki 3): all paths of the `loki` listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import loki
from appliance.api.http import base_app, with_contract
from appliance.api.lazy import lazily
from appliance.api.loki import delete as loki_delete
from appliance.api.loki import push as loki_push
from appliance.api.loki import rules as loki_rules
from appliance.api.loki import status as loki_status
from appliance.api.loki.deps import LOKI, PREFIX, LokiDeps

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps

__all__ = ["LOKI", "LokiDeps", "make_app", "routes"]

_LEGACY = "/api/prom"
#: Path and handler; parameters come in the URL or as a form.
_QUERIES = (
    (PREFIX + "/query_range", "query:query_range"),
    (PREFIX + "/query", "query:query"),
    (PREFIX + "/format_query", "query:format_query"),
    (_LEGACY + "/query", "query:legacy_query"),
    (PREFIX + "/labels", "labels:labels"),
    *(
        (start + path, handler)
        for start in (PREFIX, _LEGACY)
        for path, handler in (
            ("/label", "labels:labels"),
            ("/label/{name}/values", "labels:label_values"),
            ("/series", "labels:series"),
        )
    ),
    (PREFIX + "/index/stats", "volume:stats"),
    (PREFIX + "/index/volume", "volume:volume"),
    (PREFIX + "/index/volume_range", "volume:volume_range"),
    (PREFIX + "/index/shards", "volume:shards"),
    (PREFIX + "/detected_labels", "detected:detected_labels"),
    (PREFIX + "/detected_fields", "detected:detected_fields"),
    (PREFIX + "/detected_field/{name}/values", "detected:detected_field_values"),
    (PREFIX + "/patterns", "detected:patterns"),
)


def make_app(http: HttpDeps, deps: LokiDeps) -> web.Application:
    """The application of the `loki` listener."""
    app = base_app("loki", http, contract=loki)
    app[LOKI] = deps
    app.add_routes([*routes(), *with_contract(loki, loki_status.server_routes())])
    return app


def routes() -> list[web.RouteDef]:
    """Loki's paths under its own prefixes."""
    queries = [
        method(path, lazily(f"loki.{handler}"))
        for path, handler in _QUERIES
        for method in (web.get, web.post)
    ]
    tail = lazily("loki.tail:tail")
    tails = [web.get(start + "/tail", tail) for start in (PREFIX, _LEGACY)]
    own = [*loki_push.routes(), *loki_delete.routes(), *loki_rules.routes()]
    return [*own, *with_contract(loki, [*queries, *tails, *loki_status.routes()])]

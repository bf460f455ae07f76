"""Zipkin's HTTP API: application and routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import zipkin
from appliance.api.http import base_app, with_contract
from appliance.api.pages import preflight, shown_to_pages
from appliance.api.receivers import RECEIVER, ReceiverDeps
from appliance.api.zipkin import query, receive

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.api.http import HttpDeps
    from appliance.ingest.spans import TranslatedSpans
    from appliance.model.sources import SpanSource

#: Zipkin's server has its API under its page's path as well.
_PREFIXES = ("", "/zipkin")
_ERRORS = shown_to_pages(zipkin)


@dataclass(frozen=True, slots=True)
class ZipkinDeps:
    """What the API needs.

    Attributes:
        door: Where spans enter.
        spans: What is stored for a tenant.
    """

    door: TranslatedSpans
    spans: Callable[[str], SpanSource]


def make_app(http: HttpDeps, deps: ZipkinDeps) -> web.Application:
    """The application of the `zipkin` listener."""
    app = base_app("zipkin", http, contract=_ERRORS)
    app[RECEIVER] = ReceiverDeps(deps.door)
    app[query.SPANS] = deps.spans
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """All paths, under both prefixes."""
    found = [route for prefix in _PREFIXES for route in _routes(prefix)]
    return with_contract(_ERRORS, found)


def _routes(prefix: str) -> list[web.RouteDef]:
    v1, v2 = f"{prefix}/api/v1", f"{prefix}/api/v2"
    return [
        web.post(f"{v1}/spans", receive.v1_spans),
        web.options(f"{v1}/spans", preflight),
        web.post(f"{v2}/spans", receive.v2_spans),
        web.options(f"{v2}/spans", preflight),
        web.get(f"{v2}/spans", query.span_names),
        web.get(f"{v2}/services", query.services),
        web.get(f"{v2}/remoteServices", query.remote_services),
        web.get(f"{v2}/traces", query.traces),
        web.get(f"{v2}/trace/{{trace_id}}", query.trace),
        web.get(f"{v2}/traceMany", query.many),
        web.get(f"{v2}/dependencies", query.dependencies),
        web.get(f"{v2}/autocompleteKeys", query.nothing),
        web.get(f"{v2}/autocompleteValues", query.nothing),
    ]

"""OTLP over HTTP (OTLP specification 1.x, section OTLP/HTTP): protobuf and JSON, any compression.

Also accepts the path that an SDK makes of a base URL which already names a signal
(`/v1/traces/v1/traces`); it is counted, so that it can be shown.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.cross_origin import PAGES_MAY_SEND, preflight, shown_to_pages
from appliance.api.errors import otlp
from appliance.api.http import HTTP, base_app, require_token, sender_of, tenant_of, with_contract
from appliance.api.request import body_of
from appliance.api.sending import sending
from appliance.ingest.otlp import OtlpDoor, Signal

if TYPE_CHECKING:
    from appliance.api.http import Handler, HttpDeps

_log = logging.getLogger(__name__)
_PROTOBUF, _JSON = "application/x-protobuf", "application/json"
#: So many senders with a wrong endpoint are told of, one message each.
_TOLD = 100
_ERRORS = shown_to_pages(otlp)


@dataclass(frozen=True, slots=True)
class OtlpHttpDeps:
    """What the receiver needs.

    Attributes:
        misrouted: Paths and addresses of senders whose wrong endpoint has been told.
    """

    door: OtlpDoor
    misrouted: set[tuple[str, str | None]] = field(default_factory=set)


OTLP = web.AppKey("otlp", OtlpHttpDeps)


def make_app(http: HttpDeps, deps: OtlpHttpDeps) -> web.Application:
    """The application of the `otlp_http` listener."""
    app = base_app("otlp_http", http, contract=_ERRORS)
    app[OTLP] = deps
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """The three paths; with their doubled forms."""
    found = []
    for signal in Signal:
        path = f"/v1/{signal.value}"
        for full in (path, path + path):
            found.append(web.post(full, _export(signal, is_misrouted=full != path)))
            found.append(web.options(full, preflight))
    return with_contract(_ERRORS, found)


def prometheus_routes() -> list[web.RouteDef]:
    """The path that Prometheus has for metrics, with the same answers."""
    path = "/api/v1/otlp/v1/metrics"
    return with_contract(otlp, [web.post(path, _export(Signal.METRICS, is_misrouted=False))])


def _export(signal: Signal, *, is_misrouted: bool) -> Handler:
    async def export(request: web.Request) -> web.Response:
        with sending(request, signal.value, "otlp_http") as sent:
            require_token(request)
            is_json = _is_json(request)
            if is_misrouted:
                _count_misrouted(request)
            body = await body_of(request)
            door = request.app[OTLP].door
            accepted = await door.accept(
                signal, tenant_of(request), body, is_json=is_json, source=sender_of(request)
            )
            sent.took(accepted)
        from appliance.wire.otlp.response import encode_response  # noqa: PLC0415 - protobuf

        message = accepted.describe()
        answer = encode_response(signal.value, accepted.rejected_count, message, as_json=is_json)
        return web.Response(
            body=answer, content_type=_JSON if is_json else _PROTOBUF, headers=PAGES_MAY_SEND
        )

    return export


def _is_json(request: web.Request) -> bool:
    """Whether the body is OTLP/JSON.

    Raises:
        web.HTTPUnsupportedMediaType: Neither JSON nor protobuf.
    """
    kind = request.content_type
    if kind not in {_PROTOBUF, _JSON}:
        raise web.HTTPUnsupportedMediaType(
            text=f"unsupported media type {kind!r}, supported: [{_JSON}, {_PROTOBUF}]"
        )
    return kind == _JSON


def _count_misrouted(request: web.Request) -> None:
    request.app[HTTP].telemetry.counter(
        "appliance_otlp_misrouted_total",
        "Requests to a doubled path: the sender's endpoint should not name the signal.",
        ("path",),
    ).labels(request.path).inc()
    told, sender = request.app[OTLP].misrouted, (request.path, request.remote)
    if sender not in told and len(told) < _TOLD:
        told.add(sender)
        _log.warning(
            "%s sends to %s, because its endpoint names the signal; it is taken all the same;"
            " right is OTEL_EXPORTER_OTLP_ENDPOINT=%s://%s",
            sender_of(request),
            request.path,
            request.scheme,
            request.host[:200],
        )

"""Jaeger's collector over HTTP: batches in Thrift, and the sampling strategy clients ask for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api.errors import jaeger_collector
from appliance.api.http import base_app, with_contract
from appliance.api.receivers import RECEIVER, ReceiverDeps, receive
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps

_BINARY = frozenset({"application/x-thrift", "application/vnd.apache.thrift.binary"})
_COMPACT = "application/vnd.apache.thrift.compact"
#: Every trace is wanted: what is too much is up to retention.
_STRATEGY = orjson.dumps(
    {"strategyType": "PROBABILISTIC", "probabilisticSampling": {"samplingRate": 1}}
)


def make_app(http: HttpDeps, deps: ReceiverDeps) -> web.Application:
    """The application of the `jaeger_thrift_http` listener."""
    app = base_app("jaeger_thrift_http", http, contract=jaeger_collector)
    app[RECEIVER] = deps
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """Batches and sampling."""
    found = [web.post("/api/traces", _batch), web.get("/api/sampling", _sampling)]
    return with_contract(jaeger_collector, found)


async def _batch(request: web.Request) -> web.Response:
    from appliance.wire.jaeger_thrift.batch import batch_to_otlp  # noqa: PLC0415 - protobuf

    kind = request.content_type
    if kind not in _BINARY and kind != _COMPACT:
        raise BadInput(f"Unsupported content type: {kind}")
    translate = partial(batch_to_otlp, compact=kind == _COMPACT)
    return await receive(request, protocol="jaeger_thrift_http", translate=translate)


async def _sampling(request: web.Request) -> web.Response:
    if not request.query.get("service"):
        raise BadInput("'service' parameter must be provided once")
    return web.Response(body=_STRATEGY, content_type="application/json")

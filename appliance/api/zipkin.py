"""Zipkin's collector (zipkin-api): spans as v2 and v1, JSON, protobuf and Thrift.

Nothing that came in is looked at before it is stored, so the answer is empty: 202.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import zipkin
from appliance.api.http import HTTP, base_app, with_contract
from appliance.api.receivers import RECEIVER, ReceiverDeps, receive

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps

_THRIFT, _PROTOBUF = "application/x-thrift", "application/x-protobuf"
#: Pages send from other origins, as Zipkin allows them to; what they send is only ever stored.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "7200",
}
#: Prefixes that senders use: Zipkin's server serves its own under the second one too.
_PREFIXES = ("", "/zipkin")


def make_app(http: HttpDeps, deps: ReceiverDeps) -> web.Application:
    """The application of the `zipkin` listener."""
    app = base_app("zipkin", http, contract=zipkin)
    app[RECEIVER] = deps
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """Both versions, with their preflights for browsers."""
    found = []
    for prefix in _PREFIXES:
        for version, handler in (("v1", _v1), ("v2", _v2)):
            path = f"{prefix}/api/{version}/spans"
            found += [web.post(path, handler), web.options(path, _preflight)]
    return with_contract(zipkin, found)


async def _v1(request: web.Request) -> web.Response:
    is_thrift = request.content_type == _THRIFT
    return await _store(request, "zipkin_v1_thrift" if is_thrift else "zipkin_v1_json")


async def _v2(request: web.Request) -> web.Response:
    is_protobuf = request.content_type == _PROTOBUF
    return await _store(request, "zipkin_v2_protobuf" if is_protobuf else "zipkin_v2_json")


async def _store(request: web.Request, protocol: str) -> web.Response:
    from appliance.wire.zipkin.otlp import zipkin_to_otlp  # noqa: PLC0415 - protobuf

    now_ns = request.app[HTTP].clock.now_ns()
    translate = partial(zipkin_to_otlp, protocol=protocol, now_ns=now_ns)
    answer = await receive(request, protocol=protocol, translate=translate)
    answer.headers.update(_CORS)
    return answer


async def _preflight(_request: web.Request) -> web.Response:
    return web.Response(status=204, headers=_CORS)

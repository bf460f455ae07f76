"""Tempo's HTTP API (Tempo documentation, "Tempo HTTP API"): traces by id so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance import __version__
from appliance.api.errors import tempo
from appliance.api.http import base_app, run_query, tenant_of, with_contract
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.api.http import HttpDeps
    from appliance.model.sources import Guard, SpanSource

_PROTOBUF = "application/protobuf"


@dataclass(frozen=True, slots=True)
class TempoDeps:
    """What the API needs: spans of a tenant."""

    spans: Callable[[str], SpanSource]


TEMPO = web.AppKey("tempo", TempoDeps)


def make_app(http: HttpDeps, deps: TempoDeps) -> web.Application:
    """The application of the `tempo` listener."""
    app = base_app("tempo", http, contract=tempo)
    app[TEMPO] = deps
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """Tempo's paths."""
    return with_contract(
        tempo,
        [
            web.get("/api/traces/{trace_id}", _trace),
            web.get("/api/v2/traces/{trace_id}", _trace_v2),
            web.get("/api/echo", _echo),
            web.get("/api/status/buildinfo", _build_info),
            web.get("/status/version", _version),
        ],
    )


async def _trace(request: web.Request) -> web.Response:
    return await _answer(request, v2=False)


async def _trace_v2(request: web.Request) -> web.Response:
    return await _answer(request, v2=True)


async def _answer(request: web.Request, *, v2: bool) -> web.Response:
    """A trace in the encoding asked for; 404 without a body when it is unknown."""
    trace_id = parse_trace_id(request.match_info["trace_id"])
    source = request.app[TEMPO].spans(tenant_of(request))
    as_protobuf = _PROTOBUF in request.headers.get("Accept", "")

    def find(guard: Guard) -> bytes | None:
        from appliance.wire.tempo import trace_json, trace_protobuf  # noqa: PLC0415 - protobuf

        spans = source.trace(trace_id, guard)
        if not spans:
            return None
        return trace_protobuf(spans, v2=v2) if as_protobuf else trace_json(spans, v2=v2)

    body = await run_query(request, find)
    if body is None:
        return web.Response(status=404)
    return web.Response(body=body, content_type=_PROTOBUF if as_protobuf else "application/json")


def parse_trace_id(text: str) -> bytes:
    """A trace id as Tempo reads it: up to 32 hexadecimal digits, padded with zeros on the left.

    Raises:
        BadInput: Anything else.
    """
    digits = text.strip()
    if len(digits) > 32:
        raise BadInput(f"trace IDs can't be larger than 128 bits: {text!r}")
    try:
        return bytes.fromhex(digits.rjust(32, "0"))
    except ValueError as error:
        raise BadInput(f"trace IDs can only contain hex characters: {text!r}") from error


async def _echo(_request: web.Request) -> web.Response:
    return web.Response(text="echo")


async def _build_info(_request: web.Request) -> web.Response:
    facts = {"version": __version__, "revision": "", "branch": "", "buildDate": "", "goVersion": ""}
    return web.Response(body=orjson.dumps(facts), content_type="application/json")


async def _version(_request: web.Request) -> web.Response:
    return web.Response(text=f"appliance, version {__version__}\n")

"""Tempo's HTTP API (Tempo documentation, "Tempo HTTP API"): traces by id so far."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance import __version__
from appliance.api.errors import tempo
from appliance.api.http import base_app, tenant_of, with_contract
from appliance.api.request import run_query
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.api.http import HttpDeps
    from appliance.model.sources import Guard, SpanSource

_PROTOBUF = "application/protobuf"
#: A tempopb.TraceByIDResponse whose trace is empty.
_NO_TRACE_PROTOBUF, _NO_TRACE_JSON = b"\x0a\x00", b'{"trace":{},"metrics":{}}'


@dataclass(frozen=True, slots=True)
class TempoDeps:
    """What the API needs: spans of a tenant."""

    spans: Callable[[str], SpanSource]


TEMPO = web.AppKey("tempo", TempoDeps)


def make_app(http: HttpDeps, deps: TempoDeps) -> web.Application:
    """The application of the `tempo` listener."""
    app = base_app("tempo", http, contract=tempo)
    app[TEMPO] = deps
    app.add_routes([*routes(), web.get("/status/services", _services)])
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
    """A trace in the encoding asked for; an unknown one is 404, or nothing in version 2."""
    trace_id = parse_trace_id(request.match_info["trace_id"])
    _check_window(request)
    source = request.app[TEMPO].spans(tenant_of(request))
    as_protobuf = _PROTOBUF in request.headers.get("Accept", "")

    def find(guard: Guard) -> bytes | None:
        from appliance.wire.tempo import trace_json, trace_protobuf  # noqa: PLC0415 - protobuf

        spans = source.trace(trace_id, guard)
        if not spans:
            return None
        return trace_protobuf(spans, v2=v2) if as_protobuf else trace_json(spans, v2=v2)

    body = await run_query(request, find)
    if body is None and not v2:
        return web.Response(status=404)
    if body is None:
        body = _NO_TRACE_PROTOBUF if as_protobuf else _NO_TRACE_JSON
    return web.Response(body=body, content_type=_PROTOBUF if as_protobuf else "application/json")


def _check_window(request: web.Request) -> None:
    """`start` and `end` only narrow where Tempo looks; we find a trace without them.

    Raises:
        BadInput: They are no times, or the wrong way round.
    """
    found = {}
    for name in ("start", "end"):
        text = request.query.get(name, "")
        if text and not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise BadInput(f'invalid {name}: strconv.ParseInt: parsing "{text}": invalid syntax')
        found[name] = int(text or 0)
    if found["start"] and found["end"] and found["end"] <= found["start"]:
        raise BadInput(
            "http parameter start must be before end."
            f" received start={found['start']} end={found['end']}"
        )


def parse_trace_id(text: str) -> bytes:
    """A trace id as Tempo reads it: up to 32 hexadecimal digits, padded with zeros on the left.

    Raises:
        BadInput: Anything else.
    """
    if not re.fullmatch(r"[0-9a-fA-F]+", text):
        raise BadInput(f"trace IDs can only contain hex characters: {text!r}")
    if len(text) > 32:
        raise BadInput(f"trace IDs can't be larger than 128 bits: {text!r}")
    return bytes.fromhex(text.rjust(32, "0"))


async def _echo(_request: web.Request) -> web.Response:
    return web.Response(text="echo")


async def _build_info(_request: web.Request) -> web.Response:
    names = ("revision", "branch", "buildUser", "buildDate", "goVersion")
    facts = {"version": __version__} | dict.fromkeys(names, "")
    return web.Response(body=orjson.dumps(facts), content_type="application/json")


async def _services(_request: web.Request) -> web.Response:
    return web.Response(text="server: Running\nstore: Running\n")


async def _version(_request: web.Request) -> web.Response:
    return web.Response(text=f"appliance, version {__version__}\n")

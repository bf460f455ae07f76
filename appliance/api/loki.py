"""Loki's HTTP API: push, log queries, labels and series (Loki 3, "Loki HTTP API")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import orjson
from aiohttp import web

from appliance import __version__
from appliance.api import params
from appliance.api.errors import Failure, Kind, loki, text_response
from appliance.api.http import (
    HTTP,
    base_app,
    body_of,
    parameters_of,
    require_token,
    run_query,
    tenant_of,
    with_contract,
)
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.logql.engine import evaluate
from appliance.logql.parser import parse, parse_matchers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multidict import MultiDict

    from appliance.api.http import Handler, HttpDeps
    from appliance.model.accepted import Accepted
    from appliance.model.log import StreamBatch
    from appliance.model.matcher import Matcher
    from appliance.model.sources import Guard, LogSource

_HOUR_NS = 3600 * 10**9
_SIX_HOURS_NS = 6 * _HOUR_NS
#: Loki's limits_config.max_entries_limit_per_query.
_MAX_ENTRIES = 5000
_OFFLOAD_FROM_BYTES = 16 << 10
_PREFIX = "/loki/api/v1"


class LogDoor(Protocol):
    """Where pushed entries go (`ingest/logs.py`)."""

    async def accept(self, tenant: str, streams: Sequence[StreamBatch]) -> Accepted:
        """Store entries; returns after the commit."""
        ...


@dataclass(frozen=True, slots=True)
class LokiDeps:
    """What the API needs.

    Attributes:
        logs: Log entries of a tenant.
    """

    logs: Callable[[str], LogSource]
    door: LogDoor


LOKI = web.AppKey("loki", LokiDeps)


def make_app(http: HttpDeps, deps: LokiDeps) -> web.Application:
    """The application of the `loki` listener."""
    app = base_app("loki", http, contract=loki)
    app[LOKI] = deps
    app.add_routes([*routes(), web.get("/services", _services)])
    return app


def routes() -> list[web.RouteDef]:
    """Loki's paths under its own prefix."""
    readable: dict[str, Handler] = {
        "/query_range": _query_range,
        "/query": _query,
        "/labels": _labels,
        "/label": _labels,
        "/label/{name}/values": _label_values,
        "/series": _series,
    }
    found = [
        web.post(_PREFIX + "/push", _push),
        web.get(_PREFIX + "/status/buildinfo", _build_info),
    ]
    for path, handler in readable.items():
        found += [web.get(_PREFIX + path, handler), web.post(_PREFIX + path, handler)]
    return with_contract(loki, found)


async def _push(request: web.Request) -> web.Response:
    require_token(request)
    try:
        body = await body_of(request, raw=("snappy",))
    except web.HTTPUnsupportedMediaType as error:
        raise BadInput(error.text or error.reason) from error
    # Whatever is not called JSON is protobuf, also without a content type.
    is_json = request.content_type == "application/json"
    decode = partial(_decode_json if is_json else _decode_protobuf, request)
    streams = decode(body) if len(body) < _OFFLOAD_FROM_BYTES else await offload(decode, body)
    accepted = await request.app[LOKI].door.accept(tenant_of(request), streams)
    if accepted.rejected_count:
        return text_response(Failure(Kind.BAD_INPUT, accepted.describe(), 400), 400)
    return web.Response(status=204)


def _decode_json(request: web.Request, body: bytes) -> list[StreamBatch]:
    from appliance.wire.loki import decode_push_json  # noqa: PLC0415 - protobuf

    encoding = request.headers.get("Content-Encoding", "").lower()
    if encoding == "snappy":
        raise BadInput('Content-Encoding "snappy" not supported')
    return decode_push_json(body, now_ns=request.app[HTTP].clock.now_ns())


def _decode_protobuf(request: web.Request, body: bytes) -> list[StreamBatch]:
    """Protobuf is in a snappy block, whatever `Content-Encoding` says of it."""
    from appliance.wire import snappy  # noqa: PLC0415
    from appliance.wire.loki import decode_push_protobuf  # noqa: PLC0415 - protobuf

    limit = request.app[HTTP].limits.decompressed_bytes
    return decode_push_protobuf(snappy.decompress(body, limit=limit))


async def _query_range(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    start, end = params.loki_range_ns(given, request.app[HTTP].clock.now_ns(), _HOUR_NS)
    if end < start:
        raise BadInput("end timestamp must not be before or equal to start time")
    limit = params.loki_limit(given, most=_MAX_ENTRIES)
    backward = params.is_backward(given)
    query = parse(given.get("query", ""))
    source, clock = _source(request), request.app[HTTP].clock
    flags = request.headers.get("X-Loki-Response-Encoding-Flags", "")

    def work(guard: Guard) -> bytes:
        from appliance.wire.loki_json import result  # noqa: PLC0415 - not before the first query

        began = clock.monotonic()
        found = evaluate(
            query,
            source,
            start_ns=start,
            end_ns=end,
            limit=limit,
            backward=backward,
            guard=guard,
        )
        summary = {"execTime": clock.monotonic() - began}
        return result(found, summary=summary, categorize="categorize-labels" in flags)

    return _answer(await run_query(request, work))


async def _query(request: web.Request) -> web.Response:
    """Instant queries are for metrics, which come later; a log query is refused as in Loki."""
    given = await parameters_of(request)
    params.loki_time_ns(given, "time", 0)
    parse(given.get("query", ""))
    raise BadInput(
        "log queries are not supported as an instant query type,"
        " please change your query to a range query type"
    )


async def _labels(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    start, end = _window(request, given)
    matchers, source = _one_selector(given), _source(request)
    return await run_query(request, lambda _: _strings(source.label_names(matchers, start, end)))


async def _label_values(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    start, end = _window(request, given)
    name = request.match_info["name"]
    matchers, source = _one_selector(given), _source(request)
    return await run_query(
        request, lambda _: _strings(source.label_values(name, matchers, start, end))
    )


async def _series(request: web.Request) -> web.Response:
    from appliance.wire.loki_json import series  # noqa: PLC0415 - not before the first query

    given = await parameters_of(request)
    start, end = _window(request, given)
    texts = [*given.getall("match", []), *given.getall("match[]", [])]
    if not texts:
        raise BadInput("0 matchers supplied")
    # A lone {} asks for everything, as Grafana does.
    matchers = [] if texts == ["{}"] else [parse_matchers(text) for text in texts]
    source = _source(request)
    return await run_query(request, lambda _: _answer(series(source.series(matchers, start, end))))


async def _build_info(_request: web.Request) -> web.Response:
    facts = {
        "version": f"3.5.0+appliance.{__version__}",
        "revision": "",
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    }
    return _answer(orjson.dumps(facts))


async def _services(_request: web.Request) -> web.Response:
    return web.Response(text="server => Running\nstore => Running\n")


def _source(request: web.Request) -> LogSource:
    return request.app[LOKI].logs(tenant_of(request))


def _window(request: web.Request, given: MultiDict[str]) -> tuple[int, int]:
    """Start and end of a look-up, both included: the last six hours unless said otherwise."""
    return params.loki_range_ns(given, request.app[HTTP].clock.now_ns(), _SIX_HOURS_NS)


def _one_selector(given: MultiDict[str]) -> list[tuple[Matcher, ...]]:
    text = given.get("query", "")
    return [] if text in {"", "{}"} else [parse_matchers(text)]


def _strings(names: Sequence[str]) -> web.Response:
    from appliance.wire.loki_json import strings  # noqa: PLC0415 - not before the first query

    return _answer(strings(names))


def _answer(body: bytes) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": "application/json; charset=UTF-8"})

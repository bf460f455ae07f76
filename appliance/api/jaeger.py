"""Jaeger's query API as its web page uses it (Jaeger documentation, "HTTP JSON (internal)")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import orjson
from aiohttp import web

from appliance.api.errors import jaeger
from appliance.api.http import HTTP, base_app, tenant_of, with_contract
from appliance.api.request import run_query
from appliance.api.tempo.trace_id import parse_trace_id
from appliance.base.errors import BadInput, NotFound
from appliance.traceql.search import KINDS, SpanCriteria, find_traces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.api.http import HttpDeps
    from appliance.model.sources import Guard, SpanSource

T = TypeVar("T")
_DEFAULT_LIMIT = 100
_MAX_LIMIT = 1500
_HOUR_US = 3_600_000_000
_DURATION_NS = {
    "ns": 1, "us": 1000, "µs": 1000, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class JaegerDeps:
    """What the API needs: spans of a tenant."""

    spans: Callable[[str], SpanSource]


@dataclass(frozen=True, slots=True)
class Search:
    """Parameters of a search; times in nanoseconds, the end not included."""

    criteria: SpanCriteria
    start_ns: int
    end_ns: int
    limit: int


JAEGER = web.AppKey("jaeger", JaegerDeps)


def make_app(http: HttpDeps, deps: JaegerDeps) -> web.Application:
    """The application of the `jaeger` listener."""
    app = base_app("jaeger", http, contract=jaeger)
    app[JAEGER] = deps
    app.add_routes([*routes(), web.get("/api/traces/{trace_id}", trace)])
    return app


def routes() -> list[web.RouteDef]:
    """Jaeger's paths, less the one that Tempo has too (`/api/traces/{trace_id}`)."""
    return with_contract(
        jaeger,
        [
            web.get("/api/services", _services),
            web.get("/api/services/{service}/operations", _operations_of),
            web.get("/api/operations", _operations),
            web.get("/api/traces", _search),
        ],
    )


async def _services(request: web.Request) -> web.Response:
    source = _source(request)
    return await _answer(request, lambda _: source.services(), counted=True)


async def _operations_of(request: web.Request) -> web.Response:
    source, service = _source(request), request.match_info["service"]

    def names(_: Guard) -> list[str]:
        return sorted({name for name, _ in source.operations(service)})

    return await _answer(request, names, counted=True)


async def _operations(request: web.Request) -> web.Response:
    source, service = _source(request), request.query.get("service", "")
    if not service:
        raise BadInput("parameter 'service' is required")
    wanted = request.query.get("spanKind", "")

    def rows(_: Guard) -> list[dict[str, str]]:
        found = [(name, KINDS[kind]) for name, kind in source.operations(service)]
        return [
            {"name": name, "spanKind": kind if kind != KINDS[0] else ""}
            for name, kind in found
            if wanted in {"", kind}
        ]

    return await _answer(request, rows, counted=True)


async def _search(request: web.Request) -> web.Response:
    source = _source(request)
    if "traceID" in request.query:
        ids = [parse_trace_id(text) for text in request.query.getall("traceID")]
        return await _answer(request, lambda guard: _traces(source, ids, guard))
    now_us = request.app[HTTP].clock.now_ns() // 1000
    asked = parse_search(request.query, now_us)

    def find(guard: Guard) -> list[dict[str, object]]:
        ids = find_traces(
            source, asked.criteria, asked.start_ns, asked.end_ns, limit=asked.limit, guard=guard
        )
        return _traces(source, ids, guard)

    return await _answer(request, find)


async def trace(request: web.Request) -> web.Response:
    """One trace by its id.

    Raises:
        NotFound: It is not here.
    """
    source, trace_id = _source(request), parse_trace_id(request.match_info["trace_id"])

    def find(guard: Guard) -> list[dict[str, object]]:
        found = _traces(source, [trace_id], guard)
        if not found:
            raise NotFound("trace not found")
        return found

    return await _answer(request, find)


def _traces(source: SpanSource, ids: list[bytes], guard: Guard) -> list[dict[str, object]]:
    from appliance.wire import jaeger as wire  # noqa: PLC0415 - protobuf

    found = (source.trace(trace_id, guard) for trace_id in ids)
    return [wire.trace(spans) for spans in found if spans]


async def _answer(
    request: web.Request, find: Callable[[Guard], list[T]], *, counted: bool = False
) -> web.Response:
    def encode(guard: Guard) -> bytes:
        from appliance.wire import jaeger as wire  # noqa: PLC0415 - protobuf

        data = find(guard)
        return wire.encode(data, total=len(data) if counted else 0)

    return web.Response(body=await run_query(request, encode), content_type="application/json")


def _source(request: web.Request) -> SpanSource:
    return request.app[JAEGER].spans(tenant_of(request))


def parse_search(query: Mapping[str, str], now_us: int) -> Search:
    """Parameters of `/api/traces`.

    Args:
        now_us: Microseconds since the epoch; the end when none is given.

    Raises:
        BadInput: A parameter is missing or unreadable; the text names it.
    """
    service = query.get("service", "")
    if not service:
        raise BadInput("parameter 'service' is required")
    end = _integer(query, "end", now_us)
    start = _integer(query, "start", end - _lookback_us(query.get("lookback", "")))
    shortest = _duration(query, "minDuration")
    longest = _duration(query, "maxDuration")
    if shortest is not None and longest is not None and shortest > longest:
        raise BadInput("'maxDuration' should be greater than 'minDuration'")
    limit = _integer(query, "limit", _DEFAULT_LIMIT)
    if not 0 < limit <= _MAX_LIMIT:
        raise BadInput(f"unable to parse param 'limit': {limit} is not within 1 and {_MAX_LIMIT}")
    criteria = SpanCriteria(
        service=service,
        operation=query.get("operation") or None,
        tags=_tags(query),
        min_duration_ns=shortest,
        max_duration_ns=longest,
    )
    return Search(criteria, start * 1000, end * 1000 + 1000, limit)


def _integer(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError as error:
        raise BadInput(f"unable to parse param '{name}': {text!r} is not a whole number") from error


def _duration(query: Mapping[str, str], name: str) -> int | None:
    """A Go duration such as `1.2s`, `100ms` in nanoseconds."""
    text = query.get(name, "")
    if not text:
        return None
    unit = text.lstrip("0123456789.")
    number = text[: len(text) - len(unit)]
    if unit not in _DURATION_NS or not number.strip(".") or number.count(".") > 1:
        raise BadInput(f"unable to parse param '{name}': invalid duration {text!r}; write 1.2s")
    return int(float(number) * _DURATION_NS[unit])


def _lookback_us(text: str) -> int:
    """How far back when no start is given: `1h`, `2d`; one hour when unreadable or absent."""
    unit = {"m": _HOUR_US // 60, "h": _HOUR_US, "d": 24 * _HOUR_US}.get(text[-1:], 0)
    return int(text[:-1]) * unit if unit and text[:-1].isdecimal() else _HOUR_US


def _tags(query: Mapping[str, str]) -> dict[str, str]:
    """Tags of `tags` (a JSON object of strings) and of `tag` (`key:value`)."""
    found: dict[str, str] = {}
    for key, value in query.items():
        if key == "tag":
            name, colon, wanted = value.partition(":")
            if not colon:
                message = f"malformed 'tag' parameter, expecting key:value, received: {value}"
                raise BadInput(message)
            found[name] = wanted
    if text := query.get("tags", ""):
        try:
            given = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadInput(f"malformed 'tags' parameter, cannot unmarshal JSON: {error}") from error
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            raise BadInput("malformed 'tags' parameter, expecting a JSON object of strings")
        found |= given
    return found

"""Prometheus' HTTP API v1: queries, labels and series (Prometheus 3, "HTTP API").

Targets, metadata and status are in `prometheus_status.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api import params, prometheus_status
from appliance.api.errors import prometheus
from appliance.api.http import HTTP, base_app, parameters_of, run_query, tenant_of, with_contract
from appliance.api.prometheus_deps import (
    PROMETHEUS,
    PrometheusDeps,
    RuntimeFacts,
    Targets,
)
from appliance.api.prometheus_status import answer, truncated
from appliance.base.errors import BadInput
from appliance.model.value import Annotations, Matrix, QueryResult, Vector
from appliance.promql.ast import type_of
from appliance.promql.engine import LOOKBACK_MS, evaluate
from appliance.promql.parser import parse, parse_selector
from appliance.promql.printer import print_expr
from appliance.wire.api_json import success

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multidict import MultiDict

    from appliance.api.http import Handler, HttpDeps
    from appliance.model.matcher import Matcher
    from appliance.model.sources import SeriesSource
    from appliance.promql.ast import Expr
    from appliance.query.limits import QueryGuard

__all__ = ["PROMETHEUS", "PrometheusDeps", "RuntimeFacts", "Targets", "make_app", "routes"]

_MAX_POINTS = 11_000
_PREFIX = "/api/v1"
_CORS = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Origin",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Date",
}
_ESCAPE = re.compile(r"__|_([0-9a-fA-F]{1,8})_|(_)")


def make_app(http: HttpDeps, deps: PrometheusDeps) -> web.Application:
    """The application of the `prometheus` listener."""
    app = base_app("prometheus", http, contract=prometheus, compress_from_bytes=0)
    app[PROMETHEUS] = deps
    app.middlewares.append(_preflight)
    app.on_response_prepare.append(_allow_origin)
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """Prometheus' paths."""
    both = {
        "/query": _query,
        "/query_range": _query_range,
        "/labels": _labels,
        "/series": _series,
        "/format_query": _format_query,
    }
    found = [*_get("/label/{name}/values", _label_values), *prometheus_status.routes()]
    for path, handler in both.items():
        found += [*_get(path, handler), web.post(_PREFIX + path, handler)]
    return with_contract(prometheus, found)


def _get(path: str, handler: Handler) -> list[web.RouteDef]:
    return [web.get(_PREFIX + path, handler, allow_head=False)]


@web.middleware
async def _preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Browsers ask with OPTIONS before they send; any path of the API says yes."""
    if request.method == "OPTIONS" and request.path.startswith(_PREFIX + "/"):
        return web.Response(status=204)
    return await handler(request)


async def _allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    if "Origin" in request.headers and request.path.startswith(_PREFIX + "/"):
        response.headers.update(_CORS)
        response.headers.add("Vary", "Origin")


async def _query(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    limit = params.limit(given)
    time_ms = params.time_ms(given, "time", request.app[HTTP].clock.now_ms())
    timeout, lookback = _timeout_seconds(given), _lookback_ms(given)
    expr = _parse(given)
    source = _source(request)

    def work(guard: QueryGuard) -> bytes:
        found = evaluate(
            expr,
            source,
            start_ms=time_ms,
            end_ms=time_ms,
            step_ms=0,
            lookback_ms=lookback,
            guard=guard,
        )
        return success(_limited(found, limit))

    return answer(await run_query(request, work, timeout_seconds=timeout))


async def _query_range(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    limit = params.limit(given)
    start = params.required_time_ms(given, "start")
    end = params.required_time_ms(given, "end")
    if end < start:
        raise params.invalid("end", "end timestamp must not be before start time")
    step = params.step_ms(given)
    if (end - start) // step > _MAX_POINTS:
        raise BadInput(
            "exceeded maximum resolution of 11,000 points per timeseries."
            " Try decreasing the query resolution (?step=XX)"
        )
    timeout, lookback = _timeout_seconds(given), _lookback_ms(given)
    expr = _parse(given, is_range=True)
    source = _source(request)

    def work(guard: QueryGuard) -> bytes:
        found = evaluate(
            expr,
            source,
            start_ms=start,
            end_ms=end,
            step_ms=step,
            lookback_ms=lookback,
            guard=guard,
        )
        return success(_limited(found, limit))

    return answer(await run_query(request, work, timeout_seconds=timeout))


async def _labels(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    limit = params.limit(given)
    start, end = _window(given)
    matchers = _matchers(given)
    source = _source(request)
    return await run_query(
        request, lambda _: truncated(source.label_names(matchers, start, end), limit)
    )


async def _label_values(request: web.Request) -> web.Response:
    name = _unescaped(request.match_info["name"])
    given = await parameters_of(request)
    limit = params.limit(given)
    start, end = _window(given)
    matchers = _matchers(given)
    source = _source(request)
    return await run_query(
        request, lambda _: truncated(source.label_values(name, matchers, start, end), limit)
    )


async def _series(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    if not given.getall("match[]", []):
        raise BadInput("no match[] parameter provided")
    limit = params.limit(given)
    start, end = _window(given)
    matchers = _matchers(given)
    source = _source(request)

    def work(_: QueryGuard) -> web.Response:
        found = source.series(matchers, start, end)
        return truncated([dict(labels) for labels in found], limit)

    return await run_query(request, work)


async def _format_query(request: web.Request) -> web.Response:
    expr = _parse(await parameters_of(request))
    return answer(success(print_expr(expr)))


def _source(request: web.Request) -> SeriesSource:
    return request.app[PROMETHEUS].series(tenant_of(request))


def _parse(given: Mapping[str, str], *, is_range: bool = False) -> Expr:
    """The query.

    Raises:
        BadInput: It cannot be read, or is of a type that a range query cannot have.
    """
    try:
        expr = parse(given.get("query", ""))
    except BadInput as error:
        raise params.invalid("query", error) from error
    if is_range and type_of(expr) not in {"scalar", "instant vector"}:
        raise params.invalid(
            "query",
            f'invalid expression type "{type_of(expr)}" for range query,'
            " must be Scalar or instant Vector",
        )
    return expr


def _timeout_seconds(given: Mapping[str, str]) -> float | None:
    found = params.optional_duration_ms(given, "timeout")
    return None if found is None else found / 1000


def _lookback_ms(given: Mapping[str, str]) -> int:
    text = given.get("lookback_delta", "")
    if not text:
        return LOOKBACK_MS
    try:
        found = params.parse_duration_ms(text)
    except BadInput as error:
        raise BadInput(f"error parsing lookback delta duration: {error}") from error
    return found if found > 0 else LOOKBACK_MS


def _window(given: Mapping[str, str]) -> tuple[int, int]:
    """`start` and `end`; everything when they are absent."""
    start = params.time_ms(given, "start", params.MIN_MS)
    return start, params.time_ms(given, "end", params.MAX_MS)


def _matchers(given: MultiDict[str]) -> list[tuple[Matcher, ...]]:
    """The selectors of all `match[]`.

    Raises:
        BadInput: One of them cannot be read, or selects everything.
    """
    found = []
    for text in given.getall("match[]", []):
        try:
            matchers = parse_selector(text)
        except BadInput as error:
            raise params.invalid("match[]", error) from error
        if all(matcher.matches("") for matcher in matchers):
            raise params.invalid("match[]", "match[] must contain at least one non-empty matcher")
        found.append(matchers)
    return found


def _unescaped(name: str) -> str:
    """A label name from a URL: `U__a_2e_b` is `a.b` (Prometheus 3, escaping scheme "values")."""
    if not name.startswith("U__"):
        return name
    parts: list[str] = []
    body, at = name[3:], 0
    for match in _ESCAPE.finditer(body):
        parts.append(body[at : match.start()])
        at = match.end()
        if match[2]:
            return name
        point = int(match[1], 16) if match[1] else ord("_")
        if point > 0x10FFFF or 0xD800 <= point < 0xE000:
            return name
        parts.append(chr(point))
    return "".join(parts) + body[at:]


def _limited(result: QueryResult, limit: int) -> QueryResult:
    """At most `limit` series, and a warning when some are left out; 0 means all."""
    value = result.value
    if not limit or not isinstance(value, Vector | Matrix):
        return result
    series: Sequence[object] = value.series if isinstance(value, Matrix) else value.labels
    if len(series) <= limit:
        return result
    if isinstance(value, Matrix):
        value = Matrix(value.series[:limit])
    else:
        value = Vector(value.timestamp_ms, value.labels[:limit], value.values[:limit])
    warnings = (*result.annotations.warnings, "results truncated due to limit")
    return QueryResult(value, Annotations(warnings, result.annotations.infos))

"""Loki's HTTP API: queries (Loki 3, "Query logs")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api import streamed
from appliance.api.http import HTTP
from appliance.api.loki import params
from appliance.api.loki.answer import (
    JSON,
    answer,
    encoding_flags,
    is_legacy,
    is_protobuf,
    protobuf_answer,
)
from appliance.api.loki.deps import source_of
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.logql.ast import Pipeline
from appliance.logql.engine import Request, Statistics, evaluate
from appliance.logql.parser import parse
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.logql.ast import Query
    from appliance.model.value import QueryResult
    from appliance.query.limits import QueryGuard
    from appliance.wire.loki_stats import QueryStats


@dataclass(frozen=True, slots=True)
class _Found:
    """What an evaluation gave, and what it was asked."""

    result: QueryResult
    stats: QueryStats
    limit: int
    is_backward: bool


async def query_range(request: web.Request) -> web.StreamResponse:
    """`/query_range`."""
    given = await parameters_of(request)
    asked = params.range_query(given, request.app[HTTP].clock.now_ns())
    return await _answer(request, await _range(request, asked, parse(asked.query)))


async def query(request: web.Request) -> web.StreamResponse:
    """`/query`."""
    given = await parameters_of(request)
    asked = params.instant_query(given, request.app[HTTP].clock.now_ns())
    query = parse(asked.query)
    if isinstance(query, Pipeline):
        raise BadInput(
            "log queries are not supported as an instant query type,"
            " please change your query to a range query type"
        )
    wanted = Request(
        start_ns=asked.time_ns,
        end_ns=asked.time_ns,
        limit=asked.limit,
        backward=asked.is_backward,
        max_series=request.app[HTTP].query_limits.max_log_series,
    )
    return await _answer(request, await _evaluate(request, asked.query, query, wanted))


async def legacy_query(request: web.Request) -> web.StreamResponse:
    """`/api/prom/query`: entries only; `regexp` is one more line filter."""
    given = await parameters_of(request)
    asked = params.range_query(given, request.app[HTTP].clock.now_ns())
    query = parse(with_regexp(given))
    if not isinstance(query, Pipeline):
        raise BadInput("legacy endpoints only support streams result type")
    return await _answer(request, await _range(request, asked, query))


def with_regexp(given: Mapping[str, str]) -> str:
    """The query of an old client, with its parameter `regexp`."""
    query, regexp = given.get("query", ""), given.get("regexp", "")
    return f"{query} |~ {quote(regexp)}" if regexp else query


async def _range(request: web.Request, asked: params.RangeQuery, query: Query) -> _Found:
    limits = request.app[HTTP].query_limits
    start, end = asked.start_ns, asked.end_ns
    if not isinstance(query, Pipeline):
        start, end = asked.aligned_ns
    elif asked.limit > limits.max_log_entries:
        raise BadInput(
            "max entries limit per query exceeded, limit > max_entries_limit_per_query"
            f" ({asked.limit} > {limits.max_log_entries})"
        )
    wanted = Request(
        start_ns=start,
        end_ns=end,
        step_ns=asked.step_ns,
        interval_ns=asked.interval_ns,
        limit=asked.limit,
        backward=asked.is_backward,
        max_series=limits.max_log_series,
    )
    return await _evaluate(request, asked.query, query, wanted)


async def _evaluate(request: web.Request, text: str, query: Query, wanted: Request) -> _Found:
    source, clock = source_of(request), request.app[HTTP].clock
    asked_at = clock.monotonic()

    def work(guard: QueryGuard) -> _Found:
        began = clock.monotonic()
        result = evaluate(query, source, wanted, guard)
        times = clock.monotonic() - began, began - asked_at
        stats = _stats(wanted.statistics, result, times)
        return _Found(result, stats, wanted.limit, wanted.backward)

    return await run_query(request, work, label=text)


def _stats(counted: Statistics, result: QueryResult, times: tuple[float, float]) -> QueryStats:
    from appliance.wire.loki_stats import QueryStats  # noqa: PLC0415 - not before the first query

    return QueryStats(
        exec_seconds=times[0],
        queue_seconds=times[1],
        chunks=counted.chunks,
        lines=counted.lines,
        text_bytes=counted.bytes,
        metadata_bytes=counted.structured_metadata_bytes,
        post_filter_lines=counted.post_filter_lines,
        entries=counted.entries or _rows(result),
    )


def _rows(result: QueryResult) -> int:
    """Series of a metric query's result."""
    value = result.value
    return len(getattr(value, "series", getattr(value, "labels", ())))


async def _answer(request: web.Request, found: _Found) -> web.StreamResponse:
    from appliance.wire import loki_json, loki_proto  # noqa: PLC0415 - not before the first query

    flags = encoding_flags(request)
    if is_protobuf(request):
        encode = partial(
            loki_proto.result,
            found.result,
            found.stats,
            flags=flags,
            is_backward=found.is_backward,
            limit=found.limit,
        )
        return protobuf_answer(await offload(encode))
    if is_legacy(request):
        return answer(await offload(loki_json.legacy_result, found.result, found.stats))
    parts = loki_json.result_parts(found.result, found.stats, flags=flags)
    return await streamed.send(request, parts, JSON)


async def format_query(request: web.Request) -> web.Response:
    """`/format_query`."""
    from appliance.logql.prettier import pretty  # noqa: PLC0415 - seldom

    given = await parameters_of(request)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        document = {"status": "success", "data": pretty(parse(given.get("query", "")))}
    except BadInput as error:
        document = {"status": "invalid-query", "error": error.message}
    status = 200 if "data" in document else 400
    return web.Response(body=orjson.dumps(document) + b"\n", status=status, headers=headers)

"""Prometheus' HTTP API v1: queries (Prometheus 3, "HTTP API", Expression queries)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.api import params
from appliance.api.http import HTTP, tenant_of
from appliance.api.prometheus.answer import QueryAnswer, answer, respond
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import BadInput
from appliance.model.value import Annotations, Matrix, QueryResult, Vector
from appliance.promql.ast_json import ast_document
from appliance.promql.context import SampleCounts
from appliance.promql.engine import evaluate
from appliance.promql.parser import parse
from appliance.promql.printer import pretty
from appliance.promql.selectors import selectors_of
from appliance.promql.types import type_of
from appliance.wire.api_json import success
from appliance.wire.numbers import print_float

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from appliance.model.exemplar import SeriesExemplars
    from appliance.promql.ast import Expr
    from appliance.query.limits import QueryGuard

_MAX_POINTS = 11_000


@dataclass(frozen=True, slots=True)
class _Times:
    """When an expression is to be evaluated; step_ms 0: once, at the end."""

    start_ms: int
    end_ms: int
    step_ms: int


async def query(request: web.Request) -> web.StreamResponse:
    """`/query`."""
    given = await parameters_of(request)
    limit = params.limit(given)
    time_ms = params.time_ms(given, "time", request.app[HTTP].clock.now_ms())
    return await _evaluated(request, given, _Times(time_ms, time_ms, 0), limit)


async def query_range(request: web.Request) -> web.StreamResponse:
    """`/query_range`."""
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
    return await _evaluated(request, given, _Times(start, end, step), limit)


async def _evaluated(
    request: web.Request, given: Mapping[str, str], times: _Times, limit: int
) -> web.StreamResponse:
    deps = request.app[PROMETHEUS]
    timeout, lookback = _timeout_seconds(given), _lookback_ms(given, deps.lookback_ms)
    expr = _parsed(given, deps.features, is_range=times.step_ms > 0)
    source = deps.series(tenant_of(request))
    counts = _counts(given.get("stats", ""), times)
    clock = request.app[HTTP].clock
    began = clock.monotonic()

    def work(guard: QueryGuard) -> QueryAnswer:
        started = clock.monotonic()
        found = evaluate(
            expr,
            source,
            start_ms=times.start_ms,
            end_ms=times.end_ms,
            step_ms=times.step_ms,
            lookback_ms=lookback,
            guard=guard,
            features=deps.features,
            text=given.get("query", ""),
            counts=counts,
            subquery_step_ms=deps.subquery_step_ms(),
        )
        stats = _stats(given.get("stats", ""), counts, times, (began, started, clock.monotonic()))
        return QueryAnswer(_limited(found, limit), stats)

    label = given.get("query", "")
    found = await run_query(request, work, timeout_seconds=timeout, label=label)
    deps.query_log.note(request, given, clock.monotonic() - began)
    return await respond(request, found)


def _counts(wanted: str, times: _Times) -> SampleCounts:
    """Where an evaluation counts samples; per step only when that is asked for."""
    if wanted != "all":
        return SampleCounts()
    steps = (times.end_ms - times.start_ms) // (times.step_ms or 1) + 1
    return SampleCounts(per_step=np.zeros(steps, dtype=np.int64))


def _stats(
    wanted: str, counts: SampleCounts, times: _Times, moments: tuple[float, float, float]
) -> dict[str, object] | None:
    """What `stats=` asks for: timings in seconds, samples; with `all` also samples per step."""
    if not wanted:
        return None
    began, started, ended = moments
    samples: dict[str, object] = {}
    if wanted == "all" and counts.per_step is not None:
        steps = range(times.start_ms, times.end_ms + 1, times.step_ms or 1)
        samples["totalQueryableSamplesPerStep"] = [
            [step / 1000, count]
            for step, count in zip(steps, counts.per_step.tolist(), strict=False)
        ]
    samples["totalQueryableSamples"] = counts.total
    samples["peakSamples"] = counts.peak
    timings = {
        "evalTotalTime": ended - started,
        "resultSortTime": 0.0,
        "queryPreparationTime": 0.0,
        "innerEvalTime": ended - started,
        "execQueueTime": started - began,
        "execTotalTime": ended - began,
    }
    return {"timings": timings, "samples": samples}


async def query_exemplars(request: web.Request) -> web.Response:
    """`/query_exemplars`: exemplars of the series that the expression's selectors select."""
    given = await parameters_of(request)
    start = params.time_ms(given, "start", params.MIN_MS)
    end = params.time_ms(given, "end", params.MAX_MS)
    if end < start:
        raise BadInput("end timestamp must not be before start timestamp")
    deps = request.app[PROMETHEUS]
    expr = _parsed(given, deps.features, name="")
    matchers = [selector.matchers for selector in selectors_of(expr)]
    source = deps.series(tenant_of(request))

    def work(_: QueryGuard) -> bytes:
        found = source.exemplars(matchers, start, end) if matchers else []
        return success([_exemplars(item) for item in found])

    return answer(await run_query(request, work))


def _exemplars(item: SeriesExemplars) -> dict[str, object]:
    return {
        "seriesLabels": dict(item.labels),
        "exemplars": [
            {
                "labels": dict(exemplar.labels),
                "value": print_float(exemplar.value),
                "timestamp": exemplar.timestamp_ms / 1000,
            }
            for exemplar in item.exemplars
        ],
    }


async def format_query(request: web.Request) -> web.Response:
    """`/format_query`."""
    given = await parameters_of(request)
    return answer(success(pretty(_parsed(given, request.app[PROMETHEUS].features))))


async def parse_query(request: web.Request) -> web.Response:
    """`/parse_query`: the syntax tree."""
    given = await parameters_of(request)
    return answer(success(ast_document(_parsed(given, request.app[PROMETHEUS].features))))


def _parsed(
    given: Mapping[str, str],
    features: frozenset[str],
    *,
    is_range: bool = False,
    name: str = "query",
) -> Expr:
    """The query.

    Raises:
        BadInput: It cannot be read, or is of a type that a range query cannot have.
    """
    try:
        expr = parse(given.get("query", ""), features)
    except BadInput as error:
        if not name:
            raise
        raise params.invalid(name, error) from error
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


def _lookback_ms(given: Mapping[str, str], usual_ms: int) -> int:
    text = given.get("lookback_delta", "")
    if not text:
        return usual_ms
    try:
        found = params.parse_duration_ms(text)
    except BadInput as error:
        raise BadInput(f"error parsing lookback delta duration: {error}") from error
    return found if found > 0 else usual_ms


def _limited(result: QueryResult, limit: int) -> QueryResult:
    """At most `limit` series, and a warning when some are left out; 0 means all."""
    value = result.value
    if not limit or not isinstance(value, Vector | Matrix):
        return result
    series: Sequence[object] = value.series if isinstance(value, Matrix) else value.labels
    if len(series) <= limit:
        return result
    if isinstance(value, Matrix):
        value = Matrix(value.series[:limit], value.histograms and value.histograms[:limit])
    else:
        histograms = value.histograms and value.histograms[:limit]
        value = Vector(value.timestamp_ms, value.labels[:limit], value.values[:limit], histograms)
    warnings = (*result.annotations.warnings, "results truncated due to limit")
    return QueryResult(value, Annotations(warnings, result.annotations.infos))

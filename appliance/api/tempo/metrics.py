"""Tempo's HTTP API: TraceQL metrics (Tempo 3, "TraceQL Metrics")."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from appliance.api.http import HTTP
from appliance.api.request import parameters_of, run_query
from appliance.api.tempo.answer import Form, answer, form_of
from appliance.api.tempo.deps import source_of
from appliance.api.tempo.params import metrics_parameters
from appliance.api.tempo.queries import parse_metrics
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.api.tempo.params import MetricsParameters
    from appliance.model.sources import SpanSource
    from appliance.query.limits import QueryGuard
    from appliance.traceql.ast import Query

MOST_EXEMPLARS = 100


async def query_range(request: web.Request) -> web.Response:
    """Series over a range."""
    return await _query(request, is_range=True)


async def query_instant(request: web.Request) -> web.Response:
    """One value of each series."""
    return await _query(request, is_range=False)


async def _query(request: web.Request, *, is_range: bool) -> web.Response:
    given = await parameters_of(request)
    asked = metrics_parameters(given, request.app[HTTP].clock.now_ns())
    query, form = await offload(parse_metrics, asked.query), form_of(request)
    if form is not Form.PROTOBUF:
        form = Form.JSON
    work = partial(encoded, source_of(request), asked, query, is_range=is_range, form=form)
    return answer(await run_query(request, work, label=asked.query), form)


def encoded(
    source: SpanSource,
    asked: MetricsParameters,
    query: Query,
    guard: QueryGuard,
    *,
    is_range: bool,
    form: Form,
) -> bytes:
    """Evaluate a query and encode what it gives."""
    from appliance.traceql.metrics.run import (  # noqa: PLC0415 - the engine
        MetricsRequest,
        query_instant,
        query_range,
    )
    from appliance.wire import tempo_metrics as wire  # noqa: PLC0415 - with the engine

    step = asked.step_ns if is_range else asked.end_ns - asked.start_ns
    exemplars = min(asked.exemplars or MOST_EXEMPLARS, MOST_EXEMPLARS)
    wanted = MetricsRequest(asked.start_ns, asked.end_ns, step, exemplars)
    if is_range:
        found = query_range(source, query, wanted, guard)
        return wire.range_json(found) if form is Form.JSON else wire.range_protobuf(found)
    found = query_instant(source, query, wanted, guard)
    return wire.instant_json(found) if form is Form.JSON else wire.instant_protobuf(found)

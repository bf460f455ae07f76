"""What Jaeger's Monitor page draws: latencies, calls and errors of services and operations.

Jaeger asks a Prometheus for metrics that were made of spans; here the spans themselves answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import orjson
from aiohttp import web

from appliance.api.http import HTTP
from appliance.api.jaeger.answers import answer_bytes, compact, is_pretty
from appliance.api.jaeger.deps import traces_of
from appliance.api.jaeger.parameters import (
    milliseconds_ns,
    parse_bool,
    parse_quantile,
    time_ns,
    unreadable,
)
from appliance.base.errors import BadInput
from appliance.traces.criteria import KINDS
from appliance.traces.over_time import Line, Points, lines
from appliance.traces.window import bounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.api.jaeger.parameters import Query
    from appliance.model.sources import Guard

_MS = 1_000_000
_LOOKBACK_MS, _STEP_MS, _RANGE_MS = 3_600_000, 5_000, 600_000
_MAX_POINTS = 11_000
_SMALLEST_STEP_MS = 1


@dataclass(frozen=True, slots=True)
class _Family:
    """Name and description of an answer."""

    name: str
    help: str

    def named(self, *, by_operation: bool) -> _Family:
        """With the operation where lines are by operation."""
        if not by_operation:
            return self
        return _Family(
            self.name.replace("service", "service_operation"), f"{self.help} & operation"
        )


async def latencies(request: web.Request) -> web.Response:
    """`GET /api/metrics/latencies`: a quantile of durations, in milliseconds."""
    quantile = parse_quantile(request.query)

    def values(line: Line, _: Points, guard: Guard) -> NDArray[np.float64]:
        return line.quantiles_ns(quantile, guard) / _MS

    about = f"{quantile:.2f}th quantile latency, grouped by service"
    return await _answer(request, _Family("service_latencies", about), values)


async def calls(request: web.Request) -> web.Response:
    """`GET /api/metrics/calls`: calls per second."""

    def values(line: Line, points: Points, _: Guard) -> NDArray[np.float64]:
        return line.rates(points.range_ns)

    family = _Family("service_call_rate", "calls/sec, grouped by service")
    return await _answer(request, family, values)


async def errors(request: web.Request) -> web.Response:
    """`GET /api/metrics/errors`: errors per call."""

    def values(line: Line, *_: object) -> NDArray[np.float64]:
        return line.error_ratios()

    about = "error rate, computed as a fraction of errors/sec over calls/sec, grouped by service"
    return await _answer(request, _Family("service_error_rate", about), values)


async def min_step(_request: web.Request) -> web.Response:
    """`GET /api/metrics/minstep`: the least step, in milliseconds."""
    document = {"data": _SMALLEST_STEP_MS, "total": 0, "limit": 0, "offset": 0, "errors": None}
    return web.Response(body=orjson.dumps(document), content_type="application/json")


def parse_points(query: Query, now_ns: int) -> Points:
    """Parameters of the metrics.

    Raises:
        BadInput: One is missing or unreadable, or there would be too many points.
    """
    services = query.getall("service", [])
    if not services:
        raise unreadable("service", BadInput("please provide at least one service name"))
    by_operation = parse_bool(query, "groupByOperation")
    kinds = [_kind(name) for name in query.getall("spanKind", ["server"])]
    end = time_ns(query, "endTs", _MS, now_ns)
    lookback = milliseconds_ns(query, "lookback", _LOOKBACK_MS)
    step = milliseconds_ns(query, "step", _STEP_MS)
    reach = milliseconds_ns(query, "ratePer", _RANGE_MS)
    if step <= 0 or reach <= 0 or lookback < 0:
        raise BadInput("'step' and 'ratePer' must be greater than 0, 'lookback' not below it")
    if lookback // step >= _MAX_POINTS:
        raise BadInput(
            f"exceeded maximum resolution of {_MAX_POINTS} points per line;"
            " ask for a larger step or a shorter lookback"
        )
    start = bounded(end - lookback)
    return Points(services, kinds, by_operation, start, end, step, reach)


def _kind(name: str) -> int:
    if name not in KINDS:
        raise unreadable("spanKind", BadInput(f"unsupported span kind: '{name}'"))
    return KINDS.index(name)


async def _answer(
    request: web.Request,
    family: _Family,
    values: Callable[[Line, Points, Guard], NDArray[np.float64]],
) -> web.Response:
    points = parse_points(request.query, request.app[HTTP].clock.now_ns())
    source, pretty = traces_of(request).source, is_pretty(request)
    named = family.named(by_operation=points.by_operation)

    def encode(guard: Guard) -> bytes:
        times = [_print_time(at) for at in points.times().tolist()]
        metrics: list[object] = []
        for line in lines(source, points, guard):
            row = {
                "labels": _labels(line),
                "metricPoints": _points(times, values(line, points, guard)),
            }
            metrics.append(compact(row, guard, pretty=pretty))
        document = {"name": named.name, "type": "GAUGE", "help": named.help, "metrics": metrics}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 if pretty else 0)

    return await answer_bytes(request, encode)


def _labels(line: Line) -> list[dict[str, str]]:
    service, operation = line.key
    labels = [{"name": "service_name", "value": service}]
    if operation:
        labels.insert(0, {"name": "operation", "value": operation})
    return labels


def _points(times: list[str], values: NDArray[np.float64]) -> list[dict[str, object]]:
    """Points that have a value."""
    return [
        {"gaugeValue": {"doubleValue": value}, "timestamp": at}
        for at, value, exists in zip(
            times, values.tolist(), (~np.isnan(values)).tolist(), strict=True
        )
        if exists
    ]


def _print_time(at_ns: int) -> str:
    moment = datetime.fromtimestamp(at_ns // 10**9, UTC)
    fraction = at_ns % 10**9 // _MS
    shown = f".{fraction:03}" if fraction else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{shown}Z"

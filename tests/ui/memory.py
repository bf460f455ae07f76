"""A small in-memory server behind the pages: takes OTLP/JSON, answers what the pages ask for."""

from __future__ import annotations

import math
import time
from typing import Any

from aiohttp import web

from appliance.api.http import HttpLimits
from appliance.api.ui.app import UiDeps, make_app
from appliance.base.clock import SystemClock
from appliance.ui.overview import Endpoints, LogRow, SignalTile, TraceRow
from tests.api.serving import http_deps

URLS = {
    "ui": "http://127.0.0.1:3000",
    "prometheus": "http://127.0.0.1:9090",
    "loki": "http://127.0.0.1:3100",
    "tempo": "http://127.0.0.1:3200",
    "jaeger": "http://127.0.0.1:16686",
    "otlp_grpc": "127.0.0.1:4317",
    "otlp_http": "http://127.0.0.1:4318",
}


class MemoryOverview:
    """Implements `ui.overview.Overview` with lists."""

    def __init__(self, urls: dict[str, str] | None = None) -> None:
        self.urls = URLS if urls is None else urls
        self.lines: list[LogRow] = []
        self.traces: list[TraceRow] = []
        self.samples: dict[str, list[tuple[dict[str, str], float, float]]] = {}
        self.tenants: list[str] = []
        self._seen: dict[str, int] = {}
        self._totals = {"metrics": 0, "logs": 0, "traces": 0}
        self.rejected = 0

    async def tiles(self, tenant: str) -> list[SignalTile]:
        self.tenants.append(tenant)
        units = {"metrics": "samples", "logs": "lines", "traces": "spans"}
        active = {"metrics": 37, "logs": 14, "traces": 3}
        return [
            SignalTile(
                name=name,
                unit=unit,
                received_total=self._totals[name],
                rate_per_second=self._rate(name),
                last_seen_ms=self._seen.get(name),
                active=active[name] if self._totals[name] else 0,
                rejected_total=self.rejected if name == "logs" else 0,
                disk_bytes=4096 + self._totals[name] * 3,
            )
            for name, unit in units.items()
        ]

    def _rate(self, name: str) -> float:
        total = self._totals[name]
        return total / 60 * (1.2 + math.sin(time.time() / 7)) if total else 0.0

    async def latest_lines(self, tenant: str, limit: int) -> list[LogRow]:
        del tenant
        return sorted(self.lines, key=lambda row: -row.timestamp_ns)[:limit]

    async def latest_traces(self, tenant: str, limit: int) -> list[TraceRow]:
        del tenant
        return sorted(self.traces, key=lambda row: -row.start_ns)[:limit]

    async def metric_names(self, tenant: str) -> list[str]:
        del tenant
        return sorted(self.samples)

    def endpoints(self) -> Endpoints:
        return Endpoints(self.urls, "/var/lib/appliance")

    def receive(self, signal: str, count: int = 1) -> None:
        self._totals[signal] += count
        self._seen[signal] = time.time_ns() // 1_000_000

    def add_line(self, row: LogRow) -> None:
        self.lines.append(row)
        self.receive("logs")

    def add_trace(self, row: TraceRow) -> None:
        self.traces.append(row)
        self.receive("traces", row.span_count)

    def add_sample(self, name: str, labels: dict[str, str], seconds: float, value: float) -> None:
        self.samples.setdefault(name, []).append((labels, seconds, value))
        self.receive("metrics")

    def matrix(self, query: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """A selector of a name over steps, looking back five minutes."""
        name = query.removeprefix('{"').removesuffix('"}')
        series: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
        for labels, at, value in self.samples.get(name, []):
            series.setdefault(tuple(sorted(labels.items())), []).append((at, value))
        found = []
        for key, points in series.items():
            points.sort()
            values = []
            for i in range(int((end - start) / step + 1e-6) + 1):
                at = start + i * step
                recent = [value for when, value in points if at - 300 < when <= at]
                if recent:
                    values.append([at, str(recent[-1])])
            if values:
                found.append({"metric": {"__name__": name, **dict(key)}, "values": values})
        return found


def memory_app(overview: MemoryOverview) -> web.Application:
    """The pages with the routes of other contracts that they use, on one port."""
    app = make_app(http_deps(clock=SystemClock(), limits=HttpLimits()), UiDeps(overview))

    async def query_range(request: web.Request) -> web.Response:
        start, end, step = (float(request.query[name]) for name in ("start", "end", "step"))
        result = overview.matrix(request.query["query"], start, end, step)
        data = {"resultType": "matrix", "result": result}
        return web.json_response({"status": "success", "data": data})

    async def receive(request: web.Request) -> web.Response:
        take, *names = _SHAPES[request.match_info["signal"]]
        groups = [(_service(group), group) for group in (await request.json())[names[0]]]
        for service, group in groups:
            for scope in group[names[1]]:
                for item in scope[names[2]]:
                    take(overview, service, item)
        return web.json_response({})

    app.add_routes(
        [
            web.get("/api/v1/query_range", query_range),
            web.post("/v1/{signal}", receive),
        ]
    )
    return app


def _service(resource: dict[str, Any]) -> str:
    attributes = resource["resource"]["attributes"]
    return str(next(a["value"]["stringValue"] for a in attributes if a["key"] == "service.name"))


def _take_span(overview: MemoryOverview, service: str, span: dict[str, Any]) -> None:
    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    errors = int(span.get("status", {}).get("code") == 2)
    row = TraceRow(span["traceId"], service, span["name"], start, end - start, 1, errors)
    overview.add_trace(row)


def _take_record(overview: MemoryOverview, service: str, record: dict[str, Any]) -> None:
    level, line = record.get("severityText", ""), record["body"]["stringValue"]
    at = int(record["timeUnixNano"])
    overview.add_line(LogRow(at, service, level, line, {"service_name": service}))


def _take_metric(overview: MemoryOverview, service: str, metric: dict[str, Any]) -> None:
    for point in metric["gauge"]["dataPoints"]:
        seconds = int(point["timeUnixNano"]) / 1e9
        overview.add_sample(metric["name"], {"service_name": service}, seconds, point["asDouble"])


_SHAPES: dict[str, tuple[Any, str, str, str]] = {
    "traces": (_take_span, "resourceSpans", "scopeSpans", "spans"),
    "logs": (_take_record, "resourceLogs", "scopeLogs", "logRecords"),
    "metrics": (_take_metric, "resourceMetrics", "scopeMetrics", "metrics"),
}

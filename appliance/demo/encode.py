"""The shop's requests as its clients would send them: OTLP traces and metrics, Loki pushes."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import orjson
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.demo.shop import ERROR, OK, SERVICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.demo.shop import Operation, Request

_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_CUMULATIVE = 2
_CPU_SHARE = 0.15  # of a request's duration; the rest waits for the database
_RUNTIME_BYTES = 31_000_000  # resident memory that is not heap


def encode_traces(requests: Sequence[Request]) -> bytes:
    """An ExportTraceServiceRequest with one resource per service."""
    message = ExportTraceServiceRequest()
    scopes = {}
    for service in SERVICES:
        resource = message.resource_spans.add()
        _fill(resource.resource.attributes, _resource(service))
        scope = resource.scope_spans.add()
        scope.scope.name = "@opentelemetry/instrumentation-http"
        scopes[service] = scope
    for request in requests:
        for operation in request.operations:
            span = scopes[operation.service].spans.add()
            span.trace_id, span.span_id = request.trace_id, operation.span_id
            span.name, span.kind = operation.name, operation.kind
            span.start_time_unix_nano = operation.start_ns
            span.end_time_unix_nano = operation.end_ns
            if operation.parent is not None:
                span.parent_span_id = operation.parent.span_id
            _fill(span.attributes, operation.attributes)
            span.status.code = ERROR if operation.error else OK
            if operation.error:
                span.status.message = operation.error
                event = span.events.add(name="exception", time_unix_nano=operation.end_ns)
                _fill(event.attributes, {"exception.message": operation.error})
    return bytes(message.SerializeToString())


def encode_logs(requests: Sequence[Request]) -> bytes:
    """A Loki push (JSON) of Pino lines, one stream per service."""
    values: dict[str, list[list[str]]] = defaultdict(list)
    for request in requests:
        for operation in request.operations:
            for line in operation.lines:
                entry = [str(line[0]), _pino(request, operation, line)]
                values[operation.service].append(entry)
    streams = [
        {"stream": {"app": "immoflowme", "service": service}, "values": sorted(entries)}
        for service, entries in values.items()
    ]
    return orjson.dumps({"streams": streams})


def _pino(
    request: Request, operation: Operation, line: tuple[int, int, str, dict[str, object]]
) -> str:
    at_ns, level, text, fields = line
    entry = {
        "level": level,
        "time": at_ns // 1_000_000,
        "pid": 1 + SERVICES.index(operation.service),
        "hostname": f"{operation.service}-1",
        "service": operation.service,
        "msg": text,
        "reqId": request.trace_id[:6].hex(),
        "trace_id": request.trace_id.hex(),
        "span_id": operation.span_id.hex(),
        **fields,
    }
    return orjson.dumps(entry).decode()


class Meter:
    """The shop's metrics, those that its dashboards use, cumulative since its start."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self._run = f"{start_ns // 1_000_000_000:x}"  # a run's counters are series of their own
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._latency: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._runs: list[float] = []
        self._invoices = 0
        self._conflicts = 0
        self._invoice_lines = 0
        self._cpu_seconds = 0.0
        self._heap = 42_000_000

    def observe(self, requests: Sequence[Request]) -> None:
        """Count requests."""
        for request in requests:
            duration = request.duration_seconds
            self._cpu_seconds += _CPU_SHARE * duration
            if request.route == "billing":
                self._runs.append(duration)
                run = request.operations[0].attributes
                self._conflicts += bool(run["billing.conflict"])
                self._invoice_lines += int(run["billing.lines"])
                continue
            self._requests[request.method, request.route, str(request.status)] += 1
            self._latency[request.method, request.route].append(duration)
            self._invoices += request.status == 201
            self._heap = 38_000_000 + (self._heap + 77_777) % 30_000_000

    def encode(self, at_ns: int, in_flight: int) -> bytes:
        """An ExportMetricsServiceRequest with every metric's value at one time."""
        message = ExportMetricsServiceRequest()
        resource = message.resource_metrics.add()
        _fill(resource.resource.attributes, _resource("storefront", self._run))
        scope = resource.scope_metrics.add()
        scope.scope.name = "shop"
        total = {_labels(key): value for key, value in self._requests.items()}
        self._sum(
            scope, "http_requests_total", "Requests by method, route and status.", total, at_ns
        )
        self._sum(
            scope, "billing_invoices_generated_total", "Invoices.", {(): self._invoices}, at_ns
        )
        self._sum(
            scope, "billing_conflicts_total", "Upsert conflicts.", {(): self._conflicts}, at_ns
        )
        lines = {(): self._invoice_lines}
        self._sum(scope, "billing_lines_upserted_total", "Invoice lines.", lines, at_ns)
        cpu = {(): self._cpu_seconds}
        self._sum(scope, "process_cpu_seconds_total", "CPU time.", cpu, at_ns)
        latency = {_labels(key): values for key, values in self._latency.items()}
        self._histogram(scope, "http_request_duration_seconds", latency, at_ns)
        self._histogram(scope, "billing_run_duration_seconds", {(): self._runs}, at_ns)
        pending = len(self._runs) % 7 + in_flight // 2
        _gauge(scope, "http_requests_in_flight", in_flight, at_ns)
        _gauge(scope, "job_queue_pending_total", pending, at_ns)
        _gauge(scope, "nodejs_heap_used_bytes", self._heap, at_ns)
        _gauge(scope, "process_resident_memory_bytes", self._heap + _RUNTIME_BYTES, at_ns)
        return bytes(message.SerializeToString())

    def _sum(
        self,
        scope: Any,
        name: str,
        text: str,
        values: dict[Any, int] | dict[Any, float],
        at_ns: int,
    ) -> None:
        metric = scope.metrics.add(name=name, description=text)
        metric.sum.aggregation_temporality = _CUMULATIVE
        metric.sum.is_monotonic = True
        for labels, value in values.items():
            point = metric.sum.data_points.add(time_unix_nano=at_ns)
            point.start_time_unix_nano = self._start_ns
            if isinstance(value, float):
                point.as_double = value
            else:
                point.as_int = value
            _fill(point.attributes, dict(labels))

    def _histogram(self, scope: Any, name: str, values: dict[Any, list[float]], at_ns: int) -> None:
        metric = scope.metrics.add(name=name, unit="s")
        metric.histogram.aggregation_temporality = _CUMULATIVE
        for labels, seconds in values.items():
            point = metric.histogram.data_points.add(time_unix_nano=at_ns)
            point.start_time_unix_nano = self._start_ns
            point.count, point.sum = len(seconds), sum(seconds)
            point.explicit_bounds.extend(_BOUNDS)
            counts = [0] * (len(_BOUNDS) + 1)
            for value in seconds:
                counts[sum(value > bound for bound in _BOUNDS)] += 1
            point.bucket_counts.extend(counts)
            _fill(point.attributes, dict(labels))


def _gauge(scope: Any, name: str, value: float, at_ns: int) -> None:
    metric = scope.metrics.add(name=name)
    metric.gauge.data_points.add(time_unix_nano=at_ns, as_double=value)


def _labels(key: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(("method", "route", "status"), key, strict=False))


def _resource(service: str, instance: str = "1") -> dict[str, str]:
    return {
        "service.name": service,
        "service.version": "1.4.2",
        "service.instance.id": f"{service}-{instance}",
        "deployment.environment": "demo",
    }


def _fill(target: Any, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        item = target.add(key=key)
        if isinstance(value, bool):
            item.value.bool_value = value
        elif isinstance(value, int):
            item.value.int_value = value
        elif isinstance(value, float):
            item.value.double_value = value
        else:
            item.value.string_value = value

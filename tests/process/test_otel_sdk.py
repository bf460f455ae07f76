"""The real OpenTelemetry SDK sends all three signals; they are read back, also after a restart."""

from __future__ import annotations

import logging
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.reading import get_json, log_lines, query, trace_spans


def send_everything(server: Appliance, transport: str, service: str) -> str:
    """One trace of two spans, two metrics, two log records; the result is the trace id."""
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
    from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    spans, metrics, logs = exporters(server, transport)
    resource = Resource.create({"service.name": service, "service.instance.id": "i-1"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    tracer = tracers.get_tracer("test.scope")
    loggers = LoggerProvider(resource=resource)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    with warnings.catch_warnings():  # it moves to another package, and is what programs use today
        warnings.simplefilter("ignore", DeprecationWarning)
        handler = LoggingHandler(logger_provider=loggers)
    log = logging.getLogger(f"sdk.{service}")
    log.addHandler(handler)
    log.propagate = False
    with tracer.start_as_current_span("parent", attributes={"k": "v", "n": 7}) as parent:
        log.warning("inside the trace")
        with tracer.start_as_current_span("child") as child:
            child.record_exception(ValueError("broken"))
    log.error("outside the trace")
    reader = PeriodicExportingMetricReader(metrics, export_interval_millis=60_000)
    meters = MeterProvider([reader], resource=resource)
    meter = meters.get_meter("test.scope")
    meter.create_counter("orders", unit="1").add(5, {"kind": "web"})
    meter.create_histogram("latency", unit="s").record(0.2)
    meters.force_flush()
    for provider in (tracers, loggers, meters):
        provider.shutdown()
    log.removeHandler(handler)
    return f"{parent.get_span_context().trace_id:032x}"


def exporters(server: Appliance, transport: str) -> tuple[Any, Any, Any]:
    if transport == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (
            OTLPMetricExporter as GrpcMetrics,
        )
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
            OTLPSpanExporter as GrpcSpans,
        )

        address: dict[str, Any] = {"endpoint": server.urls["otlp_grpc"], "insecure": True}
        return GrpcSpans(**address), GrpcMetrics(**address), GrpcLogs(**address)
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    base = server.urls["otlp_http"]
    gzip = Compression.Gzip
    return (
        OTLPSpanExporter(endpoint=f"{base}/v1/traces", compression=gzip),
        OTLPMetricExporter(endpoint=f"{base}/v1/metrics", compression=gzip),
        OTLPLogExporter(endpoint=f"{base}/v1/logs", compression=gzip),
    )


def read_everything(server: Appliance, service: str, trace_id: str, at: float) -> dict[str, Any]:
    """What the read APIs say of the service, in a form that a restart must not change."""
    jaeger = server.urls["jaeger"]
    only = {"match[]": f'{{job="{service}"}}'}  # the server scrapes itself, too
    return {
        "orders": query(server, f'orders_total{{job="{service}"}}', time=at),
        "latency": query(server, f'latency_seconds_bucket{{job="{service}"}}', time=at),
        "labels": get_json(server.urls["prometheus"] + "/api/v1/labels", **only)["data"],
        "lines": log_lines(server, f'{{service_name="{service}"}}'),
        "spans": trace_spans(server, trace_id),
        "services": get_json(jaeger + "/api/services")["data"],
        "jaeger": get_json(jaeger + f"/api/traces/{trace_id}")["data"],
        "search": get_json(jaeger + "/api/traces", service=service, limit=5)["data"],
    }


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_sdk_signals_are_read_back_at_once_and_after_a_restart(
    tmp_path: Path, transport: str
) -> None:
    service = f"shop-{transport}"
    with Appliance(tmp_path / "data") as server:
        trace_id = send_everything(server, transport, service)
        at = time.time()
        first = read_everything(server, service, trace_id, at)
    assert first["orders"][0]["value"][1] == "5"
    assert first["orders"][0]["metric"]["kind"] == "web"
    assert first["orders"][0]["metric"]["instance"] == "i-1"
    assert {row["value"][1] for row in first["latency"]} == {"0", "1"}
    assert [line for _, line in first["lines"]] == ["inside the trace", "outside the trace"]
    assert sorted(span["name"] for span in first["spans"]) == ["child", "parent"]
    assert service in first["services"]
    assert {span["operationName"] for span in first["jaeger"][0]["spans"]} == {"child", "parent"}
    assert first["search"] == first["jaeger"]
    with Appliance(tmp_path / "data") as server:
        assert read_everything(server, service, trace_id, at) == first

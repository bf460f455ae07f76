"""A program with the OpenTelemetry SDK, configured by the two lines that `appliance up` prints.

export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
python app.py
"""

from __future__ import annotations

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

resource = Resource.create({"service.name": "example-app"})
tracers = TracerProvider(resource=resource)
tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(tracers)
meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=resource)
metrics.set_meter_provider(meters)

orders = metrics.get_meter("example").create_counter("example_orders", unit="1")
with trace.get_tracer("example").start_as_current_span("place order") as span:
    span.set_attribute("order.total_eur", 42.5)
    orders.add(1, {"kind": "web"})
    print("trace", format(span.get_span_context().trace_id, "032x"))

tracers.shutdown()
meters.shutdown()

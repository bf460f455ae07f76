"""The table of listeners: name, usual port, protocol and who serves there.

Names and ports are those of `listen` in the settings; the order is that of the banner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Transport(Enum):
    """How bytes come in."""

    HTTP = "http"
    GRPC = "grpc"
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class Listener:
    """One row.

    Attributes:
        name: As in `listen.<name>` and `--listen <name>=…`.
        port: The usual port of whoever speaks this contract elsewhere.
        factory: `module:name`, to be imported when it is opened: a function that makes an HTTP
            application, the class of a gRPC server, or the component that takes UDP packets; called
            with what all listeners share and what this one needs.
        is_usual: Whether it is open when nobody says which ones to open.
        what: For the banner and the documentation.
    """

    name: str
    port: int
    transport: Transport
    factory: str
    what: str
    is_usual: bool = True


def _http(name: str, port: int, what: str, *, module: str | None = None) -> Listener:
    factory = f"appliance.api.{module or name}:make_app"
    return Listener(name, port, Transport.HTTP, factory, what)


def _grpc(name: str, port: int, what: str, factory: str) -> Listener:
    return Listener(name, port, Transport.GRPC, f"appliance.api.{factory}", what)


def _udp(name: str, port: int, what: str) -> Listener:
    return Listener(name, port, Transport.UDP, "appliance.api.udp:UdpReceiver", what)


#: Every listener there is.
LISTENERS: tuple[Listener, ...] = (
    _http("ui", 3000, "pages"),
    _http("prometheus", 9090, "Prometheus HTTP API", module="prometheus.routes"),
    _http("alertmanager", 9093, "Alertmanager API", module="alertmanager.routes"),
    _http("loki", 3100, "Loki API: push and query", module="loki.routes"),
    _http("tempo", 3200, "Tempo API", module="tempo.routes"),
    _http("jaeger", 16686, "Jaeger query API", module="jaeger.routes"),
    _grpc("otlp_grpc", 4317, "OTLP over gRPC", "otlp_grpc:OtlpGrpcServer"),
    _http("otlp_http", 4318, "OTLP over HTTP"),
    _http("pushgateway", 9091, "Pushgateway API"),
    _http("zipkin", 9411, "Zipkin spans and queries", module="zipkin.routes"),
    _http("jaeger_thrift_http", 14268, "Jaeger Thrift over HTTP"),
    _grpc("jaeger_grpc", 14250, "Jaeger spans over gRPC", "jaeger_grpc:JaegerGrpcServer"),
    _udp("jaeger_thrift_udp", 6831, "Jaeger Thrift over UDP, compact"),
    _udp("jaeger_thrift_binary_udp", 6832, "Jaeger Thrift over UDP, binary"),
    _udp("jaeger_agent_zipkin_udp", 5775, "Zipkin Thrift over UDP, compact"),
    _grpc(
        "jaeger_query_grpc",
        16685,
        "Jaeger query API over gRPC",
        "jaeger.grpc:JaegerQueryGrpcServer",
    ),
    _grpc("tempo_grpc", 9095, "Tempo API over gRPC", "tempo.grpc:TempoGrpcServer"),
    Listener(
        "otel_metrics",
        9464,
        Transport.HTTP,
        "appliance.api.otel_metrics:make_app",
        "metrics that came over OTLP, to be scraped",
        is_usual=False,
    ),
)
BY_NAME = {listener.name: listener for listener in LISTENERS}


def descriptions() -> dict[str, str]:
    """A few words on each listener, by its name."""
    return {listener.name: listener.what for listener in LISTENERS}

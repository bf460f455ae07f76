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
        factory: `module:function` that makes the application, to be imported when it is opened.
            None: the contract comes later; over HTTP only health and metrics are served.
        is_usual: Whether it is open when nobody says which ones to open.
        what: For the banner and the documentation.
    """

    name: str
    port: int
    transport: Transport
    factory: str | None
    what: str
    is_usual: bool = True


def _http(
    name: str, port: int, what: str, *, served: bool = True, module: str | None = None
) -> Listener:
    factory = f"appliance.api.{module or name}:make_app" if served else None
    return Listener(name, port, Transport.HTTP, factory, what)


#: Every listener there is.
LISTENERS: tuple[Listener, ...] = (
    _http("ui", 3000, "pages"),
    _http("prometheus", 9090, "Prometheus HTTP API", module="prometheus.routes"),
    _http("alertmanager", 9093, "Alertmanager API", served=False),
    _http("loki", 3100, "Loki API: push and query", module="loki.routes"),
    _http("tempo", 3200, "Tempo API"),
    _http("jaeger", 16686, "Jaeger query API"),
    Listener(
        "otlp_grpc",
        4317,
        Transport.GRPC,
        "appliance.api.otlp_grpc:OtlpGrpcServer",
        "OTLP over gRPC",
    ),
    _http("otlp_http", 4318, "OTLP over HTTP"),
    _http("pushgateway", 9091, "Pushgateway API"),
    _http("zipkin", 9411, "Zipkin spans", served=False),
    _http("jaeger_thrift_http", 14268, "Jaeger Thrift over HTTP", served=False),
    Listener("jaeger_thrift_udp", 6831, Transport.UDP, None, "Jaeger Thrift over UDP"),
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

"""Settings of the listeners: which, and where."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Self

from appliance.base.errors import BadInput
from appliance.config.schema import key, section

if TYPE_CHECKING:
    from appliance.config.report import Report

_OFF = {"off", "none", "false", "no"}


@dataclasses.dataclass(frozen=True, slots=True)
class Address:
    """Where a listener listens: `PORT`, `HOST:PORT` or `off`.

    Attributes:
        port: 0 means any free one.
        host: None means `listen.host`.
        is_open: Whether the listener is opened when `listen.only` is empty.
    """

    port: int
    host: str | None = None
    is_open: bool = True

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The address a setting names."""
        if text.lower() in _OFF:
            return cls(0, None, is_open=False)
        host, _, port = text.rpartition(":")
        if not port.isdecimal() or int(port) > 65535:
            raise BadInput(f"not a port: {text!r}; write PORT, HOST:PORT or off")
        return cls(int(port), host.strip("[]") or None)

    def __str__(self) -> str:
        """The text that gives this address."""
        if not self.is_open:
            return "off"
        return f"{self.host}:{self.port}" if self.host else str(self.port)


@section
class Listen:
    """Listeners by name; loopback unless said otherwise.

    Attributes:
        free_ports: Every listener takes a free port, whatever its usual one (for tests).
    """

    host: str = "127.0.0.1"
    port_offset: int = 0
    free_ports: bool = False
    only: tuple[str, ...] = key(default=(), single=True)
    ui: Address = Address(3000)
    prometheus: Address = Address(9090)
    alertmanager: Address = Address(9093)
    loki: Address = Address(3100)
    tempo: Address = Address(3200)
    jaeger: Address = Address(16686)
    otlp_grpc: Address = Address(4317)
    otlp_http: Address = Address(4318)
    pushgateway: Address = Address(9091)
    zipkin: Address = Address(9411)
    jaeger_thrift_http: Address = Address(14268)
    jaeger_grpc: Address = Address(14250)
    jaeger_thrift_udp: Address = Address(6831)
    jaeger_thrift_binary_udp: Address = Address(6832)
    jaeger_agent_zipkin_udp: Address = Address(5775)
    jaeger_query_grpc: Address = Address(16685)
    tempo_grpc: Address = Address(9095)
    otel_metrics: Address = Address(9464, is_open=False)

    def check(self, report: Report) -> None:
        """Refuse unknown names and ports beyond the last."""
        for name in self.names():
            if name not in LISTENERS:
                hint = f"one of {', '.join(LISTENERS)}"
                report.error(self, "only", f"unknown listener {name!r}", hint=hint)
        for name in LISTENERS:
            port = getattr(self, name).port
            if port and not 0 < port + self.port_offset <= 65535:
                message = f"port {port} with offset {self.port_offset} is not a port"
                report.error(self, "port_offset", message)

    def names(self) -> tuple[str, ...]:
        """The names in `only`, which may be joined by commas; none means all."""
        return tuple(name.strip() for text in self.only for name in text.split(",") if name.strip())

    def open_addresses(self) -> dict[str, tuple[str, int]]:
        """Host and port of every listener to open, `only` and `port_offset` applied."""
        found: dict[str, tuple[str, int]] = {}
        only = self.names()
        for name in LISTENERS:
            address: Address = getattr(self, name)
            if name in only or (not only and address.is_open):
                fixed = address.port and not self.free_ports
                port = address.port + self.port_offset if fixed else 0
                found[name] = (address.host or self.host, port)
        return found


#: Names of all listeners, in the order they are shown.
LISTENERS = tuple(
    field.name
    for field in dataclasses.fields(Listen)
    if field.name not in {"host", "port_offset", "free_ports", "only"}
)

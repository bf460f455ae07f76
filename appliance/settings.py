"""The whole configuration: `appliance.yml`, environment and flags (docs: reference, settings).

Precedence: flag over `APPLIANCE__SECTION__KEY` over file over default. Sections whose features come
later are accepted and kept, with a warning.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from appliance.base.errors import BadInput
from appliance.config.layers import Layers, load_layers
from appliance.config.scalars import ByteSize, Duration, Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.query.limits import QueryLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.config.load import Decoded
    from appliance.config.problem import Problem
    from appliance.config.report import Report

_DAY = 86_400_000
_OFF = {"off", "none", "false", "no"}
_QUERY = QueryLimits()


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
    jaeger_thrift_udp: Address = Address(6831)
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


@section
class PrometheusFiles:
    """`prometheus.yml` and further rule files, both unmodified."""

    config: Path | None = None
    rules: tuple[str, ...] = key(default=(), single=True)


@section
class AlertmanagerFiles:
    """`alertmanager.yml`, unmodified."""

    config: Path | None = None
    forward_to: tuple[Url, ...] = key(default=(), single=True, unavailable=True)


@section
class PromtailFiles:
    """A promtail configuration, unmodified."""

    config: Path | None = None


@section
class ByteBudget:
    """How much the disk may hold; the oldest data goes first."""

    total: ByteSize = ByteSize(20 << 30)
    metrics: ByteSize | None = None
    logs: ByteSize | None = None
    traces: ByteSize | None = None
    errors: ByteSize | None = None

    def check(self, report: Report) -> None:
        """Refuse to keep nothing at all."""
        if self.total <= 0:
            report.error(self, "total", "0 bytes keep nothing; write for example 20GB")


@section
class Ages:
    """How long each kind of data is kept; absent means as usual."""

    metrics: Duration | None = None
    logs: Duration | None = None
    traces: Duration | None = None
    errors: Duration | None = None


@section
class Retention:
    """How long and how much."""

    metrics: Duration = Duration(30 * _DAY)
    logs: Duration = Duration(90 * _DAY)
    traces: Duration = Duration(14 * _DAY)
    errors: Duration = Duration(90 * _DAY)
    audit: Duration = Duration(7 * 365 * _DAY)
    billing: Duration = Duration(10 * 365 * _DAY)
    max_bytes: ByteBudget = ByteBudget()


@section
class Tenant:
    """What differs for one tenant."""

    retention: Ages = Ages()


@section
class QuerySettings:
    """Bounds of one query."""

    timeout_seconds: float = _QUERY.timeout_seconds
    max_samples: int = _QUERY.max_samples
    max_bytes: ByteSize = ByteSize(_QUERY.max_bytes)
    max_series: int = _QUERY.max_series

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report)

    @property
    def limits(self) -> QueryLimits:
        """The same as the engines take it."""
        return QueryLimits(
            self.timeout_seconds, self.max_samples, int(self.max_bytes), self.max_series
        )


@section
class Limits:
    """Bounds of requests and of what a tenant may have; every refusal names the setting."""

    body_bytes: ByteSize = ByteSize(64 << 20)
    decompressed_bytes: ByteSize = ByteSize(256 << 20)
    header_bytes: ByteSize = ByteSize(16 << 10)
    concurrent_requests: int = 512
    labels_per_series: int = 64
    label_name_bytes: ByteSize = ByteSize(1024)
    label_value_bytes: ByteSize = ByteSize(8192)
    series_per_tenant: int = 2_000_000
    streams_per_tenant: int = 100_000
    line_bytes: ByteSize = ByteSize(256 << 10)
    query: QuerySettings = QuerySettings()

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report)


def _require_positive(section: Any, report: Report) -> None:
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if isinstance(value, int | float) and value <= 0:
            report.error(section, field.name, f"{value} lets nothing through; write 1 or more")


class Synchronous(Enum):
    """What an acknowledgement promises."""

    FULL = "full"
    NORMAL = "normal"


@section
class Storage:
    """How data goes to disk.

    Attributes:
        synchronous: `full` survives a power cut, `normal` a crash of the process.
        pending_bytes: What may wait for a signal's writer before writes are refused.
        seal_interval: How often the heads are looked over for what can be sealed.
        seal_always: Seal whatever is in a head at every look (for tests).
        cache_bytes: Decoded blocks kept in memory.
        readers: Most read connections per signal.
    """

    synchronous: Synchronous = Synchronous.FULL
    pending_bytes: ByteSize = ByteSize(128 << 20)
    seal_interval: Duration = Duration(5_000)
    seal_always: bool = False
    cache_bytes: ByteSize = ByteSize(64 << 20)
    readers: int = 8

    def check(self, report: Report) -> None:
        """Refuse what nothing could be done with."""
        for name, least in (("pending_bytes", 1 << 20), ("seal_interval", 10), ("readers", 1)):
            if getattr(self, name) < least:
                shown = {"pending_bytes": "1MiB", "seal_interval": "10ms"}.get(name, str(least))
                report.error(self, name, f"{getattr(self, name)} is too little; at least {shown}")


class LogLevel(Enum):
    """What the process logs of itself."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(Enum):
    """For people or for machines."""

    CONSOLE = "console"
    JSON = "json"


@section
class Log:
    """The process's own log, on standard error."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.CONSOLE


@section
class Auth:
    """Who may do what."""

    ui: str = key(default="none", unavailable=True)
    ingest_token: Secret | None = None


@section
class Settings:
    """Everything that can be set.

    Attributes:
        insecure_no_auth: Listen beyond loopback although no token is set.
        variables: What `${NAME}` stands for in referenced files; may hold secrets.
        file: The `appliance.yml` that was read, or None.
    """

    data: Path = Path("appliance-data")
    ephemeral: bool = False
    insecure_no_auth: bool = False
    external_url: Url | None = None
    behind_proxy: str = key(default="", unavailable=True)
    listen: Listen = Listen()
    env_file: tuple[str, ...] = key(default=(".env",), single=True)
    prometheus: PrometheusFiles = PrometheusFiles()
    alertmanager: AlertmanagerFiles = AlertmanagerFiles()
    promtail: PromtailFiles = PromtailFiles()
    retention: Retention = Retention()
    limits: Limits = Limits()
    storage: Storage = Storage()
    log: Log = Log()
    auth: Auth = Auth()
    tenants: dict[str, Tenant] = key(default_factory=dict)
    loki_rules: tuple[str, ...] = key(default=(), single=True, unavailable=True)
    dashboards: dict[str, Any] = key(default_factory=dict, unavailable=True)
    slo: tuple[str, ...] = key(default=(), single=True, unavailable=True)
    packs: tuple[str, ...] = key(default=(), single=True, unavailable=True)
    runbooks: Path | None = key(default=None, unavailable=True)
    sentry: dict[str, Any] = key(default_factory=dict, unavailable=True)
    oncall: Path | None = key(default=None, unavailable=True)
    backup: dict[str, Any] = key(default_factory=dict, unavailable=True)
    variables: dict[str, str] = key(default_factory=dict, hidden=True)
    file: Path | None = key(default=None, hidden=True)


def load(
    path: Path | None,
    *,
    flags: Mapping[str, str],
    environ: Mapping[str, str],
    directory: Path = Path(),
) -> tuple[Settings, list[Problem]]:
    """Read the settings.

    Names of files are relative to the file that gives them, elsewhere to `directory`, where
    `appliance.yml` and `prometheus.yml` are found without being named.

    Args:
        path: The file; None takes `appliance.yml` of `directory` if there is one.
        flags: Dotted key -> text.
        environ: The process's environment.
        directory: Usually the working directory.

    Returns:
        Settings (to be used only when no finding is an error) and all findings.
    """
    usual = directory / "appliance.yml"
    file = path or (usual if usual.is_file() else None)
    decoded, variables, problems = load_layers(Settings, Layers(file, flags, environ, directory))
    problems += decoded.problems
    if decoded.value is None:
        return Settings(), problems
    settings = _resolve(decoded, directory)
    return dataclasses.replace(settings, variables=variables, file=file), problems


def _resolve(decoded: Decoded[Settings], directory: Path) -> Settings:
    """Settings whose file names can be opened from the working directory."""
    settings = decoded.value or Settings()

    def based(value: object, name: str) -> Any:
        given: Path | tuple[str, ...] | None = getattr(value, name)
        origin = decoded.origin(value, name).file
        is_in_file = decoded.report.is_written(value, name) and origin == decoded.report.file
        base = Path(origin).parent if is_in_file else directory
        if isinstance(given, tuple):
            return tuple(str(base / item) for item in given)
        return None if given is None else base / given

    prometheus = settings.prometheus
    config = based(prometheus, "config")
    if config is None and (directory / "prometheus.yml").is_file():
        config = directory / "prometheus.yml"
    replace: Any = dataclasses.replace
    changed: Settings = replace(
        settings,
        data=based(settings, "data"),
        prometheus=replace(prometheus, config=config, rules=based(prometheus, "rules")),
        alertmanager=replace(settings.alertmanager, config=based(settings.alertmanager, "config")),
        promtail=replace(settings.promtail, config=based(settings.promtail, "config")),
    )
    return changed

"""The parts of `prometheus.yml` that are not about scraping (Prometheus 3, configuration).

They are decoded as strictly as the original does, so that a file is judged the same; what has no
effect yet is marked where `PrometheusConfig` names the section.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from appliance.config.http_client import HttpClientConfig, TlsConfig
from appliance.config.scalars import Duration, LabelName, Uint
from appliance.config.schema import key, section
from appliance.ingest.discovery.config import ScrapeDiscoveryConfig
from appliance.relabel import RelabelConfig

if TYPE_CHECKING:
    from appliance.config.report import Report

_LOGIN_HEADERS = {"authorization"}
_FIXED_HEADERS = {
    *("host", "content-encoding", "content-length", "content-type", "user-agent", "connection"),
    *("keep-alive", "proxy-authenticate", "proxy-authorization", "www-authenticate", "accept"),
    *("x-prometheus-remote-write-version", "x-prometheus-remote-read-version", "accept-encoding"),
}


def _check_headers(value: Any, report: Report) -> None:
    """Refuse headers that the protocol or a key of its own sets."""
    for name in value.headers:
        if name.lower() in _LOGIN_HEADERS:
            message = f"{name} header must be changed via basic_auth, authorization or oauth2"
            report.error(value, ("headers", name), message)
        elif name.lower() in _FIXED_HEADERS:
            report.error(value, ("headers", name), f"{name} is a reserved header")


@section
class QueueConfig:
    """How samples wait to be sent."""

    capacity: int = 10_000
    max_shards: int = 50
    min_shards: int = 1
    max_samples_per_send: int = 2_000
    batch_send_deadline: Duration = Duration(5_000)
    min_backoff: Duration = Duration(30)
    max_backoff: Duration = Duration(5_000)
    retry_on_http_429: bool = False
    sample_age_limit: Duration = Duration(0)


@section
class MetadataConfig:
    """Sending of metric metadata."""

    send: bool = True
    send_interval: Duration = Duration(60_000)
    max_samples_per_send: int = 2_000


class WriteMessage(Enum):
    """Versions of the remote write protocol."""

    V1 = "prometheus.WriteRequest"
    V2 = "io.prometheus.write.v2.Request"


@section
class RemoteWriteConfig(HttpClientConfig):
    """One server that gets a copy of all samples."""

    url: str = ""
    name: str = ""
    protobuf_message: WriteMessage = WriteMessage.V1
    remote_timeout: Duration = Duration(30_000)
    headers: dict[str, str] = key(default_factory=dict)
    write_relabel_configs: tuple[RelabelConfig, ...] = ()
    send_exemplars: bool = False
    send_native_histograms: bool = False
    round_robin_dns: bool = key(default=False, unavailable=True)
    queue_config: QueueConfig = QueueConfig()
    metadata_config: MetadataConfig = MetadataConfig()
    sigv4: dict[str, Any] | None = key(default=None, unavailable=True)
    azuread: dict[str, Any] | None = key(default=None, unavailable=True)
    google_iam: dict[str, Any] | None = key(default=None, unavailable=True)

    def check(self, report: Report) -> None:
        """The address, the headers and the login."""
        HttpClientConfig.check(self, report)
        if not self.url:
            report.error(self, "url", "url for remote_write is empty", code="missing-key")
        _check_headers(self, report)


@section
class RemoteReadConfig(HttpClientConfig):
    """One server that is asked along with the local store."""

    url: str = ""
    name: str = ""
    remote_timeout: Duration = Duration(60_000)
    headers: dict[str, str] = key(default_factory=dict)
    required_matchers: dict[LabelName, str] = key(default_factory=dict)
    read_recent: bool = False
    filter_external_labels: bool = True
    chunked_read_limit: Uint = Uint(50_000_000)

    def check(self, report: Report) -> None:
        """The address, the headers and the login."""
        HttpClientConfig.check(self, report)
        if not self.url:
            report.error(self, "url", "url for remote_read is empty", code="missing-key")
        _check_headers(self, report)


class TracingClient(Enum):
    """How traces are sent."""

    GRPC = "grpc"
    HTTP = "http"


@section
class TracingConfig:
    """Where Prometheus' own traces go."""

    client_type: TracingClient = TracingClient.GRPC
    endpoint: str = ""
    sampling_fraction: float = 0.0
    insecure: bool = False
    headers: dict[str, str] = key(default_factory=dict)
    http_headers: dict[str, Any] = key(default_factory=dict)
    compression: str = ""
    timeout: Duration = Duration(10_000)
    tls_config: TlsConfig = TlsConfig()

    def check(self, report: Report) -> None:
        """An endpoint must be there; only gzip compresses."""
        if not self.endpoint:
            report.error(self, "endpoint", "tracing endpoint must be set", code="missing-key")
        if self.compression not in {"", "gzip"}:
            message = f"invalid compression type {self.compression!r}; only gzip is known"
            report.error(self, "compression", message)


class TranslationStrategy(Enum):
    """How OTLP names become Prometheus names."""

    UNDERSCORE_ESCAPING_WITH_SUFFIXES = "UnderscoreEscapingWithSuffixes"
    UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES = "UnderscoreEscapingWithoutSuffixes"
    NO_UTF8_ESCAPING_WITH_SUFFIXES = "NoUTF8EscapingWithSuffixes"
    NO_TRANSLATION = "NoTranslation"


@section
class OtlpConfig:
    """How OTLP metrics are taken in."""

    promote_all_resource_attributes: bool = False
    promote_resource_attributes: tuple[str, ...] = ()
    ignore_resource_attributes: tuple[str, ...] = ()
    translation_strategy: TranslationStrategy = (
        TranslationStrategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES
    )
    keep_identifying_resource_attributes: bool = False
    convert_histograms_to_nhcb: bool = False
    promote_scope_metadata: bool = False
    label_name_underscore_sanitization: bool = True
    label_name_preserve_multiple_underscores: bool = True

    def check(self, report: Report) -> None:
        """Promoting and ignoring go with their own mode only; each name once."""
        if self.promote_all_resource_attributes and self.promote_resource_attributes:
            message = "excludes promote_all_resource_attributes"
            report.error(self, "promote_resource_attributes", message)
        if self.ignore_resource_attributes and not self.promote_all_resource_attributes:
            message = "is for use with promote_all_resource_attributes only"
            report.error(self, "ignore_resource_attributes", message)
        for field in ("promote_resource_attributes", "ignore_resource_attributes"):
            names = [name.strip() for name in getattr(self, field)]
            for index, name in enumerate(names):
                if not name or name in names[:index]:
                    problem = "empty" if not name else "duplicated"
                    report.error(self, (field, index), f"{problem} resource attribute {name!r}")


@section
class TsdbRetention:
    """How long samples are kept; our own setting is `retention.metrics`."""

    time: Duration | None = None
    size: str = ""
    percentage: float = 0.0


@section
class TsdbConfig:
    """Storage of samples; any order and age of samples is accepted here."""

    out_of_order_time_window: Duration | None = None
    stale_series_compaction_threshold: float = key(default=0.0, unavailable=True)
    retention: TsdbRetention | None = key(default=None, unavailable=True)


@section
class ExemplarsConfig:
    """Storage of exemplars."""

    max_exemplars: int = 100_000


@section
class StorageConfig:
    """What of Prometheus' storage can be set in the file."""

    tsdb: TsdbConfig = TsdbConfig()
    exemplars: ExemplarsConfig = key(default=ExemplarsConfig(), unavailable=True)


@section
class RuntimeConfig:
    """Settings of the Go runtime, which is not here."""

    gogc: int = 75


@section
class AlertmanagerTarget(ScrapeDiscoveryConfig):
    """Alertmanagers that get the alerts."""

    scheme: str = "http"
    path_prefix: str = ""
    timeout: Duration = Duration(10_000)
    api_version: str = "v2"
    sigv4: dict[str, Any] | None = key(default=None, unavailable=True)
    relabel_configs: tuple[RelabelConfig, ...] = ()
    alert_relabel_configs: tuple[RelabelConfig, ...] = ()

    def check(self, report: Report) -> None:
        """Only version 2 of the interface is left."""
        HttpClientConfig.check(self, report)
        if self.api_version != "v2":
            message = f"unknown Alertmanager api version {self.api_version!r}; only v2 is known"
            report.error(self, "api_version", message)


@section
class AlertingConfig:
    """Where alerts go."""

    alert_relabel_configs: tuple[RelabelConfig, ...] = ()
    alertmanagers: tuple[AlertmanagerTarget, ...] = ()

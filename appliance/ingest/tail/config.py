"""promtail's configuration file (Loki 3, promtail, configuration): the whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.config.http_client import HttpClientConfig, TlsConfig
from appliance.config.scalars import ByteSize, GoDuration, SecretUrl
from appliance.config.schema import key, section
from appliance.ingest.discovery.config import ScrapeDiscoveryConfig
from appliance.ingest.tail.stage_config import Stage, walk_stages
from appliance.relabel import RelabelConfig

if TYPE_CHECKING:
    from appliance.config.report import Report

_DOCKER_PATH = "/docker/containers/"


@section
class BackoffConfig:
    """How a failed push is tried again."""

    min_period: GoDuration = GoDuration(500)
    max_period: GoDuration = GoDuration(300_000)
    max_retries: int = 10


@section
class ClientConfig(HttpClientConfig):
    """A Loki that gets the entries."""

    url: SecretUrl
    name: str = ""
    headers: dict[str, str] = key(default_factory=dict)
    tenant_id: str = ""
    batchwait: GoDuration = GoDuration(1_000)
    batchsize: ByteSize = ByteSize(1 << 20)
    backoff_config: BackoffConfig = BackoffConfig()
    external_labels: dict[str, str] = key(default_factory=dict)
    timeout: GoDuration = GoDuration(10_000)
    drop_rate_limited_batches: bool = False
    stream_lag_labels: str | None = None


@section
class PositionsConfig:
    """Where it is kept how far files were read."""

    filename: str = "/var/log/positions.yaml"
    sync_period: GoDuration = GoDuration(10_000)
    ignore_invalid_yaml: bool = False


@section
class JournalConfig:
    """Entries of systemd's journal."""

    json: bool = False
    max_age: GoDuration = GoDuration(25_200_000)
    labels: dict[str, str] = key(default_factory=dict)
    path: str = ""
    matches: str = ""


@section
class SyslogConfig:
    """Messages over syslog."""

    listen_address: str = ""
    listen_protocol: str = "tcp"
    idle_timeout: GoDuration = GoDuration(120_000)
    label_structured_data: bool = False
    labels: dict[str, str] = key(default_factory=dict)
    use_incoming_timestamp: bool = False
    use_rfc5424_message: bool = False
    syslog_format: str = "rfc5424"
    max_message_length: ByteSize = ByteSize(8192)
    tls_config: TlsConfig = TlsConfig()


@section
class PushApiConfig:
    """Entries pushed to promtail itself."""

    server: dict[str, Any] = key(default_factory=dict)
    labels: dict[str, str] = key(default_factory=dict)
    use_incoming_timestamp: bool = False


@section
class DecompressionConfig:
    """Compressed files."""

    enabled: bool = False
    initial_delay: GoDuration = GoDuration(0)
    format: str = ""


@section
class TailConfig(ScrapeDiscoveryConfig):
    """One job: where lines come from and which stages they go through."""

    job_name: str = ""
    pipeline_stages: tuple[Stage, ...] = ()
    relabel_configs: tuple[RelabelConfig, ...] = ()
    journal: JournalConfig | None = key(default=None, null_is_empty=True)
    syslog: SyslogConfig | None = None
    loki_push_api: PushApiConfig | None = None
    decompression: DecompressionConfig | None = None
    encoding: str = ""
    consulagent_sd_configs: tuple[Any, ...] = key(default=(), unavailable=True)
    azure_event_hubs: dict[str, Any] | None = key(default=None, unavailable=True)
    cloudflare: dict[str, Any] | None = key(default=None, unavailable=True)
    gcplog: dict[str, Any] | None = key(default=None, unavailable=True)
    gelf: dict[str, Any] | None = key(default=None, unavailable=True)
    heroku_drain: dict[str, Any] | None = key(default=None, unavailable=True)
    kafka: dict[str, Any] | None = key(default=None, unavailable=True)
    windows_events: dict[str, Any] | None = key(default=None, unavailable=True)

    def check(self, report: Report) -> None:
        """There is a name; Docker's files hold JSON that something should unwrap."""
        HttpClientConfig.check(self, report)
        if not self.job_name:
            report.error(self, "job_name", "job_name is empty", code="missing-key")
        paths = [static.labels.get("__path__", "") for static in self.static_configs]  # type: ignore[call-overload]  # a name is a str
        names = {stage.name for stage in walk_stages(self.pipeline_stages)}
        if any(_DOCKER_PATH in path for path in paths) and not names & {"docker", "cri", "output"}:
            message = "Docker wraps every line in JSON and no stage unwraps it or sets its time"
            hint = "put `- docker: {}` first in pipeline_stages"
            report.warn(self, "pipeline_stages", message, code="docker-json", hint=hint)


@section
class LimitsConfig:
    """How fast lines may come."""

    readline_rate: float = 10_000.0
    readline_burst: int = 10_000
    readline_rate_enabled: bool = False
    readline_rate_drop: bool = True
    max_streams: int = 0
    max_line_size: ByteSize = ByteSize(0)
    max_line_size_truncate: bool = False


@section
class TargetConfig:
    """How often files are looked for."""

    sync_period: GoDuration = GoDuration(10_000)
    stdin: bool = False


@section
class FileWatchConfig:
    """How often files are looked at."""

    min_poll_frequency: GoDuration = GoDuration(250)
    max_poll_frequency: GoDuration = GoDuration(250)

    @property
    def seconds(self) -> float:
        """How often a file is looked at."""
        return max(0.01, self.min_poll_frequency.seconds)


@section
class WatchConfig:
    """Settings of all jobs."""

    file_watch: FileWatchConfig = key("file_watch_config", default=FileWatchConfig())


@section
class PromtailConfig:
    """The whole file."""

    global_config: WatchConfig = key("global", default=WatchConfig())
    server: dict[str, Any] = key(default_factory=dict)
    client: ClientConfig | None = None
    clients: tuple[ClientConfig, ...] = ()
    positions: PositionsConfig = PositionsConfig()
    scrape_configs: tuple[TailConfig, ...] = ()
    target_config: TargetConfig = TargetConfig()
    limits_config: LimitsConfig = LimitsConfig()
    options: dict[str, Any] = key(default_factory=dict)
    tracing: dict[str, Any] | None = key(default=None, unavailable=True)
    wal: dict[str, Any] | None = key(default=None, unavailable=True)

    def check(self, report: Report) -> None:
        """Names of jobs are unique."""
        seen: set[str] = set()
        for job in self.scrape_configs:
            if job.job_name in seen and job.job_name:
                message = f"found multiple scrape configs with job name {job.job_name!r}"
                report.error(job, "job_name", message)
            seen.add(job.job_name)

"""`prometheus.yml` (Prometheus 3, configuration): what is scraped, how and how often.

A file is accepted or refused as the original does it; what has no effect here yet brings a warning.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.config.document import matching_files
from appliance.config.http_client import HttpClientConfig, rebased
from appliance.config.load import Decoded, load_file
from appliance.config.problem import Problem, Severity, has_errors
from appliance.config.scalars import Duration, SizeWithUnit, Uint, Utf8Name
from appliance.config.schema import key, section
from appliance.ingest.discovery.config import ScrapeDiscoveryConfig
from appliance.ingest.discovery.static import StaticConfig
from appliance.ingest.scrape.remote_config import (
    AlertingConfig,
    OtlpConfig,
    RemoteReadConfig,
    RemoteWriteConfig,
    RuntimeConfig,
    StorageConfig,
    TracingConfig,
)
from appliance.relabel import Action, RelabelConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.config.report import Report

_DEFAULT_TIMEOUT = Duration(10_000)
_LIMITS = (
    "body_size_limit",
    "sample_limit",
    "target_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
    "keep_dropped_targets",
    "scrape_failure_log_file",
)
_SWITCHES = (
    "scrape_native_histograms",
    "always_scrape_classic_histograms",
    "convert_classic_histograms_to_nhcb",
    "extra_scrape_metrics",
)


class ScrapeProtocol(Enum):
    """Formats a target may answer in."""

    PROTO = "PrometheusProto"
    OPENMETRICS_0 = "OpenMetricsText0.0.1"
    OPENMETRICS_1 = "OpenMetricsText1.0.0"
    TEXT_0 = "PrometheusText0.0.4"
    TEXT_1 = "PrometheusText1.0.0"


#: What is asked for when nothing is configured, first the most wanted.
_TEXT_PROTOCOLS = (
    ScrapeProtocol.OPENMETRICS_1,
    ScrapeProtocol.OPENMETRICS_0,
    ScrapeProtocol.TEXT_1,
    ScrapeProtocol.TEXT_0,
)


class NameValidation(Enum):
    """Alphabets of names."""

    UTF8 = "utf8"
    LEGACY = "legacy"


class NameEscaping(Enum):
    """How names outside the classic alphabet are asked for."""

    ALLOW_UTF8 = "allow-utf-8"
    UNDERSCORES = "underscores"
    DOTS = "dots"
    VALUES = "values"


def _check_names(value: GlobalConfig | ScrapeConfig, report: Report) -> None:
    if (
        value.metric_name_validation_scheme is NameValidation.LEGACY
        and value.metric_name_escaping_scheme is NameEscaping.ALLOW_UTF8
    ):
        message = "utf8 metric names requested but validation scheme is not set to UTF8"
        report.error(value, "metric_name_escaping_scheme", message)


def _check_protocols(value: GlobalConfig | ScrapeConfig, report: Report) -> None:
    for index, protocol in enumerate(value.scrape_protocols):
        if protocol in value.scrape_protocols[:index]:
            message = f"duplicated protocol {protocol.value!r} in scrape_protocols"
            report.error(value, ("scrape_protocols", index), message)


@section
class GlobalConfig:
    """Defaults of all jobs."""

    scrape_interval: Duration = Duration(60_000)
    scrape_timeout: Duration = Duration(0)
    scrape_protocols: tuple[ScrapeProtocol, ...] = ()
    evaluation_interval: Duration = Duration(60_000)
    rule_query_offset: Duration = Duration(0)
    query_log_file: str = ""
    scrape_failure_log_file: str = ""
    external_labels: dict[Utf8Name, str] = key(default_factory=dict)
    runtime: RuntimeConfig | None = key(default=None, unavailable=True)
    body_size_limit: SizeWithUnit = SizeWithUnit(0)
    sample_limit: Uint = Uint(0)
    target_limit: Uint = Uint(0)
    label_limit: Uint = Uint(0)
    label_name_length_limit: Uint = Uint(0)
    label_value_length_limit: Uint = Uint(0)
    keep_dropped_targets: Uint = Uint(0)
    metric_name_validation_scheme: NameValidation | None = None
    metric_name_escaping_scheme: NameEscaping | None = None
    scrape_native_histograms: bool | None = None
    always_scrape_classic_histograms: bool = False
    convert_classic_histograms_to_nhcb: bool = False
    extra_scrape_metrics: bool | None = None

    def check(self, report: Report) -> None:
        """The timeout fits into the interval."""
        _check_protocols(self, report)
        _check_names(self, report)
        if self.scrape_timeout > self.interval():
            message = "global scrape timeout greater than scrape interval"
            report.error(self, "scrape_timeout", message)

    def interval(self) -> Duration:
        """Time between scrapes; 0 in the file means the default."""
        return self.scrape_interval or Duration(60_000)

    def timeout(self) -> Duration:
        """Time one scrape may take."""
        return self.scrape_timeout or min(_DEFAULT_TIMEOUT, self.interval())


@section
class ScrapeConfig(ScrapeDiscoveryConfig):
    """One job; 0 and absence mean what `global` says."""

    job_name: str = ""
    honor_labels: bool = False
    honor_timestamps: bool = True
    track_timestamps_staleness: bool = False
    params: dict[str, tuple[str, ...]] = key(default_factory=dict)
    scrape_interval: Duration = Duration(0)
    scrape_timeout: Duration = Duration(0)
    scrape_protocols: tuple[ScrapeProtocol, ...] = ()
    fallback_scrape_protocol: ScrapeProtocol | None = None
    metrics_path: str = "/metrics"
    scheme: str = "http"
    enable_compression: bool = True
    body_size_limit: SizeWithUnit = SizeWithUnit(0)
    sample_limit: Uint = Uint(0)
    target_limit: Uint = Uint(0)
    label_limit: Uint = Uint(0)
    label_name_length_limit: Uint = Uint(0)
    label_value_length_limit: Uint = Uint(0)
    keep_dropped_targets: Uint = Uint(0)
    relabel_configs: tuple[RelabelConfig, ...] = ()
    metric_relabel_configs: tuple[RelabelConfig, ...] = ()
    metric_name_validation_scheme: NameValidation | None = None
    metric_name_escaping_scheme: NameEscaping | None = None
    scrape_failure_log_file: str = ""
    scrape_native_histograms: bool | None = None
    always_scrape_classic_histograms: bool | None = None
    convert_classic_histograms_to_nhcb: bool | None = None
    native_histogram_bucket_limit: Uint = Uint(0)
    native_histogram_min_bucket_factor: float = 0.0
    extra_scrape_metrics: bool | None = None
    directory: Path = key(default=Path(), hidden=True)

    def check(self, report: Report) -> None:
        """A name, and a way to log in that makes sense."""
        HttpClientConfig.check(self, report)
        _check_protocols(self, report)
        _check_names(self, report)
        if not self.job_name:
            report.error(self, "job_name", "job_name is empty", code="missing-key")
        for index, step in enumerate(self.relabel_configs):
            path = ("relabel_configs", index, "source_labels")
            if step.action is Action.KEEP and "__name__" in step.source_labels:
                message = "targets have no __name__ yet, so nothing is kept"
                hint = "use metric_relabel_configs to choose among series"
                report.warn(self, path, message, hint=hint)

    def effective(self, defaults: GlobalConfig) -> ScrapeConfig:
        """This job with the defaults filled in."""
        interval = self.scrape_interval or defaults.interval()
        timeout = self.scrape_timeout or min(defaults.timeout(), interval)
        inherited = {name: getattr(self, name) or getattr(defaults, name) for name in _LIMITS}
        for name in _SWITCHES:
            own = getattr(self, name)
            inherited[name] = bool(getattr(defaults, name) if own is None else own)
        protocols = self.scrape_protocols or defaults.scrape_protocols
        if not protocols:
            wants_proto = inherited["scrape_native_histograms"]
            protocols = (*((ScrapeProtocol.PROTO,) if wants_proto else ()), *_TEXT_PROTOCOLS)
        scheme = self.metric_name_validation_scheme or defaults.metric_name_validation_scheme
        escaping = self.metric_name_escaping_scheme or defaults.metric_name_escaping_scheme
        is_legacy = scheme is NameValidation.LEGACY
        usual = NameEscaping.UNDERSCORES if is_legacy else NameEscaping.ALLOW_UTF8
        return dataclasses.replace(
            self,
            scrape_interval=interval,
            scrape_timeout=timeout,
            scrape_protocols=protocols,
            metric_name_validation_scheme=scheme or NameValidation.UTF8,
            metric_name_escaping_scheme=escaping or usual,
            **inherited,
        )


@section
class ScrapeConfigFile:
    """A file that `scrape_config_files` names."""

    scrape_configs: tuple[ScrapeConfig, ...] = ()


@section
class PrometheusConfig:
    """The whole file."""

    global_config: GlobalConfig = key("global", default=GlobalConfig())
    runtime: RuntimeConfig | None = key(default=None, unavailable=True)
    alerting: AlertingConfig | None = None
    rule_files: tuple[str, ...] = ()
    scrape_config_files: tuple[str, ...] = ()
    scrape_configs: tuple[ScrapeConfig, ...] = ()
    storage: StorageConfig = StorageConfig()
    tracing: TracingConfig | None = key(default=None, unavailable=True)
    remote_write: tuple[RemoteWriteConfig, ...] = ()
    remote_read: tuple[RemoteReadConfig, ...] = key(default=(), unavailable=True)
    otlp: OtlpConfig | None = None

    def check(self, report: Report) -> None:
        """Names are used once, timeouts fit."""
        check_jobs(self.scrape_configs, self.global_config, report, seen={})
        for field in ("remote_write", "remote_read"):
            names = [item.name for item in getattr(self, field)]
            for index, name in enumerate(names):
                if name and name in names[:index]:
                    message = f"found multiple {field} configs with job name {name!r}"
                    report.error(self, (field, index, "name"), message)

    def jobs(self) -> tuple[ScrapeConfig, ...]:
        """All jobs with the defaults filled in."""
        return tuple(job.effective(self.global_config) for job in self.scrape_configs)


def check_jobs(
    jobs: tuple[ScrapeConfig, ...],
    defaults: GlobalConfig,
    report: Report,
    *,
    seen: dict[str, str],
) -> None:
    """Report names used twice and timeouts that do not fit.

    Args:
        jobs: Of one file, whose findings go to `report`.
        defaults: Of the main file.
        report: The file's findings.
        seen: Job name -> where it was used; jobs are added.
    """
    for job in jobs:
        if job.job_name in seen:
            message = f"found multiple scrape configs with job name {job.job_name!r}"
            hint = f"it was used in {seen[job.job_name]}"
            report.error(job, "job_name", message, code="duplicate-name", hint=hint)
        origin = report.origin(job, "job_name")
        seen.setdefault(job.job_name, f"{origin.file}:{origin.line}")
        interval = job.scrape_interval or defaults.interval()
        if job.scrape_timeout > interval:
            message = f"scrape timeout {job.scrape_timeout} greater than scrape interval {interval}"
            report.error(job, "scrape_timeout", message)


def load_prometheus_config(
    path: Path, variables: Mapping[str, str] | None = None
) -> tuple[PrometheusConfig | None, list[Problem]]:
    """Read `prometheus.yml` and the files that `scrape_config_files` names.

    Args:
        path: The file; names in it are relative to its directory.
        variables: What `${NAME}` stands for.

    Returns:
        The configuration, None when there is an error; and all findings.
    """
    decoded = load_file(PrometheusConfig, path, variables)
    problems = list(decoded.problems)
    config = decoded.value
    if config is None:
        return None, problems
    jobs = [(path.parent, job) for job in config.scrape_configs]
    seen = {job.job_name: _place(decoded, job) for job in config.scrape_configs}
    for index, pattern in enumerate(config.scrape_config_files):
        for file in matching_files(pattern, path.parent):
            if not file.is_file():
                origin = decoded.origin(config, ("scrape_config_files", index))
                problems.append(_missing(pattern, origin))
                continue
            part = load_file(ScrapeConfigFile, file, variables)
            if part.value is not None:
                check_jobs(part.value.scrape_configs, config.global_config, part.report, seen=seen)
                jobs += [(file.parent, job) for job in part.value.scrape_configs]
            problems += part.report.problems or part.problems
    if has_errors(problems):
        return None, problems
    found = tuple(dataclasses.replace(rebased(job, base), directory=base) for base, job in jobs)
    defaults = rebased(config.global_config, path.parent)
    return dataclasses.replace(config, global_config=defaults, scrape_configs=found), problems


def _place(decoded: Decoded[PrometheusConfig], job: ScrapeConfig) -> str:
    origin = decoded.origin(job, "job_name")
    return f"{origin.file}:{origin.line}"


def _missing(pattern: str, origin: tuple[str, int, int]) -> Problem:
    message = f"{pattern!r} does not point to an existing file"
    path, code = "scrape_config_files", "reference"
    return Problem(*origin, path, message, code, Severity.WARNING)


def default_config(address: str) -> PrometheusConfig:
    """What is scraped without a `prometheus.yml`: the process itself, every 15 seconds.

    Args:
        address: `host:port` of the own `/metrics`.
    """
    targets = (StaticConfig(targets=(address,)),)
    job = ScrapeConfig(job_name="appliance", static_configs=targets)
    defaults = GlobalConfig(scrape_interval=Duration(15_000))
    return PrometheusConfig(global_config=defaults, scrape_configs=(job,))

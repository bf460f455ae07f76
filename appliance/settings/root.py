"""The root of the settings, and how they are read (docs: reference, settings).

Precedence: flag over `APPLIANCE__SECTION__KEY` over file over default. Sections whose features come
later are accepted and kept, with a warning.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.config.effective import origins_of
from appliance.config.layers import Layers, load_layers
from appliance.config.scalars import Url
from appliance.config.schema import key, section
from appliance.dashboards.config import DashboardSettings
from appliance.settings.alertmanager import AlertmanagerSettings
from appliance.settings.auth import Auth
from appliance.settings.files import LokiFiles, PromtailFiles
from appliance.settings.jaeger import JaegerSettings
from appliance.settings.limits import Limits
from appliance.settings.listen import Listen
from appliance.settings.log import Log
from appliance.settings.loki_file import read_loki_file
from appliance.settings.prometheus import PrometheusSettings
from appliance.settings.retention import Retention, Tenant
from appliance.settings.span_metrics import SpanMetricsSettings
from appliance.settings.storage import Storage
from appliance.settings.ui import UiSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.config.load import Decoded
    from appliance.config.problem import Problem


@section
class Settings:
    """Everything that can be set.

    Attributes:
        insecure_no_auth: Listen beyond loopback although no token is set.
        variables: What `${NAME}` stands for in referenced files; may hold secrets.
        file: The `appliance.yml` that was read, or None.
        origins: Where values come from, by dotted name; see `config/effective.py`.
    """

    data: Path = Path("appliance-data")
    ephemeral: bool = False
    insecure_no_auth: bool = False
    external_url: Url | None = None
    behind_proxy: str = key(default="", unavailable=True)
    listen: Listen = Listen()
    env_file: tuple[str, ...] = key(default=(".env",), single=True)
    prometheus: PrometheusSettings = PrometheusSettings()
    alertmanager: AlertmanagerSettings = AlertmanagerSettings()
    promtail: PromtailFiles = PromtailFiles()
    loki: LokiFiles = LokiFiles()
    retention: Retention = Retention()
    limits: Limits = Limits()
    storage: Storage = Storage()
    span_metrics: SpanMetricsSettings = SpanMetricsSettings()
    jaeger: JaegerSettings = JaegerSettings()
    log: Log = Log()
    ui: UiSettings = UiSettings()
    auth: Auth = Auth()
    tenants: dict[str, Tenant] = key(default_factory=dict)
    loki_rules: tuple[str, ...] = key(default=(), single=True)
    trace_rules: tuple[str, ...] = key(default=(), single=True)
    dashboards: DashboardSettings = DashboardSettings()
    slo: tuple[str, ...] = key(default=(), single=True, unavailable=True)
    packs: tuple[str, ...] = key(default=(), single=True)
    runbooks: Path | None = None
    sentry: dict[str, Any] = key(default_factory=dict, unavailable=True)
    oncall: Path | None = None
    backup: dict[str, Any] = key(default_factory=dict, unavailable=True)
    variables: dict[str, str] = key(default_factory=dict, hidden=True)
    file: Path | None = key(default=None, hidden=True)
    origins: dict[str, str] = key(default_factory=dict, hidden=True)


def load(
    path: Path | None,
    *,
    flags: Mapping[str, str],
    environ: Mapping[str, str],
    directory: Path = Path(),
) -> tuple[Settings, list[Problem]]:
    """Read the settings.

    Names of files are relative to the file that gives them, elsewhere to `directory`, where
    `appliance.yml`, `prometheus.yml`, `alertmanager.yml` and `promtail*.yml` are found without
    being named.

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
    layers = Layers(file, flags, environ, directory)
    decoded, variables, problems = load_layers(Settings, layers)
    loki = _resolve(decoded, directory).loki.config
    if loki is not None:
        base, found = read_loki_file(loki)
        layers = dataclasses.replace(layers, base=base)
        decoded, variables, problems = load_layers(Settings, layers)
        problems += found
    problems += decoded.problems
    if decoded.value is None:
        return Settings(), problems
    settings = _resolve(decoded, directory)
    found_in = origins_of(decoded)
    changes: dict[str, Any] = {"variables": variables, "file": file, "origins": found_in}
    return dataclasses.replace(settings, **changes), problems


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
    alertmanager = based(settings.alertmanager, "config")
    if alertmanager is None and (directory / "alertmanager.yml").is_file():
        alertmanager = directory / "alertmanager.yml"
    tailed = based(settings.promtail, "config")
    if tailed is None:
        found = sorted(directory.glob("promtail*.y*ml"))
        tailed = next((file for file in found if "positions" not in file.name), None)
    replace: Any = dataclasses.replace
    changed: Settings = replace(
        settings,
        data=based(settings, "data"),
        prometheus=replace(prometheus, config=config, rules=based(prometheus, "rules")),
        alertmanager=replace(settings.alertmanager, config=alertmanager),
        loki_rules=based(settings, "loki_rules"),
        trace_rules=based(settings, "trace_rules"),
        oncall=based(settings, "oncall"),
        runbooks=based(settings, "runbooks"),
        promtail=replace(settings.promtail, config=tailed),
        loki=replace(settings.loki, config=based(settings.loki, "config")),
        dashboards=replace(
            settings.dashboards,
            grafana=based(settings.dashboards, "grafana"),
            provisioning=based(settings.dashboards, "provisioning"),
        ),
    )
    return changed

"""Settings: defaults, precedence, places of errors, files beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.config.problem import Severity
from appliance.settings.listen import LISTENERS
from appliance.settings.log import LogLevel
from appliance.settings.root import Settings, load
from appliance.settings.storage import Synchronous

if TYPE_CHECKING:
    from pathlib import Path

FULL = """\
data: ./data
listen: {host: 0.0.0.0, ui: 3001, loki: "127.0.0.1:3101", jaeger: off}
env_file: [.env]
prometheus:   {config: ./prometheus.yml, rules: [./alerts/*.yml]}
alertmanager: {config: ./alertmanager.yml, forward_to: []}
promtail:     {config: ./promtail-config.yml}
loki_rules:   [./alerts/logs/*.yml]
dashboards:   {grafana: [./dashboards/**/*.json], provisioning: ./grafana/provisioning}
slo:          [./slo/*.yml]
packs:        [immoflow]
runbooks:     ./runbooks
sentry:       {projects: [{id: 1, name: shop}], scrub: [password, token, iban]}
oncall:       ./oncall.yml
retention:    {metrics: 15d, max_bytes: {total: 10GB, logs: 8GB}}
backup:       {schedule: "0 2 * * *", keep: 30d, endpoint: "${S3_ENDPOINT:-}"}
tenants:      {default: {}, acme: {retention: {logs: 30d}}}
auth:         {ui: none, ingest_token: "${OTLP_TOKEN:-}"}
"""


def load_text(
    directory: Path,
    text: str | None = None,
    *,
    flags: dict[str, str] | None = None,
    environ: dict[str, str] | None = None,
) -> tuple[Settings, list[str]]:
    if text is not None:
        (directory / "appliance.yml").write_text(text)
    settings, problems = load(None, flags=flags or {}, environ=environ or {}, directory=directory)
    return settings, [p.render() for p in problems if p.severity is Severity.ERROR]


def test_without_a_file_everything_is_the_default(tmp_path: Path) -> None:
    settings, errors = load_text(tmp_path)
    assert errors == []
    assert settings.retention.metrics == 30 * 86_400_000
    assert settings.retention.max_bytes.total == 20 << 30
    assert settings.limits.body_bytes == 64 << 20
    assert settings.storage.synchronous is Synchronous.FULL
    assert settings.data == tmp_path / "appliance-data"
    assert settings.file is None
    assert settings.prometheus.config is None
    addresses = settings.listen.open_addresses()
    assert addresses["prometheus"] == ("127.0.0.1", 9090)
    assert set(LISTENERS) - set(addresses) == {"otel_metrics"}


def test_the_whole_example_is_accepted(tmp_path: Path) -> None:
    settings, errors = load_text(tmp_path, FULL)
    assert errors == []
    addresses = settings.listen.open_addresses()
    assert addresses["ui"] == ("0.0.0.0", 3001)
    assert addresses["loki"] == ("127.0.0.1", 3101)
    assert "jaeger" not in addresses
    assert settings.prometheus.config == tmp_path / "prometheus.yml"
    assert settings.prometheus.rules == (str(tmp_path / "alerts/*.yml"),)
    assert settings.tenants["acme"].retention.logs == 30 * 86_400_000
    assert settings.sentry["projects"] == [{"id": 1, "name": "shop"}]


def test_sections_of_later_features_are_announced_as_such(tmp_path: Path) -> None:
    (tmp_path / "appliance.yml").write_text(FULL)
    _, problems = load(None, flags={}, environ={}, directory=tmp_path)
    warned = {p.path for p in problems if p.code == "not-available"}
    assert {"slo", "sentry", "backup"} <= warned
    assert not warned & {"data", "listen", "retention", "prometheus", "packs", "runbooks"}


@pytest.mark.parametrize(
    ("flags", "environ", "expected"),
    [
        ({}, {}, LogLevel.WARNING),
        ({}, {"APPLIANCE__LOG__LEVEL": "error"}, LogLevel.ERROR),
        ({"log.level": "debug"}, {"APPLIANCE__LOG__LEVEL": "error"}, LogLevel.DEBUG),
    ],
)
def test_flag_beats_environment_beats_file(
    tmp_path: Path, flags: dict[str, str], environ: dict[str, str], expected: LogLevel
) -> None:
    settings, errors = load_text(tmp_path, "log: {level: warning}", flags=flags, environ=environ)
    assert errors == []
    assert settings.log.level is expected


def test_errors_of_every_layer_name_their_place(tmp_path: Path) -> None:
    _, errors = load_text(
        tmp_path,
        "limts: {}\nlisten:\n  ui: 70000\n",
        flags={"log.level": "loud", "listen.only": "[lokii]", "a b": "1"},
        environ={"APPLIANCE__STORAGE__READERS": "many", "APPLIANCE_ADDR": "ignored"},
    )
    text = "\n".join(errors)
    assert "appliance.yml:1:1: error[unknown-key]: limts" in text
    assert "did you mean 'limits'?" in text
    assert "appliance.yml:3:7: error[bad-value]: listen.ui: not a port: '70000'" in text
    assert "--set log.level:1:1: error[bad-value]: log.level: unknown value 'loud'" in text
    assert "env APPLIANCE__STORAGE__READERS:1:1: error[wrong-kind]: storage.readers" in text
    assert "--set a b: error[bad-value]: not a dotted key" in text
    assert len(errors) == 5


def test_unknown_listener_names_bring_the_list(tmp_path: Path) -> None:
    _, (error,) = load_text(tmp_path, flags={"listen.only": "loki,lokii"})
    assert "unknown listener 'lokii'" in error
    assert "loki, tempo" in error


def test_only_and_offset_choose_ports(tmp_path: Path) -> None:
    flags = {"listen.only": "loki,otel_metrics , ui", "listen.port_offset": "1000"}
    settings, errors = load_text(tmp_path, flags=flags | {"listen.ui": "0"})
    assert errors == []
    assert settings.listen.open_addresses() == {
        "ui": ("127.0.0.1", 0),
        "loki": ("127.0.0.1", 4100),
        "otel_metrics": ("127.0.0.1", 10464),
    }


def test_a_prometheus_file_beside_is_used_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text("{}")
    settings, _ = load_text(tmp_path)
    assert settings.prometheus.config == tmp_path / "prometheus.yml"
    settings, _ = load_text(tmp_path, "prometheus: {config: other.yml}")
    assert settings.prometheus.config == tmp_path / "other.yml"


def test_a_promtail_file_beside_is_used_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "promtail-positions.yml").write_text("{}")
    assert load_text(tmp_path)[0].promtail.config is None
    (tmp_path / "promtail-config.yaml").write_text("{}")
    assert load_text(tmp_path)[0].promtail.config == tmp_path / "promtail-config.yaml"
    settings, _ = load_text(tmp_path, "promtail: {config: other.yml}")
    assert settings.promtail.config == tmp_path / "other.yml"


def test_names_are_relative_to_the_file_that_gives_them(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    path = tmp_path / "conf" / "appliance.yml"
    path.write_text("data: store\nprometheus: {config: p.yml}\n")
    flags = {"prometheus.config": "q.yml"}
    settings, _ = load(path, flags=flags, environ={}, directory=tmp_path)
    assert settings.data == tmp_path / "conf" / "store"
    assert settings.prometheus.config == tmp_path / "q.yml"


def test_env_files_give_variables_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB=file\nAPPLIANCE__LOG__LEVEL=error\n")
    settings, errors = load_text(tmp_path, "data: '${A}-${B}'", environ={"B": "environ"})
    assert errors == []
    assert settings.data == tmp_path / "file-environ"
    assert settings.log.level is LogLevel.ERROR
    assert settings.variables["A"] == "file"
    assert "variables=" not in repr(settings)


def test_a_named_env_file_must_exist(tmp_path: Path) -> None:
    _, (error,) = load_text(tmp_path, "env_file: [prod.env]")
    assert "prod.env: error[unreadable]" in error


def test_a_secret_from_the_environment_is_not_parsed(tmp_path: Path) -> None:
    settings, errors = load_text(
        tmp_path, environ={"APPLIANCE__AUTH__INGEST_TOKEN": 'a: "b ${X} #'}
    )
    assert errors == []
    assert settings.auth.ingest_token is not None
    assert settings.auth.ingest_token.reveal() == 'a: "b ${X} #'


def test_a_missing_named_file_is_an_error(tmp_path: Path) -> None:
    _, problems = load(tmp_path / "none.yml", flags={}, environ={}, directory=tmp_path)
    assert [problem.code for problem in problems] == ["unreadable"]


def test_limits_of_zero_are_refused(tmp_path: Path) -> None:
    _, (error,) = load_text(tmp_path, "limits: {concurrent_requests: 0}")
    assert "limits.concurrent_requests: 0 lets nothing through" in error


@pytest.mark.parametrize(
    "setting",
    [
        "limits.query.timeout_seconds=0", "limits.query.max_samples=-1", "limits.line_bytes=0",
        "storage.readers=0", "storage.seal_interval=0s", "storage.pending_bytes=0",
        "retention.max_bytes.total=0",
    ],
)  # fmt: skip
def test_settings_with_which_nothing_works_are_refused(tmp_path: Path, setting: str) -> None:
    name, _, value = setting.partition("=")
    _, (problem,) = load(None, flags={name: value}, environ={}, directory=tmp_path)
    assert problem.severity is Severity.ERROR
    assert name in problem.render()

"""Loki's own configuration file under our settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.check import check_all
from appliance.config.problem import Problem, has_errors
from appliance.settings.root import Settings, load

LIMITS = """\
limits_config:
  max_line_size: 512KB
  max_label_names_per_series: 20
  query_timeout: 1m30s
  retention_period: 720h
  reject_old_samples_max_age: 168h
"""


def settings_of(directory: Path, loki: str, own: str = "") -> tuple[Settings, list[Problem]]:
    (directory / "loki-config.yml").write_text(loki)
    (directory / "appliance.yml").write_text("loki: {config: loki-config.yml}\n" + own)
    return load(None, flags={}, environ={"SIZE": "1MB"}, directory=directory)


def ignored(problems: list[Problem]) -> list[tuple[int, str]]:
    assert {(problem.code, Path(problem.file).name) for problem in problems} <= {
        ("ignored", "loki-config.yml")
    }
    return [(problem.line, problem.path) for problem in problems]


def test_what_there_is_a_setting_for_is_taken_over(tmp_path: Path) -> None:
    deletes = "compactor: {retention_enabled: true}\n"

    settings, problems = settings_of(tmp_path, LIMITS + deletes)

    assert problems == []
    assert int(settings.limits.line_bytes) == 512 << 10
    assert settings.limits.logs.labels_per_stream == 20
    assert settings.limits.query.timeout_seconds == 90
    assert str(settings.retention.logs) == "30d"
    assert int(settings.limits.logs.max_age) == 7 * 86_400_000


def test_own_settings_and_flags_count_more(tmp_path: Path) -> None:
    own = "limits: {line_bytes: 1KB, logs: {metadata_count: 3}}\n"

    settings, _ = settings_of(tmp_path, LIMITS, own)

    assert int(settings.limits.line_bytes) == 1024
    assert settings.limits.logs.metadata_count == 3
    assert settings.limits.logs.labels_per_stream == 20
    flags = {"loki.config": str(tmp_path / "loki-config.yml"), "limits.line_bytes": "2KB"}
    flagged, _ = load(None, flags=flags, environ={}, directory=tmp_path / "elsewhere")
    assert int(flagged.limits.line_bytes) == 2048
    assert flagged.limits.query.timeout_seconds == 90


def test_what_has_no_effect_is_listed_with_its_line(tmp_path: Path) -> None:
    loki = (
        "auth_enabled: false\nschema_config:\n  configs: []\n"
        "compactor: {working_directory: /x}\n" + LIMITS + "  ingestion_rate_mb: 16\n"
        "  max_query_series: 0\n  volume_enabled: true\n  unordered_writes: false\n"
    )

    settings, problems = settings_of(tmp_path, loki)

    assert ignored(problems) == [
        (1, "auth_enabled"),
        (2, "schema_config"),
        (4, "compactor.working_directory"),
        (9, "limits_config.retention_period"),
        (11, "limits_config.ingestion_rate_mb"),
        (12, "limits_config.max_query_series"),
        (14, "limits_config.unordered_writes"),
    ]
    assert str(settings.retention.logs) == "90d"
    assert not has_errors(problems)


@pytest.mark.parametrize("age", ["", "  reject_old_samples_max_age: 24h\n"])
def test_any_age_is_taken_when_loki_takes_it(tmp_path: Path, age: str) -> None:
    loki = f"limits_config:\n{age}  reject_old_samples: false\n"
    assert settings_of(tmp_path, loki)[0].limits.logs.max_age == 0
    loki = f"limits_config:\n  reject_old_samples: false\n{age}"
    assert settings_of(tmp_path, loki)[0].limits.logs.max_age == 0


def test_retention_of_streams_goes_by_priority(tmp_path: Path) -> None:
    loki = (
        "compactor: {retention_enabled: true}\nlimits_config:\n  retention_stream:\n"
        "  - {selector: '{a=\"1\"}', priority: 1, period: 24h}\n"
        "  - {selector: '{a=\"2\"}', priority: 7, period: 1h30m}\n"
    )

    settings, problems = settings_of(tmp_path, loki)

    assert problems == []
    streams = [(rule.selector, int(rule.max_age)) for rule in settings.retention.streams]
    assert streams == [('{a="2"}', 5_400_000), ('{a="1"}', 86_400_000)]


def test_mistakes_are_told_where_they_stand(tmp_path: Path) -> None:
    loki = "limits_config:\n  max_line_size: ${SIZE}\n  creation_grace_period: soon\n"

    settings, problems = settings_of(tmp_path, loki)

    assert int(settings.limits.line_bytes) == 1 << 20
    assert [(problem.line, problem.code) for problem in problems] == [(3, "bad-value")]
    (tmp_path / "loki-config.yml").write_text("- a\n")
    _, problems = load(None, flags={}, environ={}, directory=tmp_path)
    assert [(problem.line, problem.code) for problem in problems] == [(1, "wrong-kind")]


def test_the_file_is_checked_alone_too(tmp_path: Path) -> None:
    file = tmp_path / "local-config.yaml"
    file.write_text("auth_enabled: false\nlimits_config: {max_line_size: big}\n")

    problems = check_all(None, [file], environ={}, directory=tmp_path)

    assert [(problem.line, problem.code) for problem in problems] == [
        (1, "ignored"),
        (2, "bad-value"),
    ]

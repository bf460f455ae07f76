"""`appliance check` reports everything at once and says it in its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli import cli

BROKEN = "scrape_configs:\n  - job_nam: a\n  - job_name: b\n    scrape_interval: often\n"


def test_all_findings_with_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text(BROKEN)
    answer = CliRunner().invoke(cli, ["check", str(file)])
    assert answer.exit_code == 1
    assert f"{file}:2:5: error" in answer.output
    assert "job_name" in answer.output
    assert f"{file}:4:22: error" in answer.output


def test_json_for_machines(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text(BROKEN)
    answer = CliRunner().invoke(cli, ["check", "--format", "json", str(file)])
    document = json.loads(answer.output)
    assert document["errors"] == len(document["problems"]) >= 2
    assert {problem["line"] for problem in document["problems"]} >= {2, 4}


def test_settings_check_what_they_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prometheus.yml").write_text(BROKEN)
    (tmp_path / "appliance.yml").write_text("prometheus: {config: prometheus.yml}\ndat: x\n")
    answer = CliRunner().invoke(cli, ["check"])
    assert answer.exit_code == 1
    assert "appliance.yml:2:1: error" in answer.output
    assert "prometheus.yml:2:5: error" in answer.output


def test_empty_settings_are_sound(tmp_path: Path) -> None:
    file = tmp_path / "appliance.yml"
    file.write_text("# nothing yet\n")
    assert CliRunner().invoke(cli, ["check", str(file)]).exit_code == 0


def test_sound_files_and_missing_files(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text("global: {scrape_interval: 15s}\n")
    assert CliRunner().invoke(cli, ["check", str(file)]).exit_code == 0
    missing = CliRunner().invoke(cli, ["check", str(tmp_path / "nothing.yml")])
    assert missing.exit_code == 2
    assert "no such file" in missing.output

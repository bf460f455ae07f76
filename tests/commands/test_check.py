"""`appliance check` reports everything at once and says it in its exit code."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

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


NESTED = (
    "groups:\n- name: g\n  rules:\n  - alert: A   # one\n    expr: up == 0\n    annotations:\n"
    "      labels:\n        severity: info\n"
)


def test_corrections_are_shown_and_written(tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(NESTED)
    dry = CliRunner().invoke(cli, ["check", "--fix", "--dry-run", str(file)])
    assert (dry.exit_code, file.read_text()) == (1, NESTED)
    assert "-      labels:\n" in dry.stderr
    assert "+    labels:\n" in dry.stderr
    done = CliRunner().invoke(cli, ["check", "--fix", str(file)])
    assert (done.exit_code, done.stdout) == (0, "0 errors, 0 warnings\n")
    assert file.read_text().endswith("    annotations:\n    labels:\n      severity: info\n")
    again = CliRunner().invoke(cli, ["check", "--fix", str(file)])
    assert (again.exit_code, again.stderr) == (0, "")


def test_writing_nothing_needs_corrections(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(NESTED)
    answer = CliRunner().invoke(cli, ["check", "--dry-run", str(tmp_path / "rules.yml")])
    assert answer.exit_code == 2


class _Server(BaseHTTPRequestHandler):
    """A Prometheus that has two metrics."""

    def do_GET(self) -> None:
        answers: dict[str, Any] = {
            "/api/v1/label/__name__/values": ["up", "jobs_total"],
            "/api/v1/metadata": {"jobs_total": [{"type": "gauge", "help": "", "unit": ""}]},
        }
        body = json.dumps({"status": "success", "data": answers[self.path.partition("?")[0]]})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_a_server_says_which_metrics_there_are(tmp_path: Path) -> None:
    rules = "[{record: a, expr: 'upp + rate(jobs_total[5m])'}]"
    (tmp_path / "rules.yml").write_text(f"groups: [{{name: g, rules: {rules}}}]\n")
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        answer = CliRunner().invoke(cli, ["check", "--live", address, str(tmp_path / "rules.yml")])
        server.shutdown()
        thread.join()
    assert answer.exit_code == 0
    assert "there is no series of 'upp'\n  help: did you mean up?" in answer.output
    assert "jobs_total is a gauge" in answer.output

"""`appliance test rules`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from appliance.cli import cli
from tests.peers import promtool3

RULES = (
    "groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {s: '{{ $value }}'}}]}]\n"
)
TESTS = """
rule_files: [rules.yml]
tests:
- name: one
  interval: 1m
  input_series: [{series: 'up{job="a"}', values: 1 0 0}]
  alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: [{exp_labels: {job: LABEL}}]}]
  promql_expr_test: [{expr: up, eval_time: 1m, exp_samples: [{labels: 'up{job="a"}', value: 1}]}]
"""
EXPECTED = """\
  FAILED:
    name: one,
    alertname: A, time: 1m,\x20
        exp:[
            0:
              Labels:{alertname="A", job="b"}
              Annotations:{}
            ],\x20
        got:[
            0:
              Labels:{alertname="A", job="a"}
              Annotations:{s="0"}
            ]
    expr: "up", time: 1m,
        exp: {__name__="up", job="a"} 1E+00
        got: {__name__="up", job="a"} 0E+00
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "t.yml").write_text(TESTS.replace("LABEL", "b"))
    (tmp_path / "empty.yml").write_text("rule_files: [rules.yml]\n")
    return tmp_path


def run(*args: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(cli, ["test", "rules", *args])
    return answer.exit_code, answer.stdout, answer.stderr


@pytest.mark.usefixtures("folder")
def test_verdicts_and_exit_codes() -> None:
    assert run("empty.yml") == (0, "Unit Testing:  empty.yml\n  SUCCESS\n\n", "")
    assert run("t.yml") == (1, "Unit Testing:  t.yml\n\n\n\n", EXPECTED)
    assert run("--run", "nothing", "t.yml")[0] == 0
    assert run("gone.yml")[2] == "  FAILED:\ncannot be read: no such file or directory\n"
    assert '"job": "b"' in run("--diff", "t.yml")[2]
    assert "DEBUG: empty.yml took" in run("--debug", "empty.yml")[2]


def test_results_for_continuous_integration(folder: Path) -> None:
    run("--junit", "out.xml", "t.yml")
    text = (folder / "out.xml").read_text()
    assert '<testsuite name="t.yml" tests="1" failures="2" errors="0"' in text


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool")
@pytest.mark.parametrize("name", ["t.yml", "empty.yml"])
def test_promtool_says_the_same(folder: Path, name: str) -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", name],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    # Prometheus 3 names the file no more, we do: there may be several.
    head = f"Unit Testing:  {name}\n" if promtool3() else ""
    assert run(name) == (done.returncode, head + done.stdout, done.stderr)


ROUTES = """\
config: am.yml
tests:
  - {name: fine, labels: {a: b}, expect: {receivers: r}}
  - {name: wrong, labels: {a: b}, expect: {receivers: s}}
"""


def test_routing_tests_report_and_fail(tmp_path: Path) -> None:
    (tmp_path / "am.yml").write_text("{route: {receiver: r}, receivers: [{name: r}]}\n")
    file, junit = tmp_path / "routes_test.yml", tmp_path / "junit.xml"
    file.write_text(ROUTES)
    answer = CliRunner().invoke(cli, ["test", "routes", "--junit", str(junit), str(file)])
    assert answer.exit_code == 1
    assert "FAILED" in answer.output
    assert "receivers: expected [s], got [r]" in answer.output
    suite = ET.parse(junit).getroot()[0]
    assert [(case.get("name"), len(case)) for case in suite] == [("fine", 0), ("wrong", 1)]
    file.write_text(ROUTES.rpartition("  - ")[0])
    passed = CliRunner().invoke(cli, ["test", "routes", str(file)])
    assert (passed.exit_code, "SUCCESS" in passed.output) == (0, True)

"""`appliance check dashboards`, and dashboards among all that is checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from tests.dashboards.building import of_query


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["check", *args])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "boards").mkdir()
    return tmp_path


def write(path: Path, expr: str = "up", **more: Any) -> None:
    path.write_bytes(orjson.dumps({**of_query(expr), **more}, option=orjson.OPT_INDENT_2))


def test_files_folders_and_exit_codes(folder: Path) -> None:
    write(folder / "boards" / "good.json", uid="good")
    answer = run("dashboards", "boards")
    assert (answer.exit_code, answer.output) == (0, "0 errors, 0 warnings\n")
    write(folder / "boards" / "bad.json", "sum(", uid="bad")
    answer = run("dashboards", "boards/bad.json")
    assert answer.exit_code == 1
    assert "boards/bad.json:" in answer.output
    assert "error[promql]: panel 1 query A: " in answer.output
    assert run("dashboards", "gone.json").exit_code == 2
    (folder / "empty").mkdir()
    assert run("dashboards", "empty").exit_code == 2


def test_remarks_fail_nothing_and_warnings_only_when_strict(folder: Path) -> None:
    write(folder / "remark.json", "rate(x[5m])")
    answer = run("dashboards", "--strict", "remark.json")
    assert (answer.exit_code, "1 remark" in answer.output) == (0, True)
    write(folder / "warning.json", "x{a='$gone'}")
    assert run("dashboards", "warning.json").exit_code == 0
    assert run("dashboards", "--strict", "warning.json").exit_code == 1
    assert run("--strict", "remark.json").exit_code == 0


def test_without_files_the_settings_say_which(folder: Path) -> None:
    assert "no dashboards are named" in run("dashboards").output
    write(folder / "boards" / "bad.json", "sum(")
    (folder / "appliance.yml").write_text("dashboards: {grafana: boards/*.json}\n")
    for answer in (run("dashboards"), run()):
        assert answer.exit_code == 1
        assert "error[promql]" in answer.output
    (folder / "other.yml").write_text("dashboards: {grafana: [nothing/*.json]}\n")
    answer = run("dashboards", "-c", "other.yml")
    assert (answer.exit_code, "no file matches" in answer.output) == (0, True)


def test_kinds_of_files_are_known_by_what_they_hold(folder: Path) -> None:
    write(folder / "any.json", "sum(")
    assert "error[promql]" in run("any.json").output
    (folder / "targets.json").write_text('[{"targets": ["a:1"]}]')
    assert run("targets.json").exit_code == 0
    provisioning = folder / "provisioning" / "dashboards"
    provisioning.mkdir(parents=True)
    file = provisioning / "all.yml"
    file.write_text("apiVersion: 1\nproviders:\n- {name: a, options: {path: /nowhere}}\n")
    answer = run(str(file))
    assert (answer.exit_code, "warning[provisioning]" in answer.output) == (0, True)


def test_two_dashboards_of_one_uid(folder: Path) -> None:
    write(folder / "boards" / "a.json")
    write(folder / "boards" / "b.json")
    answer = run("dashboards", "boards")
    assert answer.exit_code == 1
    assert "boards/b.json" in answer.output
    assert "error[duplicate-uid]" in answer.output


def test_sarif(folder: Path) -> None:
    write(folder / "bad.json", "sum(")
    write(folder / "remark.json", "rate(x[5m])", uid="r")
    answer = run("dashboards", "--format", "sarif", "bad.json", "remark.json")
    (found,) = json.loads(answer.output)["runs"]
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == ["promql", "rate-interval"]
    first, second = found["results"]
    assert (first["level"], second["level"]) == ("error", "note")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "bad.json"
    assert place["region"]["startLine"] > 1


def test_junit(folder: Path) -> None:
    write(folder / "good.json", uid="g")
    write(folder / "bad.json", "sum(", title="<&\x01>")
    answer = run("dashboards", "--format", "junit", "good.json", "bad.json")
    suite = ET.fromstring(answer.output)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert {case.get("name"): len(case) for case in suite} == {"good.json": 0, "bad.json": 1}


def test_json_for_machines(folder: Path) -> None:
    write(folder / "remark.json", "rate(x[5m])")
    document = json.loads(run("dashboards", "--format", "json", "remark.json").output)
    assert (document["errors"], document["warnings"], document["infos"]) == (0, 0, 1)


def test_metrics_that_no_server_has(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from appliance.commands import client

    answers = {"/api/v1/label/__name__/values": ["up", "upp"], "/api/v1/metadata": {}}
    asked: list[str] = []

    def get(self: client.Client, path: str, _given: object) -> Any:
        asked.append(self.address)
        return answers[path]

    monkeypatch.setattr(client.Client, "get", get)
    write(folder / "a.json", "up + uppp")
    answer = run("dashboards", "--live", "--addr", "http://x:1", "a.json")
    assert (answer.exit_code, asked) == (0, ["http://x:1"] * 2)
    assert "warning[no-series]: panel 1 query A: there is no series of 'uppp'" in answer.output
    assert "did you mean upp" in answer.output
    assert "'up'" not in answer.output
    assert "no-series" in run("--live", "http://x:1", "a.json").output

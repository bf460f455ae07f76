"""`appliance check alertmanager`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.commands.check_alertmanager import alertmanager

SOUND = "templates: ['*.tmpl']\nroute: {receiver: a}\nreceivers: [{name: a}]\n"


def test_what_a_sound_file_has_is_told_as_amtool_does(tmp_path: Path) -> None:
    path = tmp_path / "am.yml"
    path.write_text(SOUND)
    (tmp_path / "a.tmpl").write_text('{{ define "a" }}{{ end }}')
    found = CliRunner().invoke(alertmanager, [str(path)])
    assert found.exit_code == 0
    assert found.output == (
        f"Checking {str(path)!r}  SUCCESS\nFound:\n - global config\n - route\n"
        " - 0 inhibit rules\n - 1 receivers\n - 1 templates\n\n"
    )


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "am.yml"
    path.write_text("route: {receiver: a, group_by: [x, x]}\nreceivers: [{name: b}]\n")
    found = CliRunner().invoke(alertmanager, [str(path)])
    assert found.exit_code == 1
    assert f"{path}:1:9: error[reference]: route.receiver: undefined receiver 'a'" in found.output
    assert f"{path}:1:36: error[bad-value]: route.group_by[1]: duplicated label" in found.output
    assert found.output.endswith("appliance: error: failed to validate 1 file(s)\n")


def test_a_variable_that_is_not_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "am.yml"
    path.write_text("global: {slack_api_url: '${HOOK_OF_TEST}'}\n" + SOUND)
    monkeypatch.delenv("HOOK_OF_TEST", raising=False)
    found = CliRunner().invoke(alertmanager, [str(path)])
    assert found.exit_code == 1
    assert "HOOK_OF_TEST" in found.output
    monkeypatch.setenv("HOOK_OF_TEST", "http://hooks.example.org/x")
    assert CliRunner().invoke(alertmanager, [str(path)]).exit_code == 0

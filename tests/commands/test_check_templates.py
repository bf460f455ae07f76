"""`appliance check templates`."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from appliance.commands.check_templates import templates


def test_files_and_configurations(tmp_path: Path) -> None:
    sound = tmp_path / "a.tmpl"
    sound.write_text('{{ define "a" }}{{ .Status }}{{ end }}')
    config = tmp_path / "am.yml"
    config.write_text(
        "templates: ['*.tmpl']\nroute: {receiver: r}\nreceivers:\n- name: r\n  slack_configs:\n"
        "  - {api_url: 'http://x', channel: '#a', text: '{{ template \"b\" . }}'}\n"
    )
    run = CliRunner().invoke
    assert run(templates, [str(sound)]).output == "0 errors, 0 warnings\n"
    found = run(templates, [str(config)])
    assert found.exit_code == 0
    assert f"{config}:6:42: warning[template]: receivers[0].slack_configs[0].text: template" in (
        found.output
    )
    assert run(templates, ["--strict", str(config)]).exit_code == 1
    sound.write_text("{{ nope }}")
    broken = run(templates, [str(sound)])
    assert (broken.exit_code, broken.output.splitlines()[-1]) == (1, "1 error, 0 warnings")
    assert run(templates, [str(tmp_path / "none.tmpl")]).exit_code == 2


def test_the_configured_file_is_the_default(tmp_path: Path) -> None:
    (tmp_path / "appliance.yml").write_text("alertmanager: {config: am.yml}\n")
    (tmp_path / "am.yml").write_text("route: {receiver: r}\nreceivers: [{name: r}]\n")
    found = CliRunner().invoke(templates, ["-c", str(tmp_path / "appliance.yml")])
    assert (found.exit_code, found.output) == (0, "0 errors, 0 warnings\n")

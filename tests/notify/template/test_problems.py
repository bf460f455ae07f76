"""Findings about template files and receivers, with their places."""

from __future__ import annotations

from pathlib import Path

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.config.load import load_text
from appliance.config.problem import Problem
from appliance.notify.template.problems import file_problems, receiver_problems

CONFIG = """\
global: {slack_api_url: 'http://x', smtp_smarthost: 'h:25', smtp_from: a@b}
route: {receiver: r}
receivers:
- name: r
  slack_configs:
  - channel: '#a'
    title: '{{ template "t.title" . }}'
    text: '{{ template "t.title" . }}{{ .Labels.x }}{{ .Foo }}'
    fields: [{title: a, value: '{{ .Bar }}'}]
  email_configs:
  - {to: x@y, html: '<a href="{{ .ExternalURL }}'}
  telegram_configs:
  - {bot_token: t, chat_id: 1, message: '<a href="{{ .ExternalURL }}'}
  - {bot_token: t, chat_id: 1, message: '<a href="{{ .ExternalURL }}', parse_mode: ''}
  pagerduty_configs:
  - routing_key: k
    details: {x: {y: ['{{ .Zip }}']}}
"""


def shown(problems: list[Problem]) -> list[str]:
    return [problem.render() for problem in problems]


def test_texts_of_receivers(tmp_path: Path) -> None:
    file = tmp_path / "t.tmpl"
    file.write_text('{{ define "t.title" }}\n {{ .Alerts.Nope }}{{ end }}')
    decoded = load_text(AlertmanagerConfig, CONFIG, file="am.yml")
    assert decoded.value is not None
    found = shown(receiver_problems(decoded.value.receivers, [file], decoded.report))
    start = "warning[template]: receivers[0]."
    assert [line.partition(" is not a field")[0].partition(" ends in")[0] for line in found] == [
        f"am.yml:11:15: {start}email_configs[0].html: html/template:",
        f"am.yml:17:23: {start}pagerduty_configs[0].details.x.y[0]: .Zip",
        f"{file}:2:12: warning[template]: .Nope",
        f"am.yml:8:5: {start}slack_configs[0].text: .Foo",
        f"am.yml:9:25: {start}slack_configs[0].fields[0].value: .Bar",
        f"am.yml:13:32: {start}telegram_configs[0].message: html/template:",
    ]
    assert found[3].endswith("(line 1, column 45 of the text)")


def test_files_that_cannot_be_parsed_are_errors(tmp_path: Path) -> None:
    broken, sound = tmp_path / "a.tmpl", tmp_path / "b.tmpl"
    broken.write_text("\n{{ nope }}")
    sound.write_text(
        '{{ define "b" }}{{ .Foo }}{{ template "c" .Alerts }}{{ end }}'
        '{{ define "c" }}{{ range . }}{{ .Bar }}{{ end }}{{ end }}'
    )
    templates, found = file_problems([broken, sound, tmp_path / "none.tmpl"])
    assert templates.names() == ["b", "b.tmpl", "c"]
    lines = shown(found)
    assert lines[0] == f'{broken}:2:1: error[template]: function "nope" not defined'
    assert lines[1].startswith(
        f"{tmp_path}/none.tmpl: error[template]: {tmp_path}/none.tmpl: cannot"
    )
    assert [line.partition(": ")[0] for line in lines[2:]] == [f"{sound}:1:20", f"{sound}:1:94"]

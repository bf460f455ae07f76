"""Slips in templates are found before they are sent."""

from __future__ import annotations

import pytest

from appliance.notify.template.lint import lint
from appliance.notify.template.templates import NotificationTemplates

TEMPLATES = NotificationTemplates.of_text(
    '{{ define "own" }}\n{{ .Alerts.Foo }}{{ end }}{{ define "one" }}{{ .Labels.x }}{{ end }}'
)


@pytest.mark.parametrize(
    "text",
    [
        "{{ .CommonAnnotations.summary }} {{ .RouteLabels.x }} {{ .NotificationReason }}",
        '{{ range .Alerts.Firing }}{{ template "one" . }}{{ .StartsAt.Unix }}{{ end }}',
        '{{ range $i, $a := .Alerts }}{{ $a.Labels.Names.Join "," }}{{ $.Status }}{{ end }}',
        "{{ with index .Alerts 0 }}{{ range .Labels.SortedPairs }}{{ .Name }}{{ end }}{{ end }}",
        "{{ $x := .CommonLabels }}{{ $x = .GroupLabels }}{{ $x.y }}",
        '{{ (dict "a" .).a.Status }}',
        '{{ template "slack.default.title" . }}',
        "no template",
    ],
)
def test_sound_templates(text: str) -> None:
    assert lint(text, templates=TEMPLATES) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ .Annotations.summary }}",
            "1:4: .Annotations is not a field of a notification, only of its alerts: use .Common",
        ),
        ("x\n  {{ if .StartsAt }}{{ end }}", "2:9: .StartsAt is not a field of a notification"),
        ("{{ .commonLabels.x }}", "1:4: .commonLabels is not a field of the notification: did you"),
        ("{{ range .Alerts }}{{ .CommonLabels.x }}{{ end }}", "use $.CommonLabels"),
        (
            "{{ .Alerts.Labels.x }}",
            "1:11: .Labels is not a field of the list of alerts, only of each",
        ),
        ('{{ if eq .Status "never" }}{{ .Foo }}{{ end }}', "1:31: .Foo is not a field"),
        ("{{ range .CommonLabels.SortedPairs }}{{ .Key }}{{ end }}", "there are .Name, .Value"),
        ("{{ with .CommonLabels.x }}{{ .y }}{{ end }}", "1:30: .y is not a field of a text"),
        ("{{ $a := index .Alerts 0 }}{{ $a.Foo }}", "1:33: .Foo is not a field of an alert"),
        ("{{ (index .Alerts 0).Foo }}", ".Foo is not a field of an alert"),
        ("{{ range $k, $v := .CommonLabels }}{{ $v.x }}{{ end }}", ".x is not a field of a text"),
        ("{{ len .Alerts | print | .Foo }}", ".Foo is not a field of the notification"),
        ('{{ template "own" . }}', "2:11: .Foo is not a field of the list of alerts"),
        ('{{ template "one" . }}', ".Labels is not a field of a notification"),
        (
            '{{ template "slack.defualt.title" . }}',
            'template "slack.defualt.title" is not defined: did you mean slack.default.title?',
        ),
        ('{{ toupper "x" }}', '1:1: function "toupper" not defined: did you mean toUpper?'),
        ("{{ .Status", "1:1: unclosed action"),
        (
            "{{ (index .Alerts 1).Status }}",
            "error calling index: reflect: slice index out of range",
        ),
        ('{{ match "(" .Status }}', "error calling match: error parsing regexp"),
        ('{{ if eq .Status "resolved" }}{{ toUpper 5 }}{{ end }}', "expected string; found 5"),
    ],
)
def test_slips(text: str, message: str) -> None:
    found = lint(text, templates=TEMPLATES)
    assert len(found) == 1
    assert message in found[0]


def test_html_is_tried_as_html() -> None:
    text = '<a href="{{ .ExternalURL }}'
    assert lint(text, templates=TEMPLATES) == []
    assert "ends in a non-text context" in lint(text, templates=TEMPLATES, kind="html")[0]
    assert "ends in a non-text" in lint('<a href="', templates=TEMPLATES, kind="html")[0]

"""Slips in notification templates."""

from __future__ import annotations

import pytest

from appliance.notify.template_lint import find_alert_fields


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ .Annotations.summary }}", ["Annotations"]),
        ("{{- .Labels.a -}} {{ .Annotations.b }} {{ .Labels.c }}", ["Labels", "Annotations"]),
        ("{{ if .Annotations.x }}a{{ end }}", ["Annotations"]),
        ("{{ range .Alerts }}{{ .Annotations.x }}{{ end }}", []),
        (
            "{{ range .Alerts }}{{ if .Labels.y }}{{ .Labels.x }}{{ end }}{{ .Labels.z }}{{ end }}",
            [],
        ),
        ("{{ range .Alerts }}x{{ end }}{{ .Labels.y }}", ["Labels"]),
        ("{{ (index .Alerts 0).Annotations.summary }}", []),
        ("{{ with $a := index .Alerts 0 }}{{ $a.Labels.x }}{{ .Labels.y }}{{ end }}", []),
        ("{{ .CommonAnnotations.summary }} {{ .CommonLabels.x }} {{ .GroupLabels.y }}", []),
        ("no template .Annotations", []),
    ],
)
def test_fields_of_alerts_are_found_outside_of_ranges(template: str, expected: list[str]) -> None:
    assert find_alert_fields(template) == expected

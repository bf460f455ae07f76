"""Templates of files over the default ones; renderers and their fallback."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.base.errors import BadInput
from appliance.notify.integration import TemplateFailed
from appliance.notify.template.templates import NotificationTemplates, limits_for
from tests.notify.template.messages import FIRING, OVER, alert, message


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_files_replace_definitions_in_their_order(tmp_path: Path) -> None:
    one = write(
        tmp_path / "a.tmpl", '{{ define "__subject" }}one{{ end }}{{ define "x" }}1{{ end }}'
    )
    two = write(
        tmp_path / "b.tmpl", '{{ define "x" }}2{{ end }}{{ define "__description" }} {{ end }}'
    )
    renderer = NotificationTemplates([one, two]).renderer(message(FIRING))
    assert renderer.text('{{ template "slack.default.title" . }} {{ template "x" }}') == "one 2"
    assert renderer.text('{{ template "a.tmpl" }}{{ template "__description" }}') == ""


def test_a_text_may_define_its_own() -> None:
    renderer = NotificationTemplates().renderer(message(FIRING))
    assert renderer.text('{{ define "__subject" }}own{{ end }}{{ template "__subject" }}') == "own"
    assert renderer.text('{{ template "__subject" . }}') == "[FIRING:1] Down (a api)"


def test_a_loop_without_end_is_stopped_soon_where_there_are_few_alerts() -> None:
    renderer = NotificationTemplates().renderer(message(FIRING))
    for render in (renderer.text, renderer.html):
        with pytest.raises(TemplateFailed, match="more than 205000 steps"):
            render("{{ range 100000000 }}{{ end }}")


def test_the_defaults_do_for_ten_thousand_alerts() -> None:
    assert limits_for(10_000).steps >= 10_000 * 1_000
    assert limits_for(10_000).chars == 64 << 20


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    broken = write(tmp_path / "a.tmpl", "x\n{{ nope }}")
    with pytest.raises(BadInput) as caught:
        NotificationTemplates([broken])
    assert caught.value.message == f'{broken}:2: function "nope" not defined'
    with pytest.raises(BadInput, match="cannot be read"):
        NotificationTemplates([tmp_path / "none.tmpl"])


def test_texts_without_templates_stay() -> None:
    renderer = NotificationTemplates().renderer(message(FIRING))
    assert renderer.text("}} #alerts {") == "}} #alerts {"
    assert renderer.html("") == ""
    assert renderer.html("<p>{{ .CommonAnnotations.summary }}") == "<p>a is &lt;down&gt;"


def test_what_fails_is_told_in_gos_words() -> None:
    renderer = NotificationTemplates().renderer(message(FIRING))
    with pytest.raises(TemplateFailed) as caught:
        renderer.text("{{ .Annotations.summary }}", instead="x")
    assert caught.value.message == (
        'template: :1:15: executing "" at <.Annotations.summary>:'
        " can't evaluate field Annotations in type *template.Data"
    )
    assert not caught.value.is_retryable
    with pytest.raises(TemplateFailed, match="ends in a non-text context"):
        renderer.html('<a href="')


def test_a_fallback_never_fails_and_leaves_nothing_out() -> None:
    links = {"ack": "https://x/ack"}
    sent = message(FIRING, OVER, links=links)
    renderer = NotificationTemplates().renderer(sent, is_fallback=True)
    text = renderer.text("{{ .Annotations.summary }}")
    for piece in (
        *("FIRING: 1 firing, 1 resolved for alertname=Down", "Sent because: first notification"),
        *("FIRING Down since 2024-01-02 02:59:05 UTC\n", "until 2024-01-02 03:04:05 UTC"),
        *(" - instance = a\n", " - summary = b is <down>\n", "Source: http://prom:9090/graph"),
        *("http://am:9093/#/alerts?receiver=team%5C.x", "Ack: https://x/ack"),
    ):
        assert piece in text
    assert renderer.text("{{ .Nope }}", instead="#alerts") == "#alerts"
    assert renderer.text("{{ .Status }}") == "firing"
    page = renderer.html('<a href="')
    assert page.startswith("<pre>FIRING: ")
    assert "b is &lt;down&gt;" in page
    assert renderer.deep({"a": "{{ .Nope }}", "{{ .Nope }}": "b"}) == {
        "a": text,
        "{{ .Nope }}": "b",
    }


def test_a_fallback_is_bounded_and_says_what_it_leaves_out() -> None:
    many = [alert({"alertname": "Down", "i": str(n), "x": "y" * 3000}) for n in range(100)]
    renderer = NotificationTemplates().renderer(message(OVER, *many), is_fallback=True)
    text = renderer.text("{{ .Nope }}")
    assert 15_000 < len(text) <= 16_000
    assert " more alerts\n\nAll alerts: http://am:9093" in text
    assert "RESOLVED Down" not in text  # what fires comes first


def test_structures_are_rendered_within() -> None:
    renderer = NotificationTemplates().renderer(message(FIRING, OVER))
    given = {
        "n": "{{ len .Alerts }}",
        "{{ .Status }}": ["{{ .CommonLabels.job }}", 5, None],
        "first": "{{ (index .Alerts 0).Labels | toJson }}",
        5: "dropped",
    }
    assert renderer.deep(given) == {
        "n": 2,
        "firing": ["api", 5, None],
        "first": {"alertname": "Down", "instance": "a", "job": "api"},
    }


def test_data_is_that_of_webhooks() -> None:
    renderer = NotificationTemplates().renderer(message(FIRING))
    assert renderer.data["groupLabels"] == {"alertname": "Down"}
    assert renderer.data["alerts"][0]["labels"]["instance"] == "a"

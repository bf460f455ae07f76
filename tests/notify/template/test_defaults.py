"""The default definitions."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from appliance.notify.template.defaults import FILES, default_names, default_tree
from appliance.notify.template.templates import NotificationTemplates
from tests.notify.template.messages import FIRING, OVER, alert, message

TEMPLATES = NotificationTemplates()
LIST_OF = "Labels:\n - alertname = Down\n - instance = {0}\n - job = api\nAnnotations:\n - n = 1\n"
LIST_OF += " - summary = {0} is <down>\nSource: http://prom:9090/graph?g0.expr=up\n"
A, B = LIST_OF.format("a"), LIST_OF.format("b")
LINK = "http://am:9093/#/alerts?receiver=team%5C.x"


def rendered(name: str, *, kind: str = "text") -> str:
    renderer = TEMPLATES.renderer(message(FIRING, OVER))
    text = f'{{{{ template "{name}" . }}}}'
    return renderer.html(text) if kind == "html" else renderer.text(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("__subject", "[FIRING:1] Down (api)"),
        ("__description", ""),
        ("__alertmanager", "Alertmanager"),
        ("__alertmanagerURL", LINK),
        ("slack.default.fallback", f"[FIRING:1] Down (api) | {LINK}"),
        ("slack.default.color", "danger"),
        ("slack.default.text", ""),
        (
            "telegram.default.message",
            f"\n\nAlerts Firing:\n{A}\n\n\nAlerts Resolved:\n{B}\n\n",
        ),
        (
            "opsgenie.default.description",
            f"1\nAlerts Firing:\n{A}\nAlerts Resolved:\n{B}",
        ),
        ("wechat.default.agent_id", ""),
        ("jira.default.priority", ""),
    ],
)
def test_what_they_print(name: str, expected: str) -> None:
    assert rendered(name) == expected


def test_markdown_has_blank_lines_between_the_parts() -> None:
    assert rendered("msteams.default.text").startswith(
        "\n\n# Alerts Firing:\n\nLabels:\n  - alertname = Down\n"
    )


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        (["info", "critical!"], "High"),
        (["info!", "warning!", "critical"], "Medium"),
        (["info!"], "Low"),
        (["x!", "critical"], "High"),
        (["x!"], ""),
    ],
)
def test_priority_is_that_of_the_worst_that_fires(severities: list[str], expected: str) -> None:
    alerts = [
        alert({"alertname": "A", "severity": each.rstrip("!")}, fires=each.endswith("!"))
        for each in severities
    ]
    text = '{{ template "jira.default.priority" . }}'
    assert TEMPLATES.renderer(message(*alerts)).text(text) == expected


def test_every_file_can_be_parsed_and_every_definition_executed() -> None:
    names = default_names()
    assert {name.partition(".")[0] for name in names if not name.startswith("__")} == {
        *FILES - {"base"}
    }
    lists = {"__text_alert_list", "__text_alert_list_markdown", "pagerduty.default.instances"}
    for name in set(names) - lists - {"__pairs", "email.default.alert"}:
        for kind in ("text", "html"):
            rendered(name, kind=kind)
    assert default_tree("none.default.x") is default_tree("slack.default.x") is None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_mails_say_everything_and_are_sound_html() -> None:
    reader = _Reader()
    page = rendered("email.default.html", kind="html")
    reader.feed(page)
    reader.close()
    assert not reader.open
    assert len(page) < 4000
    for piece in (
        *("[FIRING:1] Down (api)", "2 alerts for alertname=Down", "View in Alertmanager"),
        *("[1] Firing", "[1] Resolved", "instance = a", "summary = b is <down>"),
    ):
        assert piece in reader.text
    assert reader.links == [LINK, *["http://prom:9090/graph?g0.expr=up"] * 2, "http://am:9093"]

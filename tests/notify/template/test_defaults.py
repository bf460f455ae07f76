"""The default definitions."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from appliance.notify.template.defaults import FILES, default_names, default_tree
from appliance.notify.template.templates import NotificationTemplates
from tests.notify.template.messages import FIRING, OVER, alert, message

if TYPE_CHECKING:
    from appliance.model.alert import Alert

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
        self.cells: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open and self.open[-1] == "td":
            self.cells.append(data)


def read(*alerts: Alert) -> tuple[_Reader, str]:
    reader = _Reader()
    page = TEMPLATES.renderer(message(*alerts)).html('{{ template "email.default.html" . }}')
    reader.feed(page)
    reader.close()
    return reader, page


def test_mails_say_everything_and_are_sound_html() -> None:
    reader, page = read(FIRING, OVER)
    assert not reader.open
    assert len(page) < 6000
    for piece in (
        *("[FIRING:1] Down (api)", "2 alerts for alertname=Down", "1 firing, 1 resolved"),
        *("View in Alertmanager", "[1] Firing", "[1] Resolved", "a is <down>", "b is <down>"),
    ):
        assert piece in reader.text
    cells = ["instance", "a", "job", "api", "n", "1", "instance", "b", "job", "api", "n", "1"]
    assert reader.cells == cells
    silence = '{alertname="Down",instance="a",job="api",}'
    assert [unquote(link) for link in reader.links] == [
        *(unquote(LINK), "http://prom:9090/graph?g0.expr=up"),
        f"http://am:9093/#/silences/new?filter={silence}",
        *("http://prom:9090/graph?g0.expr=up", "http://am:9093"),
    ]


def test_what_annotations_lead_to_is_linked_the_runbook_first() -> None:
    reader, page = read(
        alert(
            {"alertname": "A", "severity": "P0"},
            annotations={
                "dashboard_url": "https://graphs/d",
                "evil_url": "javascript:alert(1)",
                "note": "see https://x y",
                "runbook_url": "https://book/a?b=1&c=2",
            },
        )
    )
    assert reader.links[1:3] == ["https://book/a?b=1&c=2", "https://graphs/d"]
    assert ">Runbook</a>" in page
    assert ">Dashboard</a>" in page
    assert reader.cells == ["evil_url", "javascript:alert(1)", "note", "see https://x y"]


def test_who_may_acknowledge_finds_how() -> None:
    def page(*alerts: Alert) -> str:
        told = message(*alerts, links={"ack": "https://am/ack/x"})
        return TEMPLATES.renderer(told).html('{{ template "email.default.html" . }}')

    assert '<a class="go" href="https://am/ack/x">Acknowledge</a>' in page(FIRING)
    assert "Acknowledge" not in page(OVER)
    assert "Acknowledge" not in read(FIRING)[1]


@pytest.mark.parametrize(
    ("severity", "style"),
    [("critical", "crit"), ("P1", "crit"), ("page", "crit"), ("warning", "warn"), ("info", "")],
)
def test_severity_is_written_out_and_coloured(severity: str, style: str) -> None:
    _, page = read(alert({"alertname": "A", "severity": severity}))
    assert f'<div class="card {style}">' in page
    assert f'<span class="tag">{severity}</span>' in page
    _, page = read(alert({"alertname": "A", "severity": severity}, fires=False))
    assert '<div class="card done">' in page

"""Files as people have them, and what is wrong with them (`cases/`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.config.load import load_file
from appliance.ingest.scrape.config import PrometheusConfig
from appliance.ingest.tail.config import PromtailConfig
from appliance.rules.config import RuleFile

CASES = Path(__file__).parent / "cases"
_KEYS = {"SLACK_WEBHOOK_URL": "https://hooks.example/x", "SMTP_PASSWORD": "p", "PAGERDUTY_KEY": "k"}


def found(cls: type[Any], name: str, variables: dict[str, str]) -> list[tuple[int, int, str, str]]:
    problems = load_file(cls, CASES / name, variables).problems
    return [(p.line, p.column, p.code, p.hint or p.message) for p in problems]


def test_labels_nested_in_annotations_are_reported_for_each_rule() -> None:
    lines = (37, 45, 54, 66, 75, 84, 96, 105)
    hint = "move labels up 2 columns: it belongs to the rule"
    assert found(RuleFile, "s1-prometheus-rules.yml", {}) == [
        (line, 11, "wrong-kind", hint) for line in lines
    ]


def test_unset_secrets_are_named_and_nothing_follows_from_them() -> None:
    problems = found(AlertmanagerConfig, "s1-alertmanager.yml", {})
    assert [(line, code) for line, _, code, _ in problems] == [
        (4, "unset-variable"),
        (35, "unset-variable"),
        (37, "unset-variable"),
    ]
    assert "SLACK_WEBHOOK_URL" in problems[0][3]


def test_with_its_variables_the_file_is_accepted() -> None:
    assert found(AlertmanagerConfig, "s1-alertmanager.yml", _KEYS) == []


def test_an_address_without_a_scheme_is_refused_without_showing_it() -> None:
    variables = _KEYS | {"SLACK_WEBHOOK_URL": "hooks.example/secret-token"}
    (problem,) = found(AlertmanagerConfig, "s1-alertmanager.yml", variables)
    assert problem[:3] == (4, 18, "bad-value")
    assert "unsupported scheme" in problem[3]
    assert "secret-token" not in problem[3]


def test_expressions_with_a_leading_dot_and_unwrapped_docker_lines_are_reported() -> None:
    problems = found(PromtailConfig, "s1-promtail-config.yml", {})
    assert [(line, code) for line, _, code, _ in problems] == [
        (13, "docker-json"),
        (16, "bad-value"),
        (17, "bad-value"),
        (18, "bad-value"),
    ]
    assert [hint for *_, hint in problems[1:]] == [
        "write 'time'",
        "write 'log'",
        "write 'attrs.level'",
    ]


def test_fields_of_alerts_at_the_level_of_the_group_are_reported() -> None:
    variables = {"PAGERDUTY_SERVICE_KEY": "k"}
    ((line, _, code, hint),) = found(AlertmanagerConfig, "s4-alertmanager-pagerduty.yml", variables)
    assert (line, code) == (5, "template")
    assert hint.startswith("use .CommonAnnotations")


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (AlertmanagerConfig, "s4-alertmanager-slack.yml"),
        (AlertmanagerConfig, "s4-alertmanager-email.yml"),
        (RuleFile, "s4-alert-rules.yml"),
        (PrometheusConfig, "s4-prometheus.yml"),
    ],
)
def test_sound_files_are_accepted(cls: type[Any], name: str) -> None:
    assert found(cls, name, {"SMTP_USERNAME": "u", "SMTP_PASSWORD": "p"}) == []

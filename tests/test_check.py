"""Checking everything that is referred to, in one go."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from appliance.check import check_all
from appliance.config.document import compose
from appliance.config.problem import Problem, Severity
from appliance.diagnosis.kinds import Kind, detect_kind
from appliance.diagnosis.render import render_json, render_text

CASES = Path(__file__).parent / "config" / "cases"


def write(directory: Path, **files: str) -> None:
    for name, text in files.items():
        (directory / f"{name}.yml").write_text(text)


def places(problems: list[Problem]) -> list[tuple[str, int, str]]:
    return [(Path(problem.file).name, problem.line, problem.code) for problem in problems]


def test_everything_that_settings_refer_to_is_checked_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        appliance="prometheus: {config: p.yml, rules: [more*.yml]}\n"
        "alertmanager: {config: a.yml}\npromtail: {config: t.yml}\nlisten: {uii: 1}\n",
        p="rule_files: [rules.yml, none.yml, none-*.yml]\nscrape_configs: [{job_name: ''}]\n",
        rules="groups: [{name: a, rules: [{alert: x}]}]\n",
        more1="groups: [{}]\n",
        a="route: {receiver: x}\n",
        t="scrape_configs: [{job_name: t, pipeline_stages: [{jason: {}}]}]\n",
    )
    assert places(check_all(None, environ={}, directory=tmp_path)) == [
        ("appliance.yml", 4, "unknown-key"),
        ("p.yml", 2, "missing-key"),
        ("rules.yml", 1, "missing-key"),
        ("p.yml", 1, "reference"),
        ("a.yml", 1, "reference"),
        ("t.yml", 1, "unknown-key"),
        ("t.yml", 1, "bad-value"),
        ("more1.yml", 1, "missing-key"),
    ]


def test_sound_configuration_has_no_findings(tmp_path: Path) -> None:
    write(tmp_path, prometheus="rule_files: ['*.rules.yml']\n")
    write(tmp_path, **{"a.rules": "groups: [{name: a, rules: [{record: x, expr: y}]}]\n"})
    assert check_all(None, environ={}, directory=tmp_path) == []


def test_stages_of_promtail_are_tried(tmp_path: Path) -> None:
    stages = (
        "template: {source: a, template: '{{ nope }}'}",
        "json: {expressions: {a: 'b['}}",
        "timestamp: {source: a, format: Unix, location: No/Where}",
        "match: {selector: '{a=', action: drop}",
        "match: {selector: '{a=\"b\"}', stages: [{template: {source: a, template: '{{'}}]}",
        "labels: {fine: }",
    )
    body = "".join(f"  - {stage}\n" for stage in stages)
    write(tmp_path, t=f"clients: []\nscrape_configs:\n- pipeline_stages:\n{body}  job_name: t\n")

    problems = check_all(None, [tmp_path / "t.yml"], environ={}, directory=tmp_path)

    assert places(problems) == [("t.yml", line, "bad-value") for line in range(4, 9)]
    assert 'function "nope" not defined' in problems[0].message


def test_variables_come_from_the_environment_and_env_files(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_WEBHOOK_URL=https://x/y\n")
    case = CASES / "s1-alertmanager.yml"
    problems = check_all(None, [case], environ={"SMTP_PASSWORD": "p"}, directory=tmp_path)
    assert [problem.message for problem in problems] == ["the variable PAGERDUTY_KEY is not set"]


def test_named_files_are_recognised_by_their_content(tmp_path: Path) -> None:
    files = sorted(CASES.glob("s1-*.yml"))
    errors = [
        problem
        for problem in check_all(None, files, environ={}, directory=tmp_path)
        if problem.severity is Severity.ERROR
    ]
    found = {name: 0 for name, _, _ in places(errors)}
    for name, _, _ in places(errors):
        found[name] += 1
    assert found == {
        "s1-alertmanager.yml": 3,
        "s1-prometheus-rules.yml": 8,
        "s1-promtail-config.yml": 3,
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("groups: []", Kind.RULES),
        ("- alert: a\n  expr: b", Kind.RULES),
        ("- targets: [a]", Kind.TARGETS),
        ("receivers: []", Kind.ALERTMANAGER),
        ("global: {scrape_interval: 5s}", Kind.PROMETHEUS),
        ("scrape_configs: [{job_name: a, static_configs: [{targets: [a]}]}]", Kind.PROMETHEUS),
        ("scrape_configs: [{static_configs: [{labels: {__path__: x}}]}]", Kind.PROMTAIL),
        ("scrape_configs: [{journal: {}}]", Kind.PROMTAIL),
        ("clients: []", Kind.PROMTAIL),
        ("listen: {ui: 1}", Kind.SETTINGS),
        ("prometheus: {config: a}\nstorage: {}", Kind.SETTINGS),
        ("services: {}", Kind.COMPOSE),
        ("loki:\n  image: grafana/loki\n  ports: [3100]", Kind.COMPOSE),
        ("services: 1", None),
        ("text", None),
        ("", None),
    ],
)
def test_kinds_are_told_apart_by_keys(text: str, kind: Kind | None) -> None:
    assert detect_kind(compose(text, "f")[0]) is kind


def test_unknown_and_missing_files_are_findings(tmp_path: Path) -> None:
    write(tmp_path, docker="version: 1\n", broken="a: b: c\n", bare="- {alert: a, expr: b}\n")
    files = [tmp_path / f"{name}.yml" for name in ("docker", "broken", "bare", "none")]
    problems = check_all(None, files, environ={}, directory=tmp_path)
    assert [problem.code for problem in problems] == [
        "unknown-kind",
        "yaml-syntax",
        "wrong-kind",
        "unreadable",
    ]
    assert "groups:" in problems[2].hint


def test_a_file_named_twice_is_judged_once(tmp_path: Path) -> None:
    write(tmp_path, r="groups: [{}]\n")
    file = tmp_path / "r.yml"
    assert len(check_all(None, [file, file], environ={}, directory=tmp_path)) == 1


def test_findings_render_as_text_and_json() -> None:
    problems = [
        Problem("a.yml", 1, 2, "x", "wrong", "bad-value", hint="do"),
        Problem("a.yml", 3, 1, "y", "later", "not-available", Severity.WARNING),
    ]
    assert render_text(problems).splitlines() == [
        "a.yml:1:2: error[bad-value]: x: wrong",
        "  help: do",
        "a.yml:3:1: warning[not-available]: y: later",
        "1 error, 1 warning",
    ]
    document = orjson.loads(render_json(problems))
    assert (document["errors"], document["warnings"]) == (1, 1)
    assert document["problems"][0]["line"] == 1


def test_packs_rules_over_logs_and_env_files_are_checked(tmp_path: Path) -> None:
    write(
        tmp_path,
        appliance="packs: [immoflow, nope]\nloki_rules: logs.yml\nprometheus: {rules: [own.yml]}\n",
        logs='groups: [{name: a, rules: [{record: x, expr: \'rate({a="b"} | = "c" [1m])\'}]}]\n',
        own="groups: [{name: a, rules: [{alert: HighErrorRate, expr: a > 1,"
        " labels: {severity: x}}]}]\n",
    )
    (tmp_path / ".env").write_text("OTEL_EXPORTER_OTLP_ENDPOINT=http://h/v1/traces\n")
    problems = check_all(None, environ={}, directory=tmp_path)
    assert [(name, code) for name, _, code in places(problems)] == [
        ("logs.yml", "logql"),
        (".env", "otlp-path"),
        ("rules.yml", "counter-as-gauge"),
        ("appliance.yml", "reference"),
        ("rules.yml", "overlap"),
    ]
    assert "unknown pack 'nope'" in problems[3].message


def test_rules_over_traces_are_checked(tmp_path: Path) -> None:
    text = "groups: [{name: a, rules: [{record: x, expr: '{ status = error } EXPR'}]}]\n"
    write(
        tmp_path,
        appliance="trace_rules: named.yml\n",
        named=text.replace("EXPR", ""),
        direct=text.replace("EXPR", "| rate() by ("),
    )
    named = check_all(None, environ={}, directory=tmp_path)
    direct = check_all(None, [tmp_path / "direct.yml"], environ={}, directory=tmp_path)
    assert [(name, code) for name, _, code in places([*named, *direct])] == [
        ("named.yml", "traceql"),
        ("direct.yml", "traceql"),
    ]


def test_the_routing_of_a_pack_is_checked_when_its_variables_are_set(tmp_path: Path) -> None:
    write(tmp_path, appliance="packs: [immoflow]\n")
    keys = {"PAGERDUTY_ROUTING_KEY": "k", "TICKET_WEBHOOK_URL": "http://t/"}

    def codes(**more: str) -> list[str]:
        problems = check_all(None, environ=keys | more, directory=tmp_path)
        return [problem.code for problem in problems]

    assert codes() == codes(SLACK_WEBHOOK_URL="https://h/x") == ["counter-as-gauge"]
    assert codes(SLACK_WEBHOOK_URL="no address") == ["counter-as-gauge", "bad-value"]

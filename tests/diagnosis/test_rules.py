"""Alerts need what people who are paged need."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.problem import Problem, Severity
from appliance.diagnosis.rules import is_of_logs, is_of_traces, lint_rules

RUNBOOK = "annotations: {runbook_url: http://x}"


def lint(tmp_path: Path, rule: str, labels: str = "{}") -> list[tuple[str, Severity]]:
    file = tmp_path / "r.yml"
    file.write_text(f"groups: [{{name: g, labels: {labels}, rules: [{{{rule}}}]}}]\n")
    return [(problem.code, problem.severity) for problem in lint_rules(file, [])]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("alert: A, expr: up == 0", ["no-severity"]),
        ("alert: A, expr: up == 0, labels: {severity: warning}", []),
        ("alert: A, expr: up == 0, labels: {severity: P1}", ["no-runbook"]),
        ("alert: A, expr: up == 0, labels: {severity: critical}", ["no-runbook"]),
        (f"alert: A, expr: up == 0, labels: {{severity: P0}}, {RUNBOOK}", []),
        ("record: a, expr: b_total > 1", []),
        ("alert: A, expr: 'up =='", ["no-severity"]),
    ],
)
def test_severity_and_runbook(tmp_path: Path, rule: str, expected: list[str]) -> None:
    assert [code for code, _ in lint(tmp_path, rule)] == expected


def test_labels_of_the_group_count(tmp_path: Path) -> None:
    assert lint(tmp_path, "alert: A, expr: up == 0", "{severity: info}") == []


def test_packs_must_have_runbooks_for_what_pages(tmp_path: Path) -> None:
    rule = "alert: A, expr: up == 0, labels: {severity: P0}"
    assert lint(tmp_path, rule) == [("no-runbook", Severity.WARNING)]
    (tmp_path / "pack.yml").touch()
    assert lint(tmp_path, rule) == [("no-runbook", Severity.ERROR)]


def test_what_is_broken_otherwise_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "r.yml"
    file.write_text("groups: [{name: g, rules: [{alert: A, expr: x_total > 1}]}]\n")

    def codes(path: str) -> list[str]:
        known = [Problem(str(file), 1, 1, path, "wrong", "x")] if path else []
        return [problem.code for problem in lint_rules(file, known)]

    assert codes("") == ["counter-as-gauge", "no-severity"]
    assert codes("groups[0].rules[0].annotations.labels") == ["counter-as-gauge"]
    assert codes("groups[0].rules[0].expr") == []
    assert codes("groups[0].rules[1].expr") == codes("")


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ('sum(rate({app="a"} |= "x" [1m])) > 1', True),
        ('sum(rate({app="a"} | = "x" [1m])) > 1', True),
        ('count_over_time({app="a"} != "x" [1m]) > 1', True),
        ('{__name__="a"} > 1', False),
        ('rate({__name__="a"}[5m]) > 1', False),
    ],
)
def test_rules_over_logs_are_told_by_their_pipelines(
    tmp_path: Path, expr: str, *, expected: bool
) -> None:
    file = tmp_path / "r.yml"
    file.write_text(f"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: '{expr}'\n")
    assert is_of_logs(file) is expected


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("{ status = error } | rate() by (resource.service.name) > 1", True),
        ("{ } | quantile_over_time(duration, .9)", True),
        ('sum(rate({app="a"} | json [1m])) > 1', False),
        ("rate(x[5m])", False),
    ],
)
def test_rules_over_traces_are_told_by_their_functions(
    tmp_path: Path, expr: str, *, expected: bool
) -> None:
    file = tmp_path / "r.yml"
    file.write_text(f"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: '{expr}'\n")
    assert is_of_traces(file) is expected

"""Files as people have them: each defect is told with its line, and corrected where that is clear.

`config/cases` and `diagnosis/cases` hold parts of such files, as they are.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.check import check_all
from appliance.config.problem import Problem
from appliance.diagnosis.fixes import fixed

HERE = Path(__file__).parent
CONFIG = HERE.parent / "config" / "cases"
CASES = HERE / "cases"
KEYS = {
    "SLACK_WEBHOOK_URL": "https://hooks.example/x",
    "SMTP_USERNAME": "u",
    "SMTP_PASSWORD": "p",
    "PAGERDUTY_KEY": "k",
    "PAGERDUTY_SERVICE_KEY": "k",
}


def check(path: Path, **environ: str) -> list[Problem]:
    return check_all(None, [path], environ=environ, directory=path.parent / "none")


def told(problems: list[Problem]) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in problems]


def after_fix(path: Path, tmp_path: Path) -> tuple[str, list[Problem]]:
    text = path.read_text()
    copy = tmp_path / path.name
    copy.write_text(fixed(str(path), text, check(path, **KEYS)))
    return copy.read_text(), check(copy, **KEYS)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            CONFIG / "s1-prometheus-rules.yml",
            [
                *((line, "wrong-kind") for line in (37, 45, 54, 66, 75, 84, 96, 105)),
                (6, "no-runbook"),
                (41, "absolute-percent"),
                (91, "counter-as-gauge"),
            ],
            [
                (6, "no-runbook"),
                (41, "absolute-percent"),
                (48, "no-runbook"),
                (78, "no-runbook"),
                (91, "counter-as-gauge"),
            ],
        ),
        (CONFIG / "s4-alert-rules.yml", [(5, "no-absent"), (4, "no-runbook")], None),
        (CONFIG / "s4-alertmanager-pagerduty.yml", [(5, "template")], []),
        (
            CONFIG / "s1-promtail-config.yml",
            [
                (13, "docker-json"),
                (16, "bad-value"),
                (17, "bad-value"),
                (18, "bad-value"),
                (32, "log-format"),
                (35, "label-values"),
            ],
            [(40, "label-values")],
        ),
        (CASES / "s1-runbook.md", [(18, "logql")], []),
        (CASES / "s1-loki-queries.md", [(8, "logql")], None),
        (CASES / "s3-environment.sh", [(1, "otlp-path")], []),
        (CASES / "s1-jaeger-compose.yml", [(5, "not-published")], None),
        (CONFIG / "s1-alertmanager.yml", [], None),
        (CONFIG / "s4-alertmanager-slack.yml", [], None),
        (CONFIG / "s4-alertmanager-email.yml", [], None),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_defects_are_told_and_corrected(
    tmp_path: Path,
    path: Path,
    before: list[tuple[int, str]],
    after: list[tuple[int, str]] | None,
) -> None:
    problems = check(path, **KEYS)
    assert told(problems) == before
    assert all(problem.hint for problem in problems)
    text, left = after_fix(path, tmp_path)
    assert told(left) == (before if after is None else after)
    assert (text == path.read_text()) is (after is None)


def test_unset_variables_are_named() -> None:
    messages = [problem.message for problem in check(CONFIG / "s1-alertmanager.yml")]
    names = ("SLACK_WEBHOOK_URL", "SMTP_PASSWORD", "PAGERDUTY_KEY")
    assert messages == [f"the variable {name} is not set" for name in names]


def test_contradictions_between_rule_files_are_told() -> None:
    files = [
        HERE.parents[1] / "data" / "packs" / "immoflow" / "rules.yml",
        CONFIG / "s1-prometheus-rules.yml",
        CONFIG / "s4-alert-rules.yml",
    ]
    problems = check_all(None, files, environ={}, directory=HERE / "none")
    overlaps = {
        problem.message.partition(" is also in ")[0]: problem.message
        for problem in problems
        if problem.code == "overlap"
    }
    assert sorted(overlaps) == ["alert 'BackupFailed'", "alert 'HighErrorRate'"]
    assert "with another condition" in overlaps["alert 'HighErrorRate'"]

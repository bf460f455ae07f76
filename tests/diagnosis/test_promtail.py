"""Stages are tried on a line of the format they are likely to meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.load import load_text
from appliance.diagnosis.promtail import COMBINED, lint_promtail, misread
from appliance.ingest.tail.config import PromtailConfig

CONFIG = """\
scrape_configs:
- job_name: n
  static_configs: [{{labels: {{__path__: {path}}}}}]
  pipeline_stages:
  - regex: {{expression: '{expression}'}}
  - labels: {{{labels}: }}
"""


def lint(
    expression: str, *, path: str = "/var/log/nginx/access.log", labels: str = "a"
) -> list[str]:
    text = CONFIG.format(path=path, expression=expression, labels=labels)
    decoded = load_text(PromtailConfig, text, file="t.yml", variables={})
    assert decoded.ok
    return [problem.message for problem in lint_promtail(decoded)]


def test_the_proposed_expression_reads_the_usual_format() -> None:
    assert misread(COMBINED) == {}


def test_an_expression_that_takes_the_wrong_words_is_told_with_what_it_gets() -> None:
    (message,) = lint(r"^(?P<ip>\S+) (?P<method>\S+) (?P<path>\S+) (?P<status>\S+)")
    assert message.endswith("gives method='-', path='-', status='[10/Oct/2025:13:55:36'")


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        (COMBINED.replace("'", "''"), "/var/log/nginx/access.log"),
        (r"^(?P<method>\S+) own format", "/var/log/nginx/access.log"),
        (r"^(?P<method>\S+)", "/var/log/app.log"),
        (r"^(?P<word>\S+)", "/var/log/nginx/access.log"),
    ],
)
def test_expressions_that_fit_or_cannot_be_judged(expression: str, path: str) -> None:
    assert lint(expression, path=path) == []


def test_labels_with_a_value_for_each_line_are_told() -> None:
    assert "many values" in lint("(?P<a>x)", labels="request_id", path="/x")[0]
    assert lint("(?P<a>x)", labels="level", path="/x") == []


def test_a_broken_file_has_no_stages_to_judge(tmp_path: Path) -> None:
    assert lint_promtail(load_text(PromtailConfig, "a: [", file=str(tmp_path), variables={})) == []

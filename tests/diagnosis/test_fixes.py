"""Corrections change what is wrong and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from appliance.check import check_all
from appliance.diagnosis.fixes import fixed


def fix(tmp_path: Path, name: str, text: str) -> str:
    file = tmp_path / name
    file.write_text(text, newline="")
    problems = check_all(None, [file], environ={}, directory=tmp_path / "none")
    return fixed(str(file), text, problems)


RULE = """\
groups:
- name: g
  rules:
  # the first
  - alert: A
    expr: up == 0
    annotations:   # for people
      summary: "it is down"
      labels:      # not here
        severity: page   # wakes up

        team: ops
      description: >
        two
        lines
    for: 5m
"""


def test_a_block_in_the_middle_goes_behind_its_mapping(tmp_path: Path) -> None:
    assert fix(tmp_path, "r.yml", RULE) == RULE.replace(
        """\
      labels:      # not here
        severity: page   # wakes up

        team: ops
""",
        "",
    ).replace(
        "    for: 5m\n",
        """\
    labels:      # not here
      severity: page   # wakes up

      team: ops
    for: 5m
""",
    )


def test_the_result_means_the_same_with_the_block_moved(tmp_path: Path) -> None:
    before, after = (
        yaml.safe_load(text)["groups"][0]["rules"][0]
        for text in (RULE, fix(tmp_path, "r.yml", RULE))
    )
    before["labels"] = before["annotations"].pop("labels")
    assert after == before


def test_a_file_without_a_last_line_end(tmp_path: Path) -> None:
    text = RULE.partition("    for:")[0].replace(
        "description: >\n        two\n        lines", "z: 1"
    )
    done = yaml.safe_load(fix(tmp_path, "r.yml", text.rstrip("\n")))["groups"][0]["rules"][0]
    assert done["labels"] == {"severity": "page", "team": "ops"}
    assert done["annotations"] == {"summary": "it is down", "z": 1}


def test_line_ends_stay(tmp_path: Path) -> None:
    text = RULE.replace("\n", "\r\n")
    done = fix(tmp_path, "r.yml", text)
    assert done.count("\r\n") == done.count("\n") == text.count("\n")
    assert done != text


@pytest.mark.parametrize(
    "text",
    [
        RULE.replace("    for: 5m\n", "    labels: {a: b}\n"),  # there is one already
        "groups: [{name: g, rules: [{alert: A, expr: up, annotations: {labels: {a: b}}}]}]\n",
        RULE.replace("labels:", "other:"),
    ],
)
def test_what_is_not_clear_is_left(tmp_path: Path, text: str) -> None:
    assert fix(tmp_path, "r.yml", text) == text


NOTIFIER = """\
route: {{receiver: r}}
receivers:
- name: r
  webhook_configs:
  - url: http://h/
  pagerduty_configs:
  - routing_key: k   # Ä
    description: {}
"""


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("'{{ .Labels.a }}'", "'{{ .CommonLabels.a }}'"),
        (
            '"é {{ .Annotations.a }}\\n{{.Labels.b}}"',
            '"é {{ .CommonAnnotations.a }}\\n{{.CommonLabels.b}}"',
        ),
        (
            "'{{if .Labels.a}}{{range .Alerts}}{{.Labels.b}}{{end}}{{.Labels}}{{end}}'",
            "'{{if .CommonLabels.a}}{{range .Alerts}}{{.Labels.b}}{{end}}{{.CommonLabels}}{{end}}'",
        ),
        (
            "|\n      a .Labels\n      {{ .Labels.b }}",
            "|\n      a .Labels\n      {{ .CommonLabels.b }}",
        ),
    ],
)
def test_fields_of_alerts_become_common_ones(tmp_path: Path, template: str, expected: str) -> None:
    assert fix(tmp_path, "a.yml", NOTIFIER.format(template)) == NOTIFIER.format(expected)


STAGES = """\
scrape_configs:
- job_name: docker
  static_configs: [{{labels: {{__path__: /var/lib/docker/containers/*/*-json.log}}}}]
  pipeline_stages:
{}"""


def test_docker_lines_that_no_stage_reads_get_the_docker_stage(tmp_path: Path) -> None:
    stages = "  # first\n  - labels:\n      stream:\n"
    assert fix(tmp_path, "t.yml", STAGES.format(stages)) == STAGES.format(
        "  # first\n  - docker: {}\n  - labels:\n      stream:\n"
    )


def test_time_and_line_are_taken_from_what_json_reads(tmp_path: Path) -> None:
    stages = "  - json:\n      expressions:\n        at: time\n        log:\n"
    done = yaml.safe_load(fix(tmp_path, "t.yml", STAGES.format(stages.rstrip("\n"))))
    assert done["scrape_configs"][0]["pipeline_stages"][1:] == [
        {"timestamp": {"source": "at", "format": "RFC3339Nano"}},
        {"output": {"source": "log"}},
    ]


def test_expressions_with_other_groups_are_only_told(tmp_path: Path) -> None:
    text = (
        "scrape_configs:\n- job_name: n\n"
        "  static_configs: [{labels: {__path__: /var/log/nginx/access.log}}]\n"
        "  pipeline_stages:\n"
        r"  - regex: {expression: '^(?P<host>\S+) (?P<method>\S+)'}" + "\n"
    )
    assert fix(tmp_path, "t.yml", text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{a="b"} | = "5"', '{a="b"} |= "5"'),
        ('{a="b"} | ~ "x" ! = "y"', '{a="b"} |~ "x" != "y"'),
    ],
)
def test_filters_written_in_two_are_joined(tmp_path: Path, before: str, after: str) -> None:
    head = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n"
    rules = f"{head}      count_over_time({{}} [1m]) > 0\n"
    assert fix(tmp_path, "r.yml", rules.replace("{}", before)) == rules.replace("{}", after)
    page = "text {}\n```logql\n# why\n{}\n```\n"
    done = page.format("| = 5", after)
    assert fix(tmp_path, "p.md", page.format("| = 5", before)) == done


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT=http://h:4318/v1/traces", "http://h:4318"),
        ("export OTEL_EXPORTER_OTLP_ENDPOINT='http://h:4318/v1/logs/' # x", "http://h:4318' # x"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT=http://h/otlp/v1/metrics", "http://h/otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT=http://h:4318", "http://h:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://h/v1/traces", "http://h/v1/traces"),
    ],
)
def test_addresses_lose_the_path_of_one_signal(tmp_path: Path, before: str, after: str) -> None:
    done = fix(tmp_path, "x.env", f"A=1\n{before}\n")
    assert done.startswith("A=1\n")
    assert done.endswith(f"{after}\n")


def test_correcting_twice_changes_nothing_more(tmp_path: Path) -> None:
    once = fix(tmp_path, "r.yml", RULE)
    assert fix(tmp_path, "r.yml", once) == once

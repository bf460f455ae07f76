"""promtail's configuration: accepted and refused as the original does it."""
# ruff: noqa: E501 - a case a line reads best

from __future__ import annotations

import pytest

from appliance.config.load import load_text
from appliance.config.problem import Severity
from appliance.ingest.tail.config import PromtailConfig

FULL = """\
server: {http_listen_port: 9080, grpc_listen_port: 0}
positions: {filename: /tmp/positions.yaml, sync_period: 10s}
clients:
  - url: http://loki:3100/loki/api/v1/push
    tenant_id: a
    batchwait: 1s
    batchsize: 1048576
    backoff_config: {min_period: 500ms, max_retries: 5}
    external_labels: {host: h}
    basic_auth: {username: u, password: p}
limits_config: {readline_rate_enabled: true, max_line_size: 256KB}
target_config: {sync_period: 10s}
scrape_configs:
  - job_name: system
    static_configs:
      - targets: [localhost]
        labels: {job: varlogs, __path__: /var/log/*.log}
    relabel_configs: [{source_labels: [__path__], target_label: path}]
    pipeline_stages:
      - docker: {}
      - cri:
      - regex: {expression: '^(?P<level>\\w+)', source: x}
      - json: {expressions: {level: , msg: 'a.b[0]'}}
      - logfmt: {mapping: {level: lvl}}
      - labels: {level: , job: other}
      - static_labels: {a: b}
      - structured_metadata: {trace: }
      - timestamp: {source: t, format: RFC3339Nano, fallback_formats: [Unix], location: UTC}
      - output: {source: msg}
      - template: {source: x, template: '{{ .Value }}${1}'}
      - replace: {expression: '(x)', replace: '${1}'}
      - multiline: {firstline: '^\\d', max_wait_time: 3s}
      - drop: {source: [a, b], older_than: 24h, longer_than: 8kb}
      - drop: {expression: debug}
      - match: {selector: '{a="b"} |= "x"', action: drop}
      - match: {selector: '{a="b"}', stages: [{labeldrop: [x]}]}
      - metrics: {c: {type: Counter, config: {action: inc}}}
      - limit: {rate: 10, burst: 20}
      - tenant: {value: t}
      - sampling: {rate: 0.5}
      - labelallow: [a]
      - decolorize:
      - pack: {labels: [a]}
  - job_name: journal
    journal: {max_age: 12h, labels: {job: journal}}
  - job_name: syslog
    syslog: {listen_address: 0.0.0.0:1514, labels: {job: syslog}}
"""


def errors(text: str) -> list[tuple[str, str]]:
    decoded = load_text(PromtailConfig, text, file="p.yml", variables={})
    return [(p.path, p.message) for p in decoded.problems if p.severity is Severity.ERROR]


def test_a_full_file_is_accepted() -> None:
    assert errors(FULL) == []


@pytest.mark.parametrize(
    ("stage", "path", "message"),
    [
        ("{}", "", "pipeline stage must contain only one key"),
        ("json: {expressions: {a: }}, labels: {a: }", ".labels", "must contain only one key"),
        ("jason: {}", ".jason", "unknown key 'jason'"),
        ("json: ", ".json.expressions", "JMES expression is required"),
        ("json: {expressions: {a: .b.c}}", ".json.expressions.a", "invalid JMESPath expression '.b.c'"),
        ("regex: {expression: '('}", ".regex.expression", "error parsing regexp"),
        ("regex: {expression: 'x'}", ".regex.expression", "at least one named group"),
        ("regex: ", ".regex", "expression is missing"),
        ("labels: ", ".labels", "labels stage config cannot be empty"),
        ("labels: {a-b: }", ".labels.a-b", "'a-b' is not a valid label name"),
        ("match: {selector: '{a=\"b\"}'}", ".match.stages", "requires at least one additional stage"),
        ("match: {selector: x, action: drop, stages: [{labeldrop: [a]}]}", ".match.stages", "cannot contain stages"),
        ("match: {selector: x, stages: [{json: {expressions: {a: .b}}}]}", ".match.stages[0].json.expressions.a", "starts with a dot"),
        ("timestamp: {source: t}", ".timestamp", "format is missing"),
        ("drop: {}", ".drop", "drop stage needs"),
        ("tenant: {value: a, source: b}", ".tenant", "exactly one of"),
        ("sampling: {rate: 2}", ".sampling.rate", "not between 0 and 1"),
    ],
)  # fmt: skip
def test_stages_that_promtail_refuses(stage: str, path: str, message: str) -> None:
    text = stage if stage == "{}" else "{" + stage + "}"
    ((found, said), *_) = errors(f"scrape_configs: [{{job_name: a, pipeline_stages: [{text}]}}]")
    assert found == f"scrape_configs[0].pipeline_stages[0]{path}"
    assert message in said


def test_unwrapped_docker_files_bring_a_suggestion() -> None:
    path = "/var/lib/docker/containers/*/*.log"
    job = f"job_name: d, static_configs: [{{labels: {{__path__: {path}}}}}]"
    decoded = load_text(PromtailConfig, f"scrape_configs: [{{{job}}}]", file="p.yml")
    assert [p.code for p in decoded.problems] == ["docker-json"]
    text = f"scrape_configs: [{{{job}, pipeline_stages: [{{docker: }}]}}]"
    assert load_text(PromtailConfig, text, file="p.yml").problems == []


def test_names_of_jobs_are_there_and_unique() -> None:
    text = "scrape_configs: [{job_name: a}, {job_name: b}, {job_name: a}, {}]"
    problems = load_text(PromtailConfig, text, file="p.yml").problems
    assert [problem.message for problem in problems] == [
        "job_name is empty",
        "found multiple scrape configs with job name 'a'",
    ]

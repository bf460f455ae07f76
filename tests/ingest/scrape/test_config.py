"""`prometheus.yml`: accepted and refused as the original does it."""
# ruff: noqa: E501 - a case a line reads best

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.load import load_text
from appliance.config.problem import Severity
from appliance.ingest.scrape.config import (
    PrometheusConfig,
    default_config,
    load_prometheus_config,
)

FULL = """\
global:
  scrape_interval: 15s
  evaluation_interval: 30s
  external_labels: {region: eu, with-dash: ok}
rule_files: [rules/*.yml]
alerting:
  alertmanagers:
    - path_prefix: /am
      static_configs: [{targets: [am:9093]}]
storage: {tsdb: {out_of_order_time_window: 30m}, exemplars: {max_exemplars: 5}}
remote_write:
  - url: https://example.org/write
    queue_config: {max_shards: 4}
    write_relabel_configs: [{regex: 'x', action: labeldrop}]
otlp: {promote_resource_attributes: [service.name], translation_strategy: NoTranslation}
scrape_configs:
  - job_name: node
    honor_labels: true
    metrics_path: /m
    scheme: https
    params: {'collect[]': [cpu, mem]}
    basic_auth: {username: u, password: p}
    tls_config: {ca_file: ca.pem, insecure_skip_verify: true}
    sample_limit: 10000
    body_size_limit: 10MB
    static_configs:
      - targets: ['a:9100', 'b']
        labels: {env: prod}
    file_sd_configs:
      - files: [targets/*.json]
    relabel_configs:
      - {source_labels: [__address__], target_label: instance, replacement: '${1}'}
    metric_relabel_configs:
      - {source_labels: [__name__], regex: 'go_.*', action: drop}
  - job_name: kubernetes
    authorization: {credentials: token}
    kubernetes_sd_configs: [{role: pod, namespaces: {names: [a]}}]
"""


def problems(text: str) -> list[tuple[int, str, str]]:
    decoded = load_text(PrometheusConfig, text, file="p.yml", variables={})
    errors = [p for p in decoded.problems if p.severity is Severity.ERROR]
    return [(problem.line, problem.path, problem.message) for problem in errors]


def test_a_full_file_is_accepted_with_warnings_for_what_is_not_available() -> None:
    decoded = load_text(PrometheusConfig, FULL, file="p.yml", variables={})
    assert decoded.ok
    warned = {(p.line, p.path) for p in decoded.problems if p.path.startswith("scrape_configs")}
    assert warned == {(37, "scrape_configs[1].kubernetes_sd_configs")}


def test_defaults_are_filled_in_per_job() -> None:
    text = (
        "global: {scrape_interval: 20s, sample_limit: 5}\n"
        "scrape_configs:\n"
        "- {job_name: a}\n"
        "- {job_name: b, scrape_interval: 5s, sample_limit: 7}\n"
        "- {job_name: c, scrape_timeout: 15s}\n"
    )
    config = load_text(PrometheusConfig, text, file="p.yml").value
    assert config is not None
    found = [(j.scrape_interval, j.scrape_timeout, j.sample_limit) for j in config.jobs()]
    assert found == [(20_000, 10_000, 5), (5_000, 5_000, 7), (20_000, 15_000, 5)]


@pytest.mark.parametrize("text", ["", "{}", "global:", "scrape_configs: []", "rule_files: [x.yml]"])
def test_short_files_are_accepted(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("job", "path", "message"),
    [
        ("job_name: ''", "job_name", "job_name is empty"),
        ("{}", "job_name", "job_name is empty"),
        ("job_name: a, scrape_timeout: 2m", "scrape_timeout", "scrape timeout 2m greater"),
        ("job_name: a, scrape_interval: 1x", "scrape_interval", "not a valid duration string: '1x'"),
        ("job_name: a, sample_limit: '5'", "sample_limit", "cannot unmarshal !!str `5` into uint"),
        ("job_name: a, sample_limit: -1", "sample_limit", "-1 is negative"),
        ("job_name: a, honor_labels: 'true'", "honor_labels", "cannot unmarshal !!str `true` into bool"),
        ("job_name: a, body_size_limit: 10", "body_size_limit", "'10' has no unit"),
        ("job_name: a, params: {x: z}", "params.x", "cannot unmarshal !!str `z` into list"),
        ("job_name: a, metrics_pat: /x", "metrics_pat", "unknown key 'metrics_pat'"),
        ("job_name: a, static_configs: [~]", "static_configs[0]", "empty or null item"),
        ("job_name: a, static_configs: [{targets: ['http://h:1/m']}]", "static_configs[0].targets[0]", "'http://h:1/m' is not a valid hostname"),
        ("job_name: a, static_configs: [{targets: ['']}]", "static_configs[0].targets[0]", "no address"),
        ("job_name: a, file_sd_configs: [{}]", "file_sd_configs[0].files", "must contain at least one path name"),
        ("job_name: a, file_sd_configs: [{files: [a.txt]}]", "file_sd_configs[0].files[0]", "'a.txt' is not valid for file discovery"),
        ("job_name: a, bearer_token: x, basic_auth: {username: u}", "bearer_token", "at most one of basic_auth, bearer_token"),
        ("job_name: a, bearer_token: x, bearer_token_file: y", "bearer_token_file", "at most one of bearer_token & bearer_token_file"),
        ("job_name: a, basic_auth: {password: p, password_file: f}", "basic_auth.password_file", "at most one of password & password_file"),
        ("job_name: a, authorization: {type: Basic, credentials: x}", "authorization.type", "use 'basic_auth' instead"),
        ("job_name: a, tls_config: {cert_file: x}", "tls_config", "exactly one of key or key_file"),
        ("job_name: a, scrape_protocols: [PrometheusText0.0.4, PrometheusText0.0.4]", "scrape_protocols[1]", "duplicated protocol"),
        ("job_name: a, scrape_protocols: [json]", "scrape_protocols[0]", "unknown value 'json'"),
        ("job_name: a, relabel_configs: [{action: replace}]", "relabel_configs[0].target_label", "requires 'target_label'"),
        ("job_name: a, metric_relabel_configs: [{regex: '[', action: keep}]", "metric_relabel_configs[0].regex", "error parsing regexp"),
    ],
)  # fmt: skip
def test_jobs_that_prometheus_refuses(job: str, path: str, message: str) -> None:
    text = job if job == "{}" else "{" + job + "}"
    ((line, found, said),) = problems(f"scrape_configs:\n- {text}\n")
    assert line == 2
    assert found == f"scrape_configs[0].{path}"
    assert message in said


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("global:\n  scrape_interval: 5s\n  scrape_timeout: 6s", 3, "global scrape timeout greater"),
        ("global:\n  external_labels: {'': x}", 2, '"" is not a valid label name'),
        ("scrape_configs:\n- job_name: a\n- job_name: a", 3, "multiple scrape configs with job name 'a'"),
        ("scrape_configs: [~]", 1, "empty or null item"),
        ("remote_write: [{}]", 1, "url for remote_write is empty"),
        ("remote_write:\n- {url: a, name: n}\n- {url: b, name: n}", 3, "multiple remote_write configs"),
        ("remote_write: [{url: a, headers: {Authorization: x}}]", 1, "must be changed via basic_auth"),
        ("alerting: {alertmanagers: [{api_version: v1}]}", 1, "unknown Alertmanager api version 'v1'"),
        ("tracing: {sampling_fraction: 1}", 1, "tracing endpoint must be set"),
        ("scrape_config: []", 1, "unknown key 'scrape_config'"),
    ],
)  # fmt: skip
def test_files_that_prometheus_refuses(text: str, line: int, message: str) -> None:
    ((found, _, said),) = problems(text)
    assert found == line
    assert message in said


def test_files_with_further_jobs_are_read_and_names_stay_unique(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "b.yml").write_text(
        "scrape_configs:\n- {job_name: b, bearer_token_file: t}\n- {job_name: a}\n"
    )
    main = tmp_path / "prometheus.yml"
    main.write_text("scrape_config_files: [jobs/*.yml]\nscrape_configs:\n- job_name: a\n")
    config, (problem,) = load_prometheus_config(main)
    assert config is None
    assert (Path(problem.file).name, problem.line) == ("b.yml", 3)
    assert f"{main}:3" in problem.hint

    main.write_text("scrape_config_files: [jobs/*.yml, none.yml]\n")
    config, (warning,) = load_prometheus_config(main)
    assert "'none.yml' does not point to an existing file" in warning.message
    assert config is not None
    assert [job.job_name for job in config.jobs()] == ["b", "a"]
    assert config.jobs()[0].bearer_token_file == str(tmp_path / "jobs" / "t")
    assert config.jobs()[0].directory == tmp_path / "jobs"


def test_variables_are_expanded_but_not_in_relabelling(tmp_path: Path) -> None:
    main = tmp_path / "prometheus.yml"
    main.write_text(
        "scrape_configs:\n"
        "- job_name: ${JOB}\n"
        "  relabel_configs:\n"
        "  - {source_labels: [a], regex: '(?P<JOB>.*)', target_label: b, replacement: '${JOB}'}\n"
    )
    config, problems = load_prometheus_config(main, {"JOB": "x"})
    assert problems == []
    assert config is not None
    assert config.jobs()[0].job_name == "x"
    assert config.jobs()[0].relabel_configs[0].replacement == "${JOB}"


def test_without_a_file_the_process_scrapes_itself() -> None:
    (job,) = default_config("127.0.0.1:9090").jobs()
    assert (job.job_name, job.scrape_interval, job.scrape_timeout) == ("appliance", 15_000, 10_000)
    assert job.static_configs[0].targets == ("127.0.0.1:9090",)

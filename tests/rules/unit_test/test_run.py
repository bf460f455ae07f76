"""Unit tests of rules: what passes, what fails, and how it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.base.clock import ManualClock
from appliance.base.re2 import Pattern
from appliance.rules.unit_test.run import FileResult, RunOptions, run_file

RULES = """
groups:
- name: g
  rules:
  - {record: 'job:up:sum', expr: sum by (job) (up)}
  - alert: Down
    expr: up == 0
    for: 2m
    labels: {severity: page}
    annotations: {s: "{{ $labels.job }} {{ $externalLabels.cl }} {{ externalURL }} {{ $value }}"}
"""
HEAD = """
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  name: one
  external_labels: {cl: x}
  external_url: http://e
  input_series:
  - {series: 'up{job="a"}', values: '1 1 0 0x5 _ stale'}
  - {series: h, values: '{{schema:1 sum:1 count:3 buckets:[1 2]}}x3'}
"""


def run(folder: Path, tests: str, **options: Any) -> FileResult:
    (folder / "rules.yml").write_text(RULES)
    file = folder / "test.yml"
    file.write_text(tests)
    return run_file(file, RunOptions(ManualClock(), **options))


def test_what_is_as_expected_passes(tmp_path: Path) -> None:
    text = """
  alert_rule_test:
  - {eval_time: 3m, alertname: Down}
  - eval_time: 4m
    alertname: Down
    exp_alerts:
    - {exp_labels: {job: a, severity: page}, exp_annotations: {s: a x http://e 0}}
  promql_expr_test:
  - {expr: up, eval_time: 1m, exp_samples: [{labels: 'up{job="a"}', value: 1}]}
  - {expr: 'job:up:sum', eval_time: 3m, exp_samples: [{labels: 'job:up:sum{job="a"}', value: 0}]}
  - {expr: 1 + 1, eval_time: 0s, exp_samples: [{labels: '{}', value: 2}]}
  - {expr: up, eval_time: 20m}
  - expr: h
    eval_time: 3m
    exp_samples: [{labels: h, histogram: '{{schema:1 sum:1 count:3 buckets:[1 2]}}'}]
  - expr: ALERTS_FOR_STATE
    eval_time: 2m
    exp_samples:
    - {labels: 'ALERTS_FOR_STATE{alertname="Down", job="a", severity="page"}', value: 120}
"""
    result = run(tmp_path, HEAD + text)
    assert result.errors == []
    assert [case.name for case in result.cases] == ["one"]


def test_differences_are_told_as_promtool_does(tmp_path: Path) -> None:
    text = """
  alert_rule_test:
  - {eval_time: 4m, alertname: Down, exp_alerts: [{exp_labels: {job: b}}]}
  promql_expr_test:
  - {expr: up, eval_time: 3m, exp_samples: [{labels: 'up{job="a"}', value: 1e9}]}
  - {expr: 'up[5m]', eval_time: 3m}
  - {expr: up, eval_time: 3m, exp_samples: [{labels: 'a{', value: 1}]}
"""
    assert run(tmp_path, HEAD + text).errors == [
        """\
    name: one,
    alertname: Down, time: 4m,\x20
        exp:[
            0:
              Labels:{alertname="Down", job="b"}
              Annotations:{}
            ],\x20
        got:[
            0:
              Labels:{alertname="Down", job="a", severity="page"}
              Annotations:{s="a x http://e 0"}
            ]""",
        """\
    expr: "up", time: 3m,
        exp: {__name__="up", job="a"} 1E+09
        got: {__name__="up", job="a"} 0E+00""",
        '    expr: "up[5m]", time: 3m, err: rule result is not a vector or scalar',
        (
            '    expr: "up", time: 3m, err: labels "a{":'
            " 1:3: parse error: unexpected end of input inside braces"
        ),
    ]


def test_differences_of_alerts_line_by_line(tmp_path: Path) -> None:
    text = "  alert_rule_test: [{eval_time: 4m, alertname: Down}]\n"
    (error,) = run(tmp_path, HEAD + text, is_diff=True).errors
    assert '+             "job": "a",' in error


def test_a_rule_that_fails_ends_the_test(tmp_path: Path) -> None:
    rules = "groups: [{name: g, rules: [{record: x, expr: up + on(zz) up}]}]"
    (tmp_path / "bad.yml").write_text(rules)
    text = """
rule_files: [bad.yml]
tests:
- input_series: [{series: 'up{a="1"}', values: _ 1}, {series: 'up{a="2"}', values: _ 1}]
  promql_expr_test: [{expr: up, eval_time: 2m}]
"""
    (error,) = run(tmp_path, text).errors
    start = "    rule: x, time: 1m0s, err: found duplicate series for the match group {}"
    assert error.startswith(start)


def test_time_can_start_anywhere(tmp_path: Path) -> None:
    text = """
tests:
- start_timestamp: 2021-01-01T00:00:00Z
  interval: 1m
  input_series: [{series: up, values: 1 2}]
  promql_expr_test:
  - {expr: time(), eval_time: 1m, exp_samples: [{labels: '{}', value: 1609459260}]}
  - {expr: up, eval_time: 1m, exp_samples: [{labels: up, value: 2}]}
"""
    assert run(tmp_path, text).errors == []


@pytest.mark.parametrize(("fuzzy", "count"), [("true", 0), ("false", 1)])
def test_the_last_bit_can_be_ignored(tmp_path: Path, fuzzy: str, count: int) -> None:
    text = f"""
fuzzy_compare: {fuzzy}
tests:
- promql_expr_test: [{{expr: 0.1 + 0.2, exp_samples: [{{labels: '{{}}', value: 0.3}}]}}]
"""
    assert len(run(tmp_path, text).errors) == count


def test_groups_are_evaluated_in_the_order_given(tmp_path: Path) -> None:
    (tmp_path / "two.yml").write_text(
        "groups:\n"
        "- {name: late, rules: [{record: b, expr: a}]}\n"
        "- {name: early, rules: [{record: a, expr: vector(time())}]}\n"
    )
    text = """
rule_files: [two.yml]
group_eval_order: [early, late]
tests:
- promql_expr_test: [{expr: b, eval_time: 1m, exp_samples: [{labels: b, value: 60}]}]
"""
    assert run(tmp_path, text).errors == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("group_eval_order: [a, a]", "group name repeated in evaluation order: a"),
        (
            "rule_file: []\ntests: [{a: b, input_series: [{serie: x}]}]",
            (
                "yaml: unmarshal errors:\n"
                "  line 1: field rule_file not found in type main.unitTestFile\n"
                "  line 2: field a not found in type main.testGroup\n"
                "  line 2: field serie not found in type main.series"
            ),
        ),
        (
            "tests: [{name: x, alert_rule_test: [{eval_time: 5m}]}]",
            (
                "an item under alert_rule_test misses required attribute alertname"
                " at eval_time 5m (in TestGroup x)"
            ),
        ),
        (
            "tests: [{input_series: [{series: up, values: foo}]}]",
            (
                '1:4: parse error: unexpected identifier "foo" in series values,'
                ' expected number or "stale"'
            ),
        ),
    ],
)
def test_broken_files(tmp_path: Path, text: str, error: str) -> None:
    assert run(tmp_path, text).errors == [error]


def test_broken_rules_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("groups: [{name: g, rules: [{record: x, expr: 'sum('}]}]")
    result = run(tmp_path, "rule_files: [none*.yml, broken.yml]\ntests: [{}]\n")
    assert result.warnings == [f"no file match pattern {tmp_path / 'none*.yml'}"]
    assert "could not parse expression" in result.errors[0]


def test_only_tests_that_are_wanted(tmp_path: Path) -> None:
    text = "tests: [{name: apple}, {name: pear}, {}]"
    result = run(tmp_path, text, wanted=Pattern("pp|^$"))
    assert [case.name for case in result.cases] == ["apple", "unnamed#2"]

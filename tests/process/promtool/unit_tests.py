"""Unit-test files, most of them with one thing that is or is not as expected."""

from __future__ import annotations

#: What the tests are about.
RULES = """\
groups:
- name: one
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: Down
    expr: up == 0
    for: 2m
    labels: {severity: page}
    annotations:
      summary: >-
        {{ $labels.job }} is {{ $value }} in {{ $externalLabels.region }} {{ $externalURL }}
  - alert: Instant
    expr: up == 0
  - alert: Kept
    expr: up == 0
    keep_firing_for: 2m
- name: two
  interval: 2m
  rules:
  - record: job:up:double
    expr: 2 * job:up:sum
"""
BAD_RULES = "groups: [{name: g, rules: [{record: r, expr: 'sum('}]}]\n"
#: Fails at run time.
FAILING_RULES = (
    "groups: [{name: g, rules: [{record: r, expr: 'up * on() group_left up'}, "
    "{alert: A, expr: up, annotations: {a: '{{ humanize \"x\" }}'}}]}]\n"
)
LIMITED_RULES = "groups: [{name: g, limit: 1, rules: [{record: r, expr: up}]}]\n"
OFFSET_RULES = (
    "groups: [{name: g, query_offset: 1m, labels: {l: g},"
    " rules: [{record: r, expr: up}, {alert: A, expr: up == 0}]}]\n"
)

HEAD = "rule_files: [rules.yml]\nevaluation_interval: 1m\n"
SERIES = "  input_series:\n  - {series: 'up{job=\"a\"}', values: '1 1 0 0 0 0 1 1 1 1 1'}\n"
TEST = HEAD + "tests:\n- interval: 1m\n" + SERIES
DOWN = "exp_labels: {job: a, severity: page}, exp_annotations: {summary: 'a is 0 in  '}"


def _alert(at: str, name: str = "Down", expected: str = "") -> str:
    alerts = f"[{{{expected}}}]" if expected else "[]"
    return (
        f"{TEST}  alert_rule_test:\n  - {{eval_time: {at}, alertname: {name},"
        f" exp_alerts: {alerts}}}\n"
    )


def _query(expr: str, at: str, *samples: str) -> str:
    listed = ", ".join(f"{{{sample}}}" for sample in samples)
    return (
        f"{TEST}  promql_expr_test:\n  - {{expr: '{expr}', eval_time: {at},"
        f" exp_samples: [{listed}]}}\n"
    )


def _values(values: str, expr: str, at: str, *samples: str, series: str = "x") -> str:
    listed = ", ".join(f"{{{sample}}}" for sample in samples)
    return (
        f"{HEAD}tests:\n- interval: 1m\n  input_series:\n"
        f"  - {{series: '{series}', values: '{values}'}}\n"
        f"  promql_expr_test:\n  - {{expr: '{expr}', eval_time: {at}, exp_samples: [{listed}]}}\n"
    )


UNIT_TESTS: dict[str, str] = {
    "empty": "",
    "no tests": HEAD,
    "no rule files": "tests: []\n",
    "unknown key": HEAD + "foo: bar\n",
    "unknown key in test": HEAD + "tests:\n- {foo: bar}\n",
    "unknown key in series": HEAD + "tests:\n- {input_series: [{series: x, value: 1}]}\n",
    "list at top": "- a\n",
    "bad yaml": "rule_files: [\n",
    "missing rule file": "rule_files: [none.yml]\ntests: []\n",
    "missing rule file and a test": "rule_files: [none.yml]\ntests: [{interval: 1m}]\n",
    "pattern without files": "rule_files: ['none*.yml']\ntests: []\n",
    "pattern": TEST.replace("[rules.yml]", "['rul*.yml']"),
    "bad rules": TEST.replace("rules.yml", "bad.yml"),
    "bad rules without tests": HEAD.replace("rules.yml", "bad.yml"),
    "failing rules": TEST.replace("rules.yml", "failing.yml")
    + "  promql_expr_test: [{expr: up, eval_time: 1m, exp_samples: []}]\n",
    "limit": TEST.replace("rules.yml", "limited.yml")
    + "  - {series: 'up{job=\"b\"}', values: '1 1'}\n"
    + "  promql_expr_test: [{expr: r, eval_time: 1m}]\n",
    "query_offset": TEST.replace("rules.yml", "offset.yml")
    + "  promql_expr_test: [{expr: r, eval_time: 2m, exp_samples: "
    + '[{labels: \'r{job="a",l="g"}\', value: 1}]}]\n',
    "alert with query_offset": TEST.replace("rules.yml", "offset.yml")
    + "  alert_rule_test: [{eval_time: 3m, alertname: A, exp_alerts: "
    + "[{exp_labels: {job: a, l: g}}]}]\n",
    # alerts
    "no alert yet": _alert("1m"),
    "pending is no alert": _alert("3m"),
    "firing": _alert("4m", expected=DOWN),
    "firing unexpected": _alert("4m"),
    "expected and not firing": _alert("1m", expected=DOWN),
    "other label": _alert("4m", expected=DOWN.replace("job: a", "job: b")),
    "other annotation": _alert("4m", expected=DOWN.replace("a is 0", "a is 1")),
    "annotation missing": _alert("4m", expected="exp_labels: {job: a, severity: page}"),
    "label missing": _alert("4m", expected=DOWN.replace(", severity: page", "")),
    "alertname among labels": _alert(
        "4m", expected=DOWN.replace("job: a", "job: a, alertname: Down")
    ),
    "unknown alert": _alert("4m", "Nobody"),
    "unknown alert expected": _alert("4m", "Nobody", "exp_labels: {a: b}"),
    "resolved": _alert("7m"),
    "kept firing": _alert("7m", "Kept", "exp_labels: {job: a}"),
    "kept long enough": _alert("8m", "Kept"),
    "instant": _alert("2m", "Instant", "exp_labels: {job: a}"),
    "between evaluations": _alert("2m30s", "Instant", "exp_labels: {job: a}"),
    "no alertname": TEST + "  alert_rule_test: [{eval_time: 1m}]\n",
    "no eval_time": TEST + "  alert_rule_test: [{alertname: Instant}]\n",
    "bad eval_time": TEST + "  alert_rule_test: [{eval_time: x, alertname: A}]\n",
    "eval_time as number": TEST + "  alert_rule_test: [{eval_time: 4, alertname: A}]\n",
    "no exp_alerts": TEST + "  alert_rule_test: [{eval_time: 1m, alertname: Down}]\n",
    "empty exp_alerts": TEST
    + "  alert_rule_test: [{eval_time: 4m, alertname: Down, exp_alerts: }]\n",
    "empty alert expected": _alert("2m", "Instant", "exp_labels: {}"),
    "unknown key in alert": TEST
    + "  alert_rule_test: [{eval_time: 1m, alertname: A, exp_alert: []}]\n",
    "unknown key in expected alert": TEST
    + "  alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: [{labels: {a: b}}]}]\n",
    "after the series": _alert("30m"),
    "two alerts": _alert("4m", expected=DOWN)
    + "  - {eval_time: 2m, alertname: Instant, exp_alerts: [{exp_labels: {job: a}}]}\n",
    "second alert wrong": _alert("4m", expected=DOWN)
    + "  - {eval_time: 2m, alertname: Instant, exp_alerts: []}\n",
    "external labels": _alert("4m", expected=DOWN.replace("a is 0 in  ", "a is 0 in eu "))
    + "  external_labels: {region: eu}\n",
    "external labels wrong": _alert("4m", expected=DOWN) + "  external_labels: {region: eu}\n",
    "external url": _alert("4m", expected=DOWN.replace("in  ", "in  http://p/x"))
    + "  external_url: http://p/x\n",
    "name": _alert("4m") + "  name: a name\n",
    # queries
    "query": _query("up", "1m", "labels: 'up{job=\"a\"}', value: 1"),
    "query with wrong value": _query("up", "1m", "labels: 'up{job=\"a\"}', value: 2"),
    "query with wrong labels": _query("up", "1m", "labels: 'up{job=\"b\"}', value: 1"),
    "query without name": _query("up", "1m", "labels: '{job=\"a\"}', value: 1"),
    "query gives nothing": _query("down", "1m"),
    "query expected to give something": _query("down", "1m", "labels: down, value: 1"),
    "query unexpectedly gives": _query("up", "1m"),
    "recorded": _query("job:up:sum", "1m", "labels: 'job:up:sum{job=\"a\"}', value: 1"),
    "recorded by the other group": _query(
        "job:up:double", "4m", "labels: 'job:up:double{job=\"a\"}', value: 0"
    ),
    "scalar query": _query("1 + 1", "1m", "value: 2"),
    "scalar query with braces": _query("1 + 1", "1m", "labels: '{}', value: 2"),
    "string query": _query('"text"', "1m"),
    "range vector query": _query("up[2m]", "1m"),
    "bad query": _query("sum(", "1m"),
    "query fails": _query("up * on() group_left up", "1m"),
    "no expr": TEST + "  promql_expr_test: [{eval_time: 1m}]\n",
    "bad labels": _query("up", "1m", "labels: 'up{', value: 1"),
    "text as value": _query("up", "1m", "labels: up, value: one"),
    "nan": _query("0 * (up / 0 * 0)", "1m", "labels: '{job=\"a\"}', value: NaN"),
    "infinity": _query("up / 0", "1m", "labels: '{job=\"a\"}', value: +Inf"),
    "infinity in YAML": _query("up / 0", "1m", "labels: '{job=\"a\"}', value: .inf"),
    "ALERTS": _query(
        'ALERTS{alertname="Instant"}',
        "2m",
        'labels: \'ALERTS{alertname="Instant",alertstate="firing",job="a"}\', value: 1',
    ),
    "ALERTS_FOR_STATE": _query(
        'ALERTS_FOR_STATE{alertname="Down"}',
        "3m",
        'labels: \'ALERTS_FOR_STATE{alertname="Down",job="a",severity="page"}\', value: 120',
    ),
    "order does not matter": TEST
    + "  - {series: 'up{job=\"b\"}', values: '2 2'}\n"
    + "  promql_expr_test: [{expr: up, eval_time: 1m, exp_samples: "
    + "[{labels: 'up{job=\"b\"}', value: 2}, {labels: 'up{job=\"a\"}', value: 1}]}]\n",
    "sample twice": _query(
        "up", "1m", "labels: 'up{job=\"a\"}', value: 1", "labels: 'up{job=\"a\"}', value: 1"
    ),
    # notation of values
    "expanding": _values("1+1x4", "x", "3m", "labels: x, value: 4"),
    "expanding downwards": _values("9-2x3", "x", "2m", "labels: x, value: 5"),
    "repeating": _values("7x3", "x", "3m", "labels: x, value: 7"),
    "missing": _values("1 _ _x3 5", "x", "5m", "labels: x, value: 5"),
    "missing looks back": _values("1 _ _", "x", "2m", "labels: x, value: 1"),
    "stale": _values("1 stale", "x", "1m"),
    "negative": _values("-1-1x3", "x", "2m", "labels: x, value: -3"),
    "exponent": _values("1e3 2e-1", "x", "1m", "labels: x, value: 0.2"),
    "inf and nan": _values("Inf -Inf NaN", "x", "1m", "labels: x, value: -Inf"),
    "bad values": _values("1 two 3", "x", "1m"),
    "bad expansion": _values("1+1xx3", "x", "1m"),
    "empty values": _values("", "x", "1m"),
    "no values": HEAD + "tests: [{input_series: [{series: x}]}]\n",
    "bad series": _values("1", "x", "1m", series="x{"),
    "series without name": _values(
        "1", '{job="a"}', "0m", "labels: '{job=\"a\"}', value: 1", series='{job="a"}'
    ),
    "histogram": _values(
        "{{schema:1 sum:5 count:4 buckets:[1 2 1]}}",
        "histogram_count(x)",
        "0m",
        "labels: '{}', value: 4",
    ),
    "histogram expected": _values(
        "{{schema:1 sum:5 count:4 buckets:[1 2 1]}}",
        "x",
        "0m",
        "labels: x, histogram: '{{schema:1 sum:5 count:4 buckets:[1 2 1]}}'",
    ),
    "other histogram expected": _values(
        "{{schema:1 sum:5 count:4 buckets:[1 2 1]}}",
        "x",
        "0m",
        "labels: x, histogram: '{{schema:1 sum:6 count:4 buckets:[1 2 1]}}'",
    ),
    "bad histogram": _values("{{schema:x}}", "x", "0m"),
    # settings of the file
    "fuzzy": _query("up / 3", "1m", "labels: '{job=\"a\"}', value: 0.33333333333333337")
    + "fuzzy_compare: true\n",
    "not fuzzy": _query("up / 3", "1m", "labels: '{job=\"a\"}', value: 0.33333333333333337"),
    "fuzzy has bounds": _query("up / 3", "1m", "labels: '{job=\"a\"}', value: 0.3334")
    + "fuzzy_compare: true\n",
    "group_eval_order": HEAD + "group_eval_order: [two, one]\ntests: []\n",
    "group_eval_order matters": _query(
        "job:up:double", "0m", "labels: 'job:up:double{job=\"a\"}', value: 2"
    )
    + "group_eval_order: [two, one]\n",
    "group twice in order": HEAD + "group_eval_order: [one, one]\ntests: [{interval: 1m}]\n",
    "unknown group in order": HEAD + "group_eval_order: [none]\ntests: [{interval: 1m}]\n",
    "default interval": _query("up", "1m", "labels: 'up{job=\"a\"}', value: 1").replace(
        "evaluation_interval: 1m\n", ""
    ),
    "no interval of the test": _query("up", "1m", "labels: 'up{job=\"a\"}', value: 1").replace(
        "- interval: 1m\n ", "- "
    ),
    "interval of the test": _query("up", "1m", "labels: 'up{job=\"a\"}', value: 0").replace(
        "- interval: 1m", "- interval: 30s"
    ),
    "bad interval": HEAD + "tests: [{interval: x}]\n",
    "bad evaluation_interval": "evaluation_interval: 5\ntests: []\n",
    "start_timestamp": _query("time()", "1m", "value: 1700000060")
    + "  start_timestamp: 1700000000\n",
    "start_timestamp as text": _query("time()", "1m", "value: 60")
    + "  start_timestamp: 1970-01-01T00:00:00Z\n",
    "bad start_timestamp": HEAD + "tests: [{start_timestamp: soon}]\n",
    "alert with start_timestamp": _alert("4m", expected=DOWN) + "  start_timestamp: 1700000000\n",
    "two tests": _alert("4m", expected=DOWN) + "- interval: 1m\n" + SERIES,
    "second test fails": _alert("4m", expected=DOWN)
    + "- name: second\n"
    + "  promql_expr_test: [{expr: up, eval_time: 1m, exp_samples: [{value: 1}]}]\n",
    "tests as map": HEAD + "tests: {a: b}\n",
    "null test": HEAD + "tests: [~]\n",
    "rule files as text": "rule_files: rules.yml\ntests: []\n",
}
#: Files beside them.
BESIDE = {
    "rules.yml": RULES,
    "bad.yml": BAD_RULES,
    "failing.yml": FAILING_RULES,
    "limited.yml": LIMITED_RULES,
    "offset.yml": OFFSET_RULES,
}

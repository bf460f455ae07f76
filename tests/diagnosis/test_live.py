"""What is read and nothing delivers."""

from __future__ import annotations

from pathlib import Path

from appliance.check import check_all
from appliance.diagnosis.live import LiveMetrics

RULES = """\
groups:
- name: g
  rules:
  - {record: "job:up", expr: sum by (job) (up)}
  - {alert: A, expr: "job:up == 0 and ALERTS", labels: {severity: x}}
  - {alert: B, expr: "node_cpu_usage_percent > node_cpu_usage_percent", labels: {severity: x}}
  - {alert: C, expr: "zzz > 1", labels: {severity: x}}
  - {alert: D, expr: "rate(jobs_total[5m]) > 1", labels: {severity: x}}
"""


def test_metrics_without_series_are_told_once_with_similar_names(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(RULES)
    (tmp_path / "p.md").write_text("```promql\nupp\n```\n")
    live = LiveMetrics(
        frozenset(["up", "node_cpu_seconds_total", "jobs_total"]), {"jobs_total": "gauge"}
    )
    files = [tmp_path / "r.yml", tmp_path / "p.md"]
    problems = check_all(None, files, environ={}, directory=tmp_path, live=live)
    assert [(problem.line, problem.code, problem.hint) for problem in problems] == [
        (6, "no-series", "did you mean node_cpu_seconds_total?"),
        (7, "no-series", "nothing is called like it"),
        (8, "gauge-total", "rename it where it is exposed: rate() and increase() would not fit it"),
        (2, "no-series", "did you mean up?"),
    ]
    assert check_all(None, files, environ={}, directory=tmp_path) == []

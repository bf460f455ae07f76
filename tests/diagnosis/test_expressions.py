"""Expressions that are valid and hardly mean what they say."""

from __future__ import annotations

import pytest

from appliance.diagnosis.expressions import remarks
from appliance.promql.parser import parse


def codes(expr: str, *, name: str = "A", texts: str = "") -> list[str]:
    return [remark.code for remark in remarks(name, parse(expr), texts)]


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        ("time() - backup_time > 86400", "A"),
        ("(time() - max by (job) (backup_time)) / 3600 > 24", "A"),
        ("increase(runs_count[1d]) == 0", "BillingRunMissing"),
    ],
)
def test_alerts_that_never_fire_without_a_first_time(expr: str, name: str) -> None:
    assert codes(expr, name=name) == ["no-absent"]


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        ("time() - backup_time > 86400 or absent(backup_time)", "A"),
        ("time() - (backup_time or vector(0)) > 86400", "A"),
        ("absent(runs)", "RunMissing"),
        ("increase(runs_count[1d]) == 0", "NothingMissingHere"),
        ("backup_time - backup_start > 10", "A"),
    ],
)
def test_alerts_that_do(expr: str, name: str) -> None:
    assert codes(expr, name=name) == []


def test_the_hint_has_the_selector() -> None:
    (remark,) = remarks("A", parse('time() - t{service="m"} > 1'), "")
    assert remark.hint == 'add `or absent(t{service="m"})`'


@pytest.mark.parametrize(
    "expr",
    [
        "jobs_total > 100",
        "100 < sum by (job) (jobs_total)",
        "jobs_total * 2 - 1 >= 5",
        "clamp_min(jobs_total, 0) > 1 and jobs_total > 3",
        "deriv(uploads_total[1d]) < 2",
        "predict_linear(http_requests_count[1h], 60) > 2",
    ],
)
def test_counters_that_are_taken_for_gauges(expr: str) -> None:
    assert codes(expr) == ["counter-as-gauge"]


@pytest.mark.parametrize(
    "expr",
    [
        "rate(jobs_total[5m]) > 1",
        "count(jobs_total) > 3",
        "sum(rate(a_total[5m])) / sum(rate(b_total[5m])) > 0.1",
        "x > 1 and jobs_total offset 1d",
        "absent(jobs_total) > 0",
        "deriv(queue_size[1d]) > 1",
        "changes(jobs_total[1h]) == 0",
    ],
)
def test_counters_that_are_not(expr: str) -> None:
    assert codes(expr) == []


@pytest.mark.parametrize(
    ("expr", "texts", "expected"),
    [
        ("connections > 90", "over 90% of max", ["absolute-percent"]),
        ("connections > 90", "over 90 % of max", ["absolute-percent"]),
        ("connections > 90", "over 190% of max", []),
        ("connections > 90", "over 90 connections", []),
        ("a / b > 90", "over 90%", []),
        ("avg(x) * 100 > 90", "over 90%", []),
        ("cpu_usage_percent > 90", "over 90%", []),
        ("aws_rds_cpuutilization_average > 80", "over 80 %", []),
        ("a / b > 0.9", "over 90%", []),
    ],
)
def test_numbers_that_are_described_as_percents(expr: str, texts: str, expected: list[str]) -> None:
    assert codes(expr, texts=texts) == expected

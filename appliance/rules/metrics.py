"""Own metrics of rules, by Prometheus' names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.base.telemetry import Telemetry
    from appliance.rules.group_state import GroupState

_LABELS = ("rule_group",)


class RuleMetrics:
    """Counts evaluations."""

    def __init__(self, telemetry: Telemetry) -> None:
        prefix = "prometheus_rule"
        self._evaluations = telemetry.counter(
            f"{prefix}_evaluations_total", "Evaluations of rules.", _LABELS
        )
        self._failures = telemetry.counter(
            f"{prefix}_evaluation_failures_total", "Evaluations that failed.", _LABELS
        )
        self._iterations = telemetry.counter(
            f"{prefix}_group_iterations_total", "Evaluations of groups.", _LABELS
        )
        self._missed = telemetry.counter(
            f"{prefix}_group_iterations_missed_total",
            "Evaluations that were left out because one took too long.",
            _LABELS,
        )
        gauges = {
            "interval_seconds": "Time between evaluations.",
            "rules": "Number of rules.",
            "last_duration_seconds": "What the last evaluation took.",
            "last_rule_duration_sum_seconds": "What the rules took in it, one by one.",
            "last_evaluation_timestamp_seconds": "Time of the last evaluation.",
            "last_evaluation_samples": "Samples that the last evaluation gave.",
        }
        self._gauges = {
            name: telemetry.gauge(f"{prefix}_group_{name}", text, _LABELS)
            for name, text in gauges.items()
        }
        self._group_seconds = telemetry.summary(
            f"{prefix}_group_duration_seconds", "What evaluations of groups take."
        )
        self._rule_seconds = telemetry.summary(
            f"{prefix}_evaluation_duration_seconds", "What evaluations of rules take."
        )
        self._missed_before: dict[str, int] = {}

    def note(self, group: GroupState) -> None:
        """Count one evaluation of a group."""
        key = group.key
        self._evaluations.labels(key).inc(len(group.rules))
        self._failures.labels(key).inc(sum(rule.health == "err" for rule in group.rules))
        self._iterations.labels(key).inc()
        self._missed.labels(key).inc(group.missed - self._missed_before.get(key, 0))
        self._missed_before[key] = group.missed
        values = {
            "interval_seconds": group.interval_ms / 1000,
            "rules": len(group.rules),
            "last_duration_seconds": group.seconds,
            "last_rule_duration_sum_seconds": sum(rule.seconds for rule in group.rules),
            "last_evaluation_timestamp_seconds": group.last_ms / 1000,
            "last_evaluation_samples": group.samples,
        }
        for name, value in values.items():
            self._gauges[name].labels(key).set(value)
        self._group_seconds.observe(group.seconds)
        for rule in group.rules:
            self._rule_seconds.observe(rule.seconds)

    def forget(self, keys: Iterable[str]) -> None:
        """Groups that are not there any more."""
        counters = (self._evaluations, self._failures, self._iterations, self._missed)
        for key in keys:
            for metric in (*counters, *self._gauges.values()):
                metric.remove(key)
            self._missed_before.pop(key, None)

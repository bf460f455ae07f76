"""Metrics of the Alertmanager itself, under the original's names."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from appliance.config.schema import fields_of
from appliance.model.silence import SilenceState
from appliance.notify.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.base.telemetry import Telemetry

_PREFIX = "alertmanager_"


class SilenceMetrics:
    """Metrics of silences; what the original does with snapshot files stays 0."""

    def __init__(self, telemetry: Telemetry) -> None:
        name = f"{_PREFIX}silences"
        self._states = telemetry.gauge(name, "How many silences by state.", ("state",))
        self.gc = telemetry.summary(
            f"{name}_gc_duration_seconds",
            "Duration of the last silence garbage collection cycle.",
        )
        telemetry.counter(f"{name}_gc_errors_total", "How many silence GC errors were encountered.")
        self.maintenances = telemetry.counter(
            f"{name}_maintenance_total", "How many maintenances were executed for silences."
        )
        self.maintenance_errors = telemetry.counter(
            f"{name}_maintenance_errors_total",
            "How many maintenances were executed for silences that failed.",
        )
        self.queries = telemetry.counter(
            f"{name}_queries_total", "How many silence queries were received."
        )
        telemetry.counter(
            f"{name}_query_errors_total", "How many silence received queries did not succeed."
        )
        telemetry.summary(
            f"{name}_snapshot_duration_seconds", "Duration of the last silence snapshot."
        )
        telemetry.gauge(
            f"{name}_snapshot_size_bytes", "Size of the last silence snapshot in bytes."
        )

    def count_with(self, count: Callable[[SilenceState], int]) -> None:
        """Show what a function counts."""
        for state in SilenceState:
            self._states.labels(state.value).set_function(functools.partial(count, state))


class AlertmanagerMetrics:
    """Metrics of alerts, groups and of what is held back."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._alerts = telemetry.gauge(f"{_PREFIX}alerts", "How many alerts by state.", ("state",))
        self.limit = telemetry.gauge(
            f"{_PREFIX}alerts_per_alert_limit", "Current limit on number of alerts per alert name"
        )
        self.limited = telemetry.counter(
            f"{_PREFIX}alerts_limited_total",
            "Total number of alerts that were dropped due to per alert name limit",
        )
        self.groups = telemetry.gauge(
            f"{_PREFIX}dispatcher_aggregation_groups", "Number of active aggregation groups"
        )
        self.groups_refused = telemetry.counter(
            f"{_PREFIX}dispatcher_aggregation_group_limit_reached_total",
            "Number of times when dispatcher failed to create new aggregation group due to limit.",
        )
        self.processing = telemetry.summary(
            f"{_PREFIX}dispatcher_alert_processing_duration_seconds",
            "Summary of latencies for the processing of alerts.",
        )
        self.suppressed = telemetry.counter(
            f"{_PREFIX}notifications_suppressed_total",
            "The total number of notifications suppressed for being silenced, inhibited, outside"
            " of active time intervals or within muted time intervals.",
            ("reason",),
        )
        self.inhibition_rules = telemetry.gauge(
            f"{_PREFIX}inhibition_rules", "Number of configured inhibition rules."
        )
        self._config_hash = telemetry.gauge(
            f"{_PREFIX}config_hash", "Hash of the currently loaded alertmanager configuration."
        )
        self.receivers = telemetry.gauge(f"{_PREFIX}receivers", "Number of configured receivers.")
        self.integrations = telemetry.gauge(
            f"{_PREFIX}integrations", "Number of configured integrations."
        )
        for reason in ("silence", "inhibition", "mute_time_interval", "active_time_interval"):
            self.suppressed.labels(reason)

    def show(self, config: AlertmanagerConfig) -> None:
        """Show how much a configuration has, and which one it is."""
        digest = hashlib.sha256(repr(config).encode()).digest()
        self._config_hash.set(int.from_bytes(digest[:6], "little"))
        self.inhibition_rules.set(len(config.inhibit_rules))
        self.receivers.set(len(config.receivers))
        sections = [name for name in fields_of(Receiver) if name.endswith("_configs")]
        self.integrations.set(
            sum(len(getattr(one, name)) for one in config.receivers for name in sections)
        )

    def count_with(self, count: Callable[[str], int]) -> None:
        """Show how many alerts a function counts in each state."""
        for state in ("active", "suppressed", "unprocessed"):
            self._alerts.labels(state).set_function(functools.partial(count, state))

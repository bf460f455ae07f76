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
_QUERY_BUCKETS = (0.000_005, 0.000_02, 0.000_1, 0.000_5, 0.002, 0.01, 0.05, 0.25)


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
        self.query_duration = telemetry.histogram(
            f"{name}_query_duration_seconds",
            "Duration of silence query evaluation.",
            buckets=_QUERY_BUCKETS,
        )
        self.scanned = telemetry.counter(
            f"{name}_query_silences_scanned_total",
            "How many silences were scanned during query evaluation.",
        )
        self.skipped = telemetry.counter(
            f"{name}_query_silences_skipped_total",
            "How many silences were skipped during query evaluation using the version index.",
        )
        self._sizes = [
            telemetry.gauge(f"{name}_{which}_size", f"The number of {what}.")
            for which, what in (
                ("state", "silences in the state map"),
                ("matcher_index", "entries in the matcher cache index"),
                ("version_index", "entries in the version index"),
            )
        ]
        self._add_what_stays_0(telemetry, name)

    def _add_what_stays_0(self, telemetry: Telemetry, name: str) -> None:
        """Of snapshot files and of a cluster, which are not there."""
        telemetry.summary(
            f"{name}_snapshot_duration_seconds", "Duration of the last silence snapshot."
        )
        telemetry.gauge(
            f"{name}_snapshot_size_bytes", "Size of the last silence snapshot in bytes."
        )
        telemetry.counter(
            f"{name}_gossip_messages_propagated_total",
            "Number of received gossip messages that have been further gossiped.",
        )
        errors = telemetry.counter(
            f"{name}_matcher_compile_errors_total",
            "How many silence matcher compilations failed.",
            ("stage",),
        )
        for stage in ("index", "load_snapshot"):
            errors.labels(stage)

    def count_with(self, count: Callable[[SilenceState], int], kept: Callable[[], int]) -> None:
        """Show what functions count: silences in a state, and all that are kept."""
        for state in SilenceState:
            self._states.labels(state.value).set_function(functools.partial(count, state))
        for gauge in self._sizes:
            gauge.set_function(kept)


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
        # Groups are made one after the other here: nothing is tried again or given up.
        telemetry.counter(
            f"{_PREFIX}dispatcher_aggregation_group_creation_retries_total",
            "Number of CAS retries while creating aggregation groups under contention.",
        )
        telemetry.counter(
            f"{_PREFIX}dispatcher_aggregation_group_creation_given_up_total",
            "Number of alerts dropped because aggregation group creation exceeded the retry limit.",
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

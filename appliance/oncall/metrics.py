"""Metrics of on-call duty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.base.telemetry import Telemetry

#: How soon somebody should have reacted, in seconds, by severity. P0 is to be taken at once: before
#: the next one is paged.
TARGETS_SECONDS = {"P0": 300, "P1": 900, "P2": 3600, "P3": 86_400}
_BUCKETS = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 86_400.0)
#: Further values of the label `severity` are counted as `other`.
_MOST_SEVERITIES = 20


class OncallMetrics:
    """Made once for each server."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._time_to_ack = telemetry.histogram(
            "appliance_oncall_time_to_ack_seconds",
            "From the start of an alert to its acknowledgement.",
            ("severity",),
            buckets=_BUCKETS,
        )
        self._late = telemetry.counter(
            "appliance_oncall_late_acks_total",
            "Alerts acknowledged later than their severity allows.",
            ("severity",),
        )
        self.pages = telemetry.counter(
            "appliance_oncall_pages_total",
            "Pages of escalations, by whether they were delivered in the end.",
            ("policy", "result"),
        )
        self.unmanned = telemetry.counter(
            "appliance_oncall_unmanned_steps_total",
            "Steps of escalations at which nobody was on call.",
            ("policy",),
        )
        self.escalations = telemetry.gauge(
            "appliance_oncall_escalations", "Escalations that go on: nobody has reacted yet."
        )
        self.acks = telemetry.gauge("appliance_oncall_acks", "Acknowledgements that hold.")
        self._severities: set[str] = set(TARGETS_SECONDS)

    def acked(self, severity: str, seconds: float) -> None:
        """Somebody has acknowledged an alert for the first time."""
        if severity not in self._severities:
            if len(self._severities) >= _MOST_SEVERITIES:
                severity = "other"
            self._severities.add(severity)
        self._time_to_ack.labels(severity).observe(max(seconds, 0.0))
        target = TARGETS_SECONDS.get(severity)
        if target is not None and seconds > target:
            self._late.labels(severity).inc()


class HeartbeatMetrics:
    """Made where there are heartbeats."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.pings = telemetry.counter(
            "appliance_heartbeat_pings_total",
            "Requests of outgoing heartbeats, by how they went.",
            ("heartbeat", "result"),
        )
        self.is_missing = telemetry.gauge(
            "appliance_heartbeat_missing",
            "1 while an expected heartbeat is missing.",
            ("heartbeat",),
        )
        self.last_seen = telemetry.gauge(
            "appliance_heartbeat_last_seen_timestamp_seconds",
            "When an expected heartbeat came last; 0 for never.",
            ("heartbeat",),
        )

"""Metrics of notifications, under Alertmanager's names (0.34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.notify.kinds import KINDS

if TYPE_CHECKING:
    from appliance.base.telemetry import Telemetry
    from appliance.notify.integration import NotifyFailed

_REASONS = (
    *("other", "clientError", "serverError", "contextCanceled", "contextDeadlineExceeded"),
    *("authError", "rateLimited"),
)


class NotifyMetrics:
    """Made once for each server; every integration has its series from the start."""

    def __init__(self, telemetry: Telemetry) -> None:
        labels = ("integration",)
        self._notifications = telemetry.counter(
            "alertmanager_notifications_total",
            "The total number of attempted notifications.",
            labels,
        )
        self._failed = telemetry.counter(
            "alertmanager_notifications_failed_total",
            "The total number of failed notifications.",
            (*labels, "reason"),
        )
        self._requests = telemetry.counter(
            "alertmanager_notification_requests_total",
            "The total number of attempted notification requests.",
            labels,
        )
        self._requests_failed = telemetry.counter(
            "alertmanager_notification_requests_failed_total",
            "The total number of failed notification requests.",
            labels,
        )
        self._latency = telemetry.histogram(
            "alertmanager_notification_latency_seconds",
            "The latency of notifications in seconds.",
            labels,
            buckets=(1, 5, 10, 15, 20),
        )
        self._fallbacks = telemetry.counter(
            "appliance_notification_fallbacks_total",
            "Notifications sent as plain text because a template failed.",
            labels,
        )
        for kind in KINDS:
            for metric in (self._notifications, self._requests, self._requests_failed):
                metric.labels(kind)
            self._latency.labels(kind)
            self._fallbacks.labels(kind)
            for reason in _REASONS:
                self._failed.labels(kind, reason)

    def began(self, kind: str) -> None:
        """There is something to tell."""
        self._notifications.labels(kind).inc()

    def attempted(self, kind: str, seconds: float, failure: NotifyFailed | None) -> None:
        """One attempt is over."""
        self._requests.labels(kind).inc()
        self._latency.labels(kind).observe(seconds)
        if failure is not None:
            self._requests_failed.labels(kind).inc()

    def failed(self, kind: str, reason: str) -> None:
        """It was not told, or not as it should have been."""
        self._failed.labels(kind, reason).inc()

    def fell_back(self, kind: str) -> None:
        """A template failed; plain text is sent instead."""
        self._fallbacks.labels(kind).inc()

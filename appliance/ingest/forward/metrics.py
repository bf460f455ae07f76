"""Figures of sending, under the names that Prometheus users know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import Counter, Gauge

    from appliance.base.telemetry import Telemetry
    from appliance.ingest.forward.batch import Counts, Outgoing

_LABELS = ("remote_name", "url")
_PREFIX = "prometheus_remote_storage_"


class RemoteMetrics:
    """The figures of one server.

    Attributes:
        pending: Samples that wait in the queue.
        shards: Requests sent at the same time in the last round.
    """

    def __init__(self, telemetry: Telemetry, name: str, url: str) -> None:
        self._telemetry = telemetry
        self._values = (name, url)
        self.pending = self._gauge("samples_pending", "Samples waiting to be sent.")
        self.shards = self._gauge("shards", "Requests sent at the same time.")
        self._highest = self._gauge(
            "queue_highest_sent_timestamp_seconds", "Time of the newest sample sent."
        )
        self._bytes = self._counter("bytes_total", "Compressed bytes sent.")
        self._duration = telemetry.histogram(
            _PREFIX + "sent_batch_duration_seconds", "Duration of successful requests.", _LABELS
        ).labels(*self._values)
        self._newest_ms = 0
        for kind in ("samples", "histograms", "exemplars", "metadata"):
            for suffix in ("total", "failed_total", "retried_total"):
                self._kind(kind, suffix)
        for reason in ("dropped_series", "too_old", "queue_full"):
            self._dropped(reason)

    def note_sent(self, request: Outgoing, seconds: float) -> None:
        """A request was taken."""
        self._count(request.counts, "total")
        self._bytes.inc(len(request.body))
        self._duration.observe(seconds)
        if not request.counts.metadata:
            self._newest_ms = max(self._newest_ms, request.newest_ms)
            self._highest.set(self._newest_ms / 1000)

    def note_retry(self, counts: Counts) -> None:
        """A request will be sent again."""
        self._count(counts, "retried_total")

    def note_failure(self, counts: Counts) -> None:
        """A request was refused."""
        self._count(counts, "failed_total")

    def note_dropped(self, dropped: int, too_old: int) -> None:
        """Samples that relabelling dropped, and those over the age limit."""
        self._dropped("dropped_series").inc(dropped)
        self._dropped("too_old").inc(too_old)

    def note_lost(self, samples: int) -> None:
        """Samples that the queue had no room for."""
        self._dropped("queue_full").inc(samples)

    def _count(self, counts: Counts, suffix: str) -> None:
        for kind in ("samples", "histograms", "exemplars", "metadata"):
            if number := getattr(counts, kind):
                self._kind(kind, suffix).inc(number)

    def _kind(self, kind: str, suffix: str) -> Counter:
        what = {"total": "sent", "failed_total": "refused", "retried_total": "sent again"}[suffix]
        return self._counter(f"{kind}_{suffix}", f"{kind.capitalize()} {what}.")

    def _dropped(self, reason: str) -> Counter:
        name = _PREFIX + "samples_dropped_total"
        text = "Samples not sent, by reason."
        counter = self._telemetry.counter(name, text, (*_LABELS, "reason"))
        return counter.labels(*self._values, reason)

    def _counter(self, name: str, text: str) -> Counter:
        return self._telemetry.counter(_PREFIX + name, text, _LABELS).labels(*self._values)

    def _gauge(self, name: str, text: str) -> Gauge:
        return self._telemetry.gauge(_PREFIX + name, text, _LABELS).labels(*self._values)

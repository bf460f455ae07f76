"""promtail's own metrics, under its names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.base.telemetry import Telemetry

#: What stands for the host where entries go into our own store.
OWN_HOST = "self"


class TailMetrics:
    """Counters and gauges of everything that tails."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._add_files(telemetry)
        self._add_clients(telemetry)
        self._add_sources(telemetry)

    def _add_files(self, telemetry: Telemetry) -> None:
        counter, gauge = telemetry.counter, telemetry.gauge
        self.read_bytes = gauge(
            "promtail_read_bytes_total", "Bytes read of a file: its position.", ("path",)
        )
        self.file_bytes = gauge("promtail_file_bytes_total", "Size of a file.", ("path",))
        self.read_lines = counter("promtail_read_lines_total", "Lines read.", ("path",))
        self.files = gauge("promtail_files_active_total", "Files that are followed.")
        self.targets = gauge("promtail_targets_active_total", "Targets of files.")
        self.failures = counter(
            "appliance_tail_failures_total",
            "Unexpected errors that stopped a job's files, or another source, for a while.",
            ("job",),
        )

    def _add_clients(self, telemetry: Telemetry) -> None:
        counter = telemetry.counter
        self.sent_entries = counter("promtail_sent_entries_total", "Entries delivered.", ("host",))
        self.sent_bytes = counter(
            "promtail_sent_bytes_total", "Bytes delivered, as sent to others.", ("host",)
        )
        self.retries = counter(
            "promtail_batch_retries_total", "Requests sent again.", ("host", "tenant")
        )
        self._dropped_entries = counter(
            "promtail_dropped_entries_total",
            "Entries that could not be delivered.",
            ("host", "tenant", "reason"),
        )
        self._dropped_bytes = counter(
            "promtail_dropped_bytes_total",
            "Bytes that could not be delivered.",
            ("host", "tenant", "reason"),
        )
        self._mutated_entries = counter(
            "promtail_mutated_entries_total", "Lines cut.", ("host", "tenant", "reason")
        )
        self._mutated_bytes = counter(
            "promtail_mutated_bytes_total", "Bytes cut off.", ("host", "tenant", "reason")
        )

    def _add_sources(self, telemetry: Telemetry) -> None:
        counter = telemetry.counter
        self.docker_entries = counter(
            "promtail_docker_target_entries_total", "Entries from Docker's API."
        )
        self.docker_errors = counter(
            "promtail_docker_target_parsing_errors_total", "Frames from Docker that have no time."
        )
        self.journal_lines = counter("promtail_journal_target_lines_total", "Journal entries read.")
        self.journal_errors = counter(
            "promtail_journal_target_parsing_errors_total",
            "Journal entries left out.",
            ("error",),
        )
        self.syslog_entries = counter("promtail_syslog_target_entries_total", "Syslog messages.")
        self.syslog_errors = counter(
            "promtail_syslog_target_parsing_errors_total", "Syslog messages that do not parse."
        )
        self.syslog_empty = counter(
            "promtail_syslog_empty_messages_total", "Syslog messages without a message."
        )

    def dropped(
        self, reason: str, entries: int, size: int, *, host: str = OWN_HOST, tenant: str = ""
    ) -> None:
        """Entries are lost."""
        self._dropped_entries.labels(host, tenant, reason).inc(entries)
        self._dropped_bytes.labels(host, tenant, reason).inc(size)

    def mutated(self, entries: int, size: int) -> None:
        """Lines were cut."""
        self._mutated_entries.labels(OWN_HOST, "", "line_too_long").inc(entries)
        self._mutated_bytes.labels(OWN_HOST, "", "line_too_long").inc(size)

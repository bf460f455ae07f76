"""Settings that bound requests, tenants and queries."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from appliance.config.scalars import ByteSize, Duration
from appliance.config.schema import section
from appliance.query.limits import QueryLimits

if TYPE_CHECKING:
    from appliance.config.report import Report

_QUERY = QueryLimits()
_MINUTE_MS = 60_000


@section
class QuerySettings:
    """Bounds of one query."""

    timeout_seconds: float = _QUERY.timeout_seconds
    max_samples: int = _QUERY.max_samples
    max_bytes: ByteSize = ByteSize(_QUERY.max_bytes)
    max_series: int = _QUERY.max_series
    max_log_series: int = _QUERY.max_log_series
    max_log_entries: int = _QUERY.max_log_entries
    concurrency: int = 20

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report)

    @property
    def limits(self) -> QueryLimits:
        """The same as the engines take it."""
        return QueryLimits(
            timeout_seconds=self.timeout_seconds,
            max_samples=self.max_samples,
            max_bytes=int(self.max_bytes),
            max_series=self.max_series,
            max_log_series=self.max_log_series,
            max_log_entries=self.max_log_entries,
        )


@section
class GuardSettings:
    """When a stream label becomes structured metadata; see `ingest/log_guard.py`."""

    values: int = 200
    window: Duration = Duration(5 * _MINUTE_MS)
    streams: int = 10_000
    quiet: Duration = Duration(60 * _MINUTE_MS)

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report)


@section
class LogSettings:
    """Bounds of log streams and their entries; the defaults are Loki's. `max_age` 0: any."""

    labels_per_stream: int = 15
    label_name_bytes: ByteSize = ByteSize(1024)
    label_value_bytes: ByteSize = ByteSize(2048)
    max_age: Duration = Duration(7 * 24 * 60 * _MINUTE_MS)
    max_ahead: Duration = Duration(10 * _MINUTE_MS)
    metadata_bytes: ByteSize = ByteSize(64 << 10)
    metadata_count: int = 128
    guard: GuardSettings = GuardSettings()

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report, unless=frozenset(["max_age"]))


@section
class Limits:
    """Bounds of requests and of what a tenant may have; every refusal names the setting."""

    body_bytes: ByteSize = ByteSize(64 << 20)
    decompressed_bytes: ByteSize = ByteSize(256 << 20)
    header_bytes: ByteSize = ByteSize(16 << 10)
    concurrent_requests: int = 512
    labels_per_series: int = 64
    label_name_bytes: ByteSize = ByteSize(1024)
    label_value_bytes: ByteSize = ByteSize(8192)
    series_per_tenant: int = 2_000_000
    streams_per_tenant: int = 100_000
    line_bytes: ByteSize = ByteSize(256 << 10)
    pushed_bytes: ByteSize = ByteSize(64 << 20)
    logs: LogSettings = LogSettings()
    query: QuerySettings = QuerySettings()

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report)


def _require_positive(
    section: Any, report: Report, *, unless: frozenset[str] = frozenset()
) -> None:
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if field.name not in unless and isinstance(value, int | float) and value <= 0:
            report.error(section, field.name, f"{value} lets nothing through; write 1 or more")

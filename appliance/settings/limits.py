"""Settings that bound requests, tenants and queries."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from appliance.config.scalars import ByteSize
from appliance.config.schema import section
from appliance.query.limits import QueryLimits

if TYPE_CHECKING:
    from appliance.config.report import Report

_QUERY = QueryLimits()


@section
class QuerySettings:
    """Bounds of one query."""

    timeout_seconds: float = _QUERY.timeout_seconds
    max_samples: int = _QUERY.max_samples
    max_bytes: ByteSize = ByteSize(_QUERY.max_bytes)
    max_series: int = _QUERY.max_series
    concurrency: int = 20

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report)

    @property
    def limits(self) -> QueryLimits:
        """The same as the engines take it."""
        return QueryLimits(
            self.timeout_seconds, self.max_samples, int(self.max_bytes), self.max_series
        )


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
    query: QuerySettings = QuerySettings()

    def check(self, report: Report) -> None:
        """Refuse limits that let nothing through."""
        _require_positive(self, report)


def _require_positive(section: Any, report: Report) -> None:
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if isinstance(value, int | float) and value <= 0:
            report.error(section, field.name, f"{value} lets nothing through; write 1 or more")

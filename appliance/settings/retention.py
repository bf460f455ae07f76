"""Settings of how long and how much is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import ByteSize, Duration
from appliance.config.schema import section

if TYPE_CHECKING:
    from appliance.config.report import Report

_DAY = 86_400_000


@section
class ByteBudget:
    """How much the disk may hold; the oldest data goes first."""

    total: ByteSize = ByteSize(20 << 30)
    metrics: ByteSize | None = None
    logs: ByteSize | None = None
    traces: ByteSize | None = None
    errors: ByteSize | None = None

    def check(self, report: Report) -> None:
        """Refuse to keep nothing at all."""
        if self.total <= 0:
            report.error(self, "total", "0 bytes keep nothing; write for example 20GB")


@section
class Ages:
    """How long each kind of data is kept; absent means as usual."""

    metrics: Duration | None = None
    logs: Duration | None = None
    traces: Duration | None = None
    errors: Duration | None = None


@section
class Retention:
    """How long and how much."""

    metrics: Duration = Duration(30 * _DAY)
    logs: Duration = Duration(90 * _DAY)
    traces: Duration = Duration(14 * _DAY)
    errors: Duration = Duration(90 * _DAY)
    audit: Duration = Duration(7 * 365 * _DAY)
    billing: Duration = Duration(10 * 365 * _DAY)
    max_bytes: ByteBudget = ByteBudget()


@section
class Tenant:
    """What differs for one tenant."""

    retention: Ages = Ages()

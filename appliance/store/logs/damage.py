"""Damaged rows: told once, counted, and skipped by queries."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.base.telemetry import Telemetry

_log = logging.getLogger(__name__)


class DamageReport:
    """What was found broken since the start."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._told: set[tuple[str, int]] = set()
        self._count = telemetry.counter(
            "appliance_store_damaged_blocks_total", "Damaged blocks skipped.", ("signal",)
        ).labels("logs")

    def __call__(self, table: str, number: int, error: Exception) -> None:
        """Log a row at its first damage and count every time it is met."""
        self._count.inc()
        if (table, number) not in self._told:
            self._told.add((table, number))
            _log.error("logs: row %d of table %r is damaged and skipped: %s", number, table, error)

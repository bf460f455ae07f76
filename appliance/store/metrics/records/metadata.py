"""Type, unit and help of pushed metrics, kept over restarts; a bounded table per tenant."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from appliance.model.sample import MetricMetadata

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

_LIMIT = 20_000


class MetadataTable:
    """What is known, in memory; any thread may call.

    Args:
        connection: A reader of the file.
        limit: Most metrics of a tenant; those that come later are left out.
    """

    def __init__(self, connection: sqlite3.Connection, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._families: dict[int, dict[str, MetricMetadata]] = {}
        self._lock = threading.Lock()
        sql = "SELECT tenant, name, type, help, unit FROM metadata"
        for tenant, name, kind, text, unit in connection.execute(sql):
            found = self._families.setdefault(tenant, {})
            found[name] = MetricMetadata(kind, text, unit)

    def news(
        self, tenant: int, families: Mapping[str, MetricMetadata]
    ) -> dict[str, MetricMetadata]:
        """Those that are new or have changed and find room; they count as known from now on."""
        known = self._families.get(tenant, {})
        news = {name: item for name, item in families.items() if known.get(name) != item}
        if not news:
            return {}
        with self._lock:
            known = self._families.get(tenant, {})
            room = self._limit - len(known)
            added = [name for name in news if name not in known]
            for name in added[max(0, room) :]:
                del news[name]
            self._families[tenant] = known | news
        return news

    def retract(self, tenant: int, families: Mapping[str, MetricMetadata]) -> None:
        """These could not be written; a later push says them again."""
        with self._lock:
            known = self._families.get(tenant, {})
            kept = {name: item for name, item in known.items() if families.get(name) != item}
            self._families[tenant] = kept

    def of(self, tenant: int) -> Mapping[str, MetricMetadata]:
        """All of a tenant, by metric name; never changed afterwards."""
        return self._families.get(tenant, {})


def write(
    connection: sqlite3.Connection, tenant: int, families: Mapping[str, MetricMetadata]
) -> None:
    """Add or replace rows; inside a transaction."""
    connection.executemany(
        "INSERT OR REPLACE INTO metadata(tenant, name, type, help, unit) VALUES (?, ?, ?, ?, ?)",
        ((tenant, name, item.type, item.help, item.unit) for name, item in families.items()),
    )

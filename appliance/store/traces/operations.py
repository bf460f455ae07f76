"""Which services and span names there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from appliance.store.traces.table import Columns


def operations_of(columns: Columns, limit: int | None = None) -> list[tuple[str, str, int]]:
    """Distinct (service, name, kind) of some spans; with a limit the most frequent ones."""
    services, names = columns.coded["service"], columns.coded["name"]
    combined = (services.ids.astype(np.int64) << 40) | (names.ids.astype(np.int64) << 8)
    combined |= columns.numbers["kind"]
    found, counts = np.unique(combined, return_counts=True)
    if limit is not None and len(found) > limit:
        found = found[np.argsort(-counts, kind="stable")[:limit]]
    return [
        (str(services.values[code >> 40]), str(names.values[code >> 8 & 0xFFFFFFFF]), code & 0xFF)
        for code in found.tolist()
    ]


def stored_services(connection: sqlite3.Connection, tenant: int) -> set[str]:
    """Services in sealed blocks."""
    sql = "SELECT DISTINCT service FROM operation WHERE tenant = ?"
    return {service for (service,) in connection.execute(sql, (tenant,))}


def stored_operations(
    connection: sqlite3.Connection, tenant: int, service: str
) -> set[tuple[str, int]]:
    """(name, kind) of a service's spans in sealed blocks."""
    sql = "SELECT name, kind FROM operation WHERE tenant = ? AND service = ?"
    return set(connection.execute(sql, (tenant, service)))


def head_services(tables: Iterable[Columns]) -> set[str]:
    """Services of spans in the head."""
    return {str(service) for columns in tables for service in columns.coded["service"].values}


def head_operations(tables: Iterable[Columns], service: str) -> set[tuple[str, int]]:
    """(name, kind) of a service's spans in the head."""
    return {
        (name, kind)
        for columns in tables
        for owner, name, kind in operations_of(columns)
        if owner == service
    }


def forget(connection: sqlite3.Connection, tenant: int) -> None:
    """Delete names that no block has any more.

    A name knows only the newest block that has it, so it goes when all blocks up to that one are
    gone: in odd orders of pruning a little late, never too early.
    """
    connection.execute(
        "DELETE FROM operation WHERE tenant = ?1 AND block <"
        " coalesce((SELECT min(id) FROM block WHERE tenant = ?1), 9223372036854775807)",
        (tenant,),
    )

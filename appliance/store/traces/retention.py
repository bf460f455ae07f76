"""Retention of blocks: by age, and by the bytes the file may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.store.retention import Deleter, Pruned, Retention
from appliance.store.traces import operations
from appliance.store.traces.sealed import layout

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from appliance.store.database import Database


@dataclass(frozen=True, slots=True)
class _Block:
    id: int
    tenant: int
    spans: int
    stored_bytes: int


class Pruner:
    """Removes blocks of one file, one short transaction each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._deleter = Deleter(self._delete, step=1)

    def run(self, retention: Retention, tenants: Mapping[int, str], now_ms: int) -> Pruned:
        """Remove what is too old, then, over the bound in bytes, the oldest.

        Args:
            tenants: Names by number.
        """
        gone = self._deleter.run(self._expired(retention, tenants, now_ms))
        if retention.max_bytes is not None:
            gone += self._shrink(retention.max_bytes)
        if gone.blocks:
            self._database.shrink()
        return gone

    def _expired(
        self, retention: Retention, tenants: Mapping[int, str], now_ms: int
    ) -> list[_Block]:
        found: list[_Block] = []
        for number, name in tenants.items():
            rule = next((one for one in retention.rules if one.tenant in {None, name}), None)
            if rule is not None:
                cutoff_ns = (now_ms - rule.max_age_ms) * 1_000_000
                found += self._blocks(
                    "WHERE tenant = ? AND max_ns < ?", number, max(cutoff_ns, -(2**63))
                )
        return found

    def _shrink(self, max_bytes: int) -> Pruned:
        """Remove the oldest blocks until the live bytes are within the bound."""
        gone = Pruned()
        for block in self._blocks(""):
            if self._live_bytes() <= max_bytes:
                break
            gone += self._deleter.run([block])
        return gone

    def _blocks(self, where: str, *values: int) -> list[_Block]:
        """Blocks, oldest first."""
        sql = f"SELECT id, tenant, spans, stored_bytes FROM block {where} ORDER BY max_ns, id"  # noqa: S608 - constants
        with self._database.reader() as connection:
            found = [_Block(*row) for row in connection.execute(sql, values)]
        return self._deleter.possible(found)

    def _live_bytes(self) -> int:
        with self._database.reader() as connection:
            pages, free, size = (
                int(connection.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * size

    def _delete(self, blocks: Sequence[_Block]) -> Pruned:
        (block,) = blocks  # one alone takes long enough

        def work(connection: sqlite3.Connection) -> None:
            bounds = layout.column_id(block.id, 0), layout.column_id(block.id, 0xFFFF)
            connection.execute("DELETE FROM block_column WHERE id BETWEEN ? AND ?", bounds)
            connection.execute("DELETE FROM trace_filter WHERE block = ?", (block.id,))
            connection.execute("DELETE FROM block WHERE id = ?", (block.id,))
            operations.forget(connection, block.tenant)

        self._database.write(work).result()
        return Pruned(1, block.spans, block.stored_bytes)

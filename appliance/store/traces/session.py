"""How one query reads the blobs of sealed blocks, and tells which of them are damaged."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from appliance.store.codec import Damaged, decode_bytes
from appliance.store.failure import raising_damaged
from appliance.store.traces.sealed import layout
from appliance.store.traces.sealed.block_reader import Directory
from appliance.store.traces.sealed.trace_filter import may_contain

if TYPE_CHECKING:
    import sqlite3

    from prometheus_client import Counter

    from appliance.model.sources import Guard
    from appliance.store.cache import ByteCache
    from appliance.store.database import Database

_log = logging.getLogger(__name__)


class DamageLog:
    """Tells each damaged blob once and counts it."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._seen: set[tuple[str, int]] = set()

    def note(self, table: str, number: int, error: Damaged, what: str = "") -> None:
        """A row of a table does not decode."""
        if (table, number) in self._seen:
            return
        self._seen.add((table, number))
        self._counter.inc()
        _log.error("traces: %s %d %s is damaged and left out: %s", table, number, what, error)


class BlockSession:
    """Reads blobs for one query; implements `block_reader.BlockAccess`.

    While the query's own read transaction is open all reads use it, so that blocks pruned
    meanwhile are still there; columns asked for afterwards are read in transactions of their own.
    """

    def __init__(
        self,
        database: Database,
        cache: ByteCache[tuple[int, str], Any],
        guard: Guard,
        damage: DamageLog,
    ) -> None:
        self.cache = cache
        self.guard = guard
        self.connection: sqlite3.Connection | None = None
        self._database = database
        self._damage = damage

    def fetch(self, block: int, ordinal: int) -> bytes:
        """A column's blob.

        Raises:
            Damaged: It is not there.
        """
        rows = self._query(
            "SELECT data FROM block_column WHERE id = ?", layout.column_id(block, ordinal)
        )
        if not rows:
            raise Damaged(f"column {ordinal} is missing")
        blob: bytes = rows[0][0]
        return blob

    def directory(self, block: int) -> Directory:
        """The columns of a block that not every block has."""
        rows = self._query(
            "SELECT id & 65535, name FROM block_column WHERE id BETWEEN ? AND ?",
            layout.column_id(block, layout.FIXED["other_keys"]),
            layout.column_id(block, layout.FIRST_FRAME - 1),
        )
        return Directory.of(rows)

    def damaged(self, block: int, what: str, error: Damaged) -> None:
        """Tell that a column does not decode."""
        self._damage.note("block", block, error, what)

    def may_hold(self, block: int, probe: tuple[int, int]) -> bool:
        """False when the trace is certainly not in the block."""
        key = (block, "filter")
        data: bytes | None = self.cache.get(key)
        if data is None:
            try:
                rows = self._query("SELECT data FROM trace_filter WHERE block = ?", block)
                data = decode_bytes(rows[0][0])
            except (Damaged, IndexError):
                return True
            self.cache.put(key, data, len(data))
        return may_contain(data, probe)

    def _query(self, sql: str, *values: int) -> list[Any]:
        if self.connection is not None:
            with raising_damaged():
                return self.connection.execute(sql, values).fetchall()
        with self._database.reader() as connection, raising_damaged():
            return connection.execute(sql, values).fetchall()

"""The source of spans: head and sealed blocks as one, for one tenant."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import StoredSpan
from appliance.store.codec import Damaged, decode_bytes
from appliance.store.failure import raising_damaged
from appliance.store.traces import layout, operations
from appliance.store.traces.block_columns import BlockColumns
from appliance.store.traces.block_reader import BlockReader, Directory
from appliance.store.traces.table import shared_value, trace_halves
from appliance.store.traces.trace_filter import may_contain, probe_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from prometheus_client import Counter

    from appliance.model.sources import Guard
    from appliance.model.trace import SpanColumns
    from appliance.store.cache import ByteCache
    from appliance.store.database import Database
    from appliance.store.traces.head import Head, HeadState

#: The largest time SQLite can compare with.
_FAR_NS = 2**63 - 1
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
        """The attribute columns of a block."""
        rows = self._query(
            "SELECT id & 65535, name FROM block_column WHERE id BETWEEN ? AND ?",
            layout.column_id(block, layout.FIXED["other_keys"]),
            layout.column_id(block, layout.FIRST_FRAME - 1),
        )
        ordinals = {name: at for at, name in rows if at >= layout.FIRST_ATTRIBUTE}
        return Directory(ordinals, has_others=len(ordinals) < len(rows))

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


class StoredSpans:
    """What one tenant has stored; implements `model.sources.SpanSource`.

    Args:
        find: The tenant's number and head; None while it has sent nothing.
    """

    def __init__(
        self,
        database: Database,
        find: Callable[[], tuple[int, Head] | None],
        cache: ByteCache[tuple[int, str], Any],
        damage: DamageLog,
    ) -> None:
        self._database = database
        self._find = find
        self._cache = cache
        self._damage = damage

    def trace(self, trace_id: bytes, guard: Guard) -> list[StoredSpan]:
        """All spans of a trace, ascending by start, each once; empty when unknown."""
        known = self._find()
        if known is None or len(trace_id) != 16:
            return []
        tenant, head = known
        probe = probe_of(trace_halves(np.frombuffer(trace_id, np.uint8).reshape(1, 16)))
        session = self._session(guard)
        with self._database.snapshot(lambda: head.state) as (connection, state):
            session.connection = connection
            found: list[tuple[int, StoredSpan]] = []
            sql = "SELECT id, spans FROM block WHERE tenant = ? ORDER BY max_ns, id"
            for block, count in connection.execute(sql, (tenant,)).fetchall():
                if session.may_hold(block, probe):
                    guard.check()
                    view = BlockColumns(BlockReader(block, count, session))
                    found += view.timed_spans(view.rows_of(trace_id))
        found += _in_head(state, trace_id)
        guard.add_bytes(sum(len(span.span) for _, span in found))
        found.sort(key=lambda timed: timed[0])
        return list(dict.fromkeys(span for _, span in found))

    def scan(self, start_ns: int, end_ns: int, guard: Guard) -> Iterator[SpanColumns]:
        """Blocks that may hold spans starting in [start_ns, end_ns), newest first."""
        known = self._find()
        if known is None:
            return
        tenant, head = known
        session = self._session(guard)
        with self._database.snapshot(lambda: head.state) as (connection, state):
            session.connection = connection
            try:
                if _overlaps(state, start_ns, end_ns):
                    yield head.view(state)
                rows = connection.execute(
                    "SELECT id, spans FROM block WHERE tenant = ? AND max_ns >= ? AND min_ns < ?"
                    " ORDER BY max_ns DESC, id DESC",
                    (tenant, max(start_ns, -_FAR_NS), min(end_ns, _FAR_NS)),
                ).fetchall()
                for block, count in rows:
                    guard.check()
                    yield BlockColumns(BlockReader(block, count, session))
            finally:
                session.connection = None

    def services(self) -> list[str]:
        """Service names, sorted."""
        known = self._find()
        if known is None:
            return []
        tenant, head = known
        with self._database.snapshot(lambda: head.state) as (connection, state):
            stored = operations.stored_services(connection, tenant)
        return sorted(stored | operations.head_services(state.columns()))

    def operations(self, service: str) -> list[tuple[str, int]]:
        """Span names of a service with their kinds, sorted."""
        known = self._find()
        if known is None:
            return []
        tenant, head = known
        with self._database.snapshot(lambda: head.state) as (connection, state):
            stored = operations.stored_operations(connection, tenant, service)
        return sorted(stored | operations.head_operations(state.columns(), service))

    def _session(self, guard: Guard) -> BlockSession:
        return BlockSession(self._database, self._cache, guard, self._damage)


def _in_head(state: HeadState, trace_id: bytes) -> list[tuple[int, StoredSpan]]:
    """Start times and spans of a trace in the head."""
    found = []
    for part in state.parts:
        columns = part.table.columns
        resources, scopes = columns.coded["resource"], columns.coded["scope"]
        for row in columns.rows_of(trace_id).tolist():
            shared = shared_value(resources, row), shared_value(scopes, row)
            span = StoredSpan(*shared, part.table.span(row))
            found.append((int(columns.numbers["start_ns"][row]), span))
    return found


def _overlaps(state: HeadState, start_ns: int, end_ns: int) -> bool:
    return any(
        bool(((starts >= start_ns) & (starts < end_ns)).any())
        for starts in (part.table.columns.numbers["start_ns"] for part in state.parts)
    )

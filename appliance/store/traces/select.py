"""The source of spans: head and sealed blocks as one, for one tenant."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from appliance.model.trace import TraceSpans
from appliance.store.traces import operations
from appliance.store.traces.sealed.block_columns import BlockColumns
from appliance.store.traces.sealed.block_reader import BlockReader
from appliance.store.traces.sealed.trace_filter import probe_of
from appliance.store.traces.session import BlockSession, DamageLog
from appliance.store.traces.table import trace_halves
from appliance.store.traces.views.trace_spans import TraceSpanCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from appliance.model.sources import Guard
    from appliance.model.trace import SpanColumns
    from appliance.store.cache import ByteCache
    from appliance.store.database import Database
    from appliance.store.traces.head import Head, HeadState
    from appliance.store.traces.views.head_columns import HeadColumns
    from appliance.store.traces.views.split_traces import SplitTraces

#: Columns of `block`.
_Until = Literal["max_ns", "max_end_ns"]
#: The largest time SQLite can compare with.
_FAR_NS = 2**63 - 1


class StoredSpans:
    """What one tenant has stored; implements `model.sources.SpanSource`.

    Args:
        find: The tenant's number and head; None while it has sent nothing.
    """

    def __init__(
        self,
        database: Database,
        find: Callable[[], tuple[int, Head] | None],
        *,
        cache: ByteCache[tuple[int, str], Any],
        damage: DamageLog,
        split_traces: SplitTraces,
    ) -> None:
        self._database = database
        self._find = find
        self._split_traces = split_traces
        self._cache = cache
        self._damage = damage

    def trace(self, trace_id: bytes, guard: Guard, *, max_bytes: int | None = None) -> TraceSpans:
        """The spans of a trace, ascending by start, each once; empty when unknown.

        Args:
            max_bytes: Stop at about so many bytes of spans; the result tells (`is_partial`).
        """
        known = self._find()
        if known is None or len(trace_id) != 16:
            return TraceSpans()
        tenant, head = known
        probe = probe_of(trace_halves(np.frombuffer(trace_id, np.uint8).reshape(1, 16)))
        session = self._session(guard)
        found = TraceSpanCollector(guard, max_bytes)
        with self._database.snapshot(lambda: head.state) as (connection, state):
            session.connection = connection
            sql = "SELECT id, spans FROM block WHERE tenant = ? ORDER BY max_ns, id"
            for block, count in connection.execute(sql, (tenant,)).fetchall():
                if session.may_hold(block, probe):
                    guard.check()
                    found.add_block(BlockColumns(BlockReader(block, count, session)), trace_id)
        found.add_head(state, trace_id)
        return found.spans()

    def scan(self, start_ns: int, end_ns: int, guard: Guard) -> Iterator[SpanColumns]:
        """Blocks that may hold spans starting in [start_ns, end_ns), newest first."""
        with self._views(start_ns, end_ns, guard, until="max_ns") as (head, blocks):
            if head is not None:
                yield head
            for block in blocks:
                guard.check()
                yield block

    @contextlib.contextmanager
    def whole_traces(
        self, start_ns: int, end_ns: int, guard: Guard
    ) -> Iterator[Sequence[SpanColumns]]:
        """Blocks with spans in the range, each trace whole in one of them; see `SpanSource`."""
        with self._views(start_ns, end_ns, guard, until="max_end_ns") as (head, blocks):
            yield self._split_traces.whole(head, blocks, guard)

    @contextlib.contextmanager
    def _views(
        self, start_ns: int, end_ns: int, guard: Guard, *, until: _Until
    ) -> Iterator[tuple[HeadColumns | None, list[BlockColumns]]]:
        """The head, if it has spans in the range, and the blocks, newest first.

        Args:
            until: What of a span must not be before the range: its start or its end.
        """
        known = self._find()
        if known is None:
            yield None, []
            return
        tenant, head = known
        session = self._session(guard)
        with self._database.snapshot(lambda: head.state) as (connection, state):
            session.connection = connection
            try:
                rows = connection.execute(
                    f"SELECT id, spans FROM block WHERE tenant = ? AND {until} >= ?"  # noqa: S608 - constants
                    " AND min_ns < ? ORDER BY max_ns DESC, id DESC",
                    (tenant, _comparable(start_ns), _comparable(end_ns)),
                ).fetchall()
                blocks = [
                    BlockColumns(BlockReader(number, count, session)) for number, count in rows
                ]
                found = _overlaps(state, start_ns, end_ns, until=until)
                yield head.view(state) if found else None, blocks
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


def _comparable(time_ns: int) -> int:
    return max(-_FAR_NS, min(time_ns, _FAR_NS))


def _overlaps(state: HeadState, start_ns: int, end_ns: int, *, until: _Until) -> bool:
    for columns in state.columns():
        starts = columns.numbers["start_ns"]
        last = starts if until == "max_ns" else columns.ends_ns()
        if ((last >= start_ns) & (starts < end_ns)).any():
            return True
    return False

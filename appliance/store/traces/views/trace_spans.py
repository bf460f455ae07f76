"""The spans of one trace, put together from the pieces that have some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.model.trace import StoredSpan, TraceSpans
from appliance.store.traces.table import shared_value

if TYPE_CHECKING:
    from appliance.model.sources import Guard
    from appliance.store.traces.head import HeadState
    from appliance.store.traces.sealed.block_columns import BlockColumns


class TraceSpanCollector:
    """Collects spans up to a bound in bytes.

    Args:
        max_bytes: None: no bound.
    """

    def __init__(self, guard: Guard, max_bytes: int | None) -> None:
        self._guard = guard
        self._left = max_bytes
        self._is_partial = False
        self._found: dict[StoredSpan, int] = {}

    def add_block(self, view: BlockColumns, trace_id: bytes) -> None:
        """The trace's spans in a sealed block."""
        rows = view.rows_of(trace_id)
        if self._left is not None and len(rows):
            if self._is_full():
                return
            fitting = view.within(rows, self._left)
            self._is_partial = len(fitting) < len(rows)
            rows = fitting
        timed = view.timed_spans(rows)
        self._guard.add_bytes(sum(len(span.span) for _, span in timed))
        for start_ns, span in timed:
            self._add(start_ns, span)

    def add_head(self, state: HeadState, trace_id: bytes) -> None:
        """The trace's spans in the head."""
        for part in state.parts:
            columns = part.table.columns
            resources, scopes = columns.coded["resource"], columns.coded["scope"]
            rows = columns.rows_of(trace_id)
            starts = columns.numbers["start_ns"][rows].tolist()
            for row, start_ns in zip(rows.tolist(), starts, strict=True):
                if self._is_full():
                    return
                shared = shared_value(resources, row), shared_value(scopes, row)
                span = StoredSpan(*shared, part.table.span(row))
                self._guard.add_bytes(len(span.span))
                self._add(start_ns, span)

    def spans(self) -> TraceSpans:
        """What was collected, ascending by start, each span once."""
        found = TraceSpans(sorted(self._found, key=self._found.__getitem__))
        found.is_partial = self._is_partial
        return found

    def _is_full(self) -> bool:
        """Whether nothing more fits; asked when there is more."""
        self._is_partial |= self._left is not None and self._left <= 0
        return self._is_partial

    def _add(self, start_ns: int, span: StoredSpan) -> None:
        if span not in self._found:
            self._found[span] = start_ns
            if self._left is not None:
                self._left -= len(span.span)

"""The head: acknowledged spans that are not in a block yet, per tenant.

Invariants:
- Only the writer thread changes it; `state` is an immutable value that is replaced as a whole, so
  taking a snapshot is reading one attribute.
- Parts ascend by inbox row. A part never mixes what is being sealed with what came later.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from appliance.store.traces.attributes import AttributeColumn, group_by_key
from appliance.store.traces.span_parts import SpanParts, merge_parts, parse_spans
from appliance.store.traces.table import Columns, SpanTable, concat
from appliance.store.traces.views.head_columns import HeadColumns

#: Parts with fewer spans are joined with their neighbours, so that many small requests stay cheap.
_SMALL = 512


@dataclass(eq=False, slots=True)
class Part:
    """Spans of one or more consecutive requests.

    Attributes:
        last_row: The newest inbox row in it.
        arrived_ms: When its oldest request came.
    """

    table: SpanTable
    last_row: int
    arrived_ms: int
    size_bytes: int = field(init=False)
    _parts: SpanParts | None = None
    _columns: dict[str, AttributeColumn] | None = None

    def __post_init__(self) -> None:
        self.size_bytes = self.table.size_bytes

    def parts(self) -> SpanParts:
        """The spans' attributes, events and so on, parsed at the first call; any thread."""
        if self._parts is None:
            self._parts = parse_spans(self.table.spans())
        return self._parts

    def attributes(self) -> dict[str, AttributeColumn]:
        """Columns of the spans' attributes, made at the first call; any thread."""
        if self._columns is None:
            self._columns = group_by_key(self.parts().attributes)
        return self._columns

    def joined(self, newer: Part) -> Part:
        """This part and the one after it as one."""
        both = Part(concat([self.table, newer.table]), newer.last_row, self.arrived_ms)
        mine, theirs = self._parts, newer._parts
        if mine is not None and theirs is not None:
            both._parts = merge_parts([(mine, len(self.table)), (theirs, len(newer.table))])
        return both


@dataclass(frozen=True, slots=True)
class HeadState:
    """One instant of a head.

    Attributes:
        sealing: Parts a compactor is writing to a block right now.
        active: Parts that came later.
    """

    sealing: tuple[Part, ...] = ()
    active: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts, oldest first."""
        return self.sealing + self.active

    def columns(self) -> list[Columns]:
        """The fixed columns of the parts."""
        return [part.table.columns for part in self.parts]

    def __len__(self) -> int:
        return sum(len(part.table) for part in self.parts)

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory."""
        return sum(part.size_bytes for part in self.parts)


class Head:
    """The head of one tenant."""

    def __init__(self) -> None:
        self.state = HeadState()
        self._view: tuple[HeadState, HeadColumns] | None = None
        self._view_lock = threading.Lock()

    def append(self, part: Part) -> None:
        """Add a request; in the writer thread."""
        active = [*self.state.active, part]
        while len(active) > 1 and _worth_joining(active[-2], active[-1]):
            last = active.pop()
            active[-1] = active[-1].joined(last)
        self.state = HeadState(self.state.sealing, tuple(active))

    def rotate(self, max_spans: int, max_bytes: int) -> None:
        """Move the oldest parts, at least one and up to a bound, to `sealing`; writer thread.

        Does nothing while there is something in `sealing`.
        """
        state = self.state
        if state.sealing:
            return
        spans = size = taken = 0
        for part in state.active:
            if taken and (spans + len(part.table) > max_spans or size > max_bytes):
                break
            spans += len(part.table)
            size += part.size_bytes
            taken += 1
        self.state = HeadState(state.active[:taken], state.active[taken:])

    def drop_sealed(self) -> None:
        """Forget `sealing`: it is in a block now; in the writer thread."""
        self.state = HeadState((), self.state.active)

    def view(self, state: HeadState) -> HeadColumns:
        """Columns of a snapshot; kept until the head changes."""
        with self._view_lock:
            if self._view is None or self._view[0] is not state:
                self._view = (state, HeadColumns(state.parts))
            return self._view[1]


def _worth_joining(older: Part, newer: Part) -> bool:
    """Join like binary counting, so that each span is copied a logarithmic number of times."""
    return len(older.table) < _SMALL and len(older.table) <= 2 * len(newer.table)

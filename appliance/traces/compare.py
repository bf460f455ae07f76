"""Two traces side by side: which spans both have, which only one has, which got slower.

Spans are matched by structure: below matched parents, the first child of a service and operation in
one trace is the first such child in the other, the second the second, and so on. What has no match
is there with everything below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.traces.trace import children_of, parents_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.traces.trace import TraceSpan


@dataclass(frozen=True, slots=True)
class Row:
    """A span of either trace or of both.

    Attributes:
        depth: 0 for roots.
        first, second: Places in the two traces; None: only the other has it.
    """

    depth: int
    first: int | None
    second: int | None


@dataclass(frozen=True, slots=True)
class _Trace:
    """A trace that is being compared; `children` may be asked for the roots with -1."""

    spans: Sequence[TraceSpan]
    below: Sequence[Sequence[int]]
    roots: Sequence[int]

    @classmethod
    def of(cls, spans: Sequence[TraceSpan]) -> _Trace:
        parents = parents_of(spans)
        roots = [place for place, parent in enumerate(parents) if parent < 0]
        return cls(spans, children_of(parents), roots)

    def children(self, place: int | None) -> Sequence[int]:
        if place is None:
            return ()
        found = self.roots if place < 0 else self.below[place]
        return sorted(found, key=lambda one: self.spans[one].start_ns)


def compare(first: Sequence[TraceSpan], second: Sequence[TraceSpan]) -> list[Row]:
    """Rows in the order in which the traces read from top to bottom, each span once."""
    one, other = _Trace.of(first), _Trace.of(second)
    found: list[Row] = []
    waiting = [Row(-1, -1, -1)]
    while waiting:
        row = waiting.pop()
        if row.depth >= 0:
            found.append(row)
        below = [Row(row.depth + 1, mine, theirs) for mine, theirs in _match(one, other, row)]
        waiting.extend(reversed(below))
    return found


def _match(one: _Trace, other: _Trace, row: Row) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of children of a pair, those of the first trace in order, then the second's own."""
    theirs: dict[tuple[str, str], list[int]] = {}
    for place in reversed(other.children(row.second)):
        span = other.spans[place]
        theirs.setdefault((span.service, span.name), []).append(place)
    matched = set()
    for place in one.children(row.first):
        span = one.spans[place]
        same = theirs.get((span.service, span.name))
        partner = same.pop() if same else None
        matched.add(partner)
        yield place, partner
    for place in other.children(row.second):
        if place not in matched:
            yield None, place

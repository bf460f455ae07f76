"""The critical path of a trace: at each instant of its root, the span that the root waits for.

As Jaeger's page computes it: from the end of the root go back; the child that finished last before
the instant at hand is on the path, and so on inside it; what no child covers is the span's own.
Children are cut to the time of their parent; those that a parent does not wait for (producers and
consumers below another span) are left out with everything below them, as are those that take no
time. Differs from Jaeger: a child that ends exactly when the next one starts is on the path too.

Invariant: sections do not overlap and cover the root from its start to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.traces.trace import children_of, parents_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.traces.trace import TraceSpan

_PRODUCER, _CONSUMER = 4, 5


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of time for which one span is on the path.

    Attributes:
        span: Its place in the trace's list.
    """

    span: int
    start_ns: int
    end_ns: int


@dataclass(slots=True)
class _Visit:
    """A span that is being gone through, from its end backwards.

    Attributes:
        until_ns: What lies after it is done.
        waiting: Its children by end, the latest last.
    """

    span: int
    until_ns: int
    waiting: list[int]


def critical_path(spans: Sequence[TraceSpan]) -> list[Section]:
    """Sections of the path, ascending by time; none without spans.

    Args:
        spans: Of one trace. The root is the longest of the earliest spans without a parent.
    """
    if not spans:
        return []
    parents = parents_of(spans)
    roots = (place for place, parent in enumerate(parents) if parent < 0)
    root = min(roots, key=lambda place: (spans[place].start_ns, -spans[place].end_ns))
    times = _cut(spans, children_of(parents), root)
    children = [
        sorted((one for one in below if one in times), key=lambda one: times[one][1])
        for below in children_of(parents)
    ]
    found: list[Section] = []
    visits = [_Visit(root, times[root][1], children[root])]
    while visits:
        visit = visits[-1]
        child = _last_before(visit, times)
        start = times[visit.span][0] if child is None else times[child][1]
        if start < visit.until_ns:
            found.append(Section(visit.span, start, visit.until_ns))
        if child is None:
            visits.pop()
        else:
            visit.until_ns = times[child][0]
            visits.append(_Visit(child, times[child][1], children[child]))
    return found[::-1]


def _last_before(visit: _Visit, times: dict[int, tuple[int, int]]) -> int | None:
    """The child that ends last until the instant at hand; each one comes once."""
    while visit.waiting:
        child = visit.waiting.pop()
        if times[child][1] <= visit.until_ns:
            return child
    return None


def _cut(
    spans: Sequence[TraceSpan], children: Sequence[Sequence[int]], root: int
) -> dict[int, tuple[int, int]]:
    """Start and end of the spans that can be on the path, within those of their parents."""
    times = {root: (spans[root].start_ns, spans[root].end_ns)}
    open_spans = [root]
    while open_spans:
        parent = open_spans.pop()
        start, end = times[parent]
        for child in children[parent]:
            span = spans[child]
            first, last = max(span.start_ns, start), min(span.end_ns, end)
            if first < last and span.kind not in {_PRODUCER, _CONSUMER}:
                times[child] = (first, last)
                open_spans.append(child)
    return times


def time_on_path(sections: Sequence[Section]) -> dict[int, int]:
    """How long each span is on the path, in nanoseconds, by its place."""
    found: dict[int, int] = {}
    for section in sections:
        found[section.span] = found.get(section.span, 0) + section.end_ns - section.start_ns
    return found

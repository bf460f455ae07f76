"""A trace as server-rendered pages show it: what it is in short, and its spans as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.traces.criteria import KINDS
from appliance.traces.trace import children_of

if TYPE_CHECKING:
    from appliance.traces.view import TraceView

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class SpanRow:
    """One span in a list.

    Attributes:
        depth: 0 for roots; at most 12, what is deeper is not indented further.
        start_ns: From the start of the trace.
    """

    depth: int
    service: str
    name: str
    kind: str
    start_ns: int
    duration_ns: int
    is_error: bool
    span_id: str


def summary_of(view: TraceView) -> dict[str, Any]:
    """Root, times and counts, as JSON has them."""
    root = view.spans[view.root]
    counts: dict[str, list[int]] = {}
    for span in view.spans:
        count = counts.setdefault(span.service, [0, 0])
        count[0] += 1
        count[1] += span.is_error
    return {
        "root_service": root.service,
        "root_name": root.name,
        "has_root": not root.parent_id,
        "start_ns": str(view.start_ns),
        "duration_ns": view.end_ns - view.start_ns,
        "span_count": len(view.spans),
        "error_count": sum(span.is_error for span in view.spans),
        "service_counts": [[name, *count] for name, count in counts.items()],
    }


def tree_rows(view: TraceView, *, most: int) -> list[SpanRow]:
    """Spans in the order of the tree, parents first, at most so many."""
    children = children_of(view.parents)
    waiting = [
        (place, 0) for place in range(len(view.spans) - 1, -1, -1) if view.parents[place] < 0
    ]
    found: list[SpanRow] = []
    while waiting and len(found) < most:
        place, depth = waiting.pop()
        span = view.spans[place]
        found.append(
            SpanRow(
                min(depth, _DEEPEST),
                span.service,
                span.name,
                KINDS[span.kind] if span.kind < len(KINDS) else "",
                span.start_ns - view.start_ns,
                span.duration_ns,
                span.is_error,
                span.span_id.hex(),
            )
        )
        waiting.extend((child, depth + 1) for child in reversed(children[place]))
    return found

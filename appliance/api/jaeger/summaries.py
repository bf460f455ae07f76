"""Summaries of traces, as the list of version 3 has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.traces.trace import parents_of, read_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.trace import StoredSpan


def summary(trace_id: bytes, stored: Sequence[StoredSpan]) -> dict[str, object]:
    """A trace in a list; there is at least one span."""
    spans = read_trace(stored)
    orphans = [
        span
        for span, parent in zip(spans, parents_of(spans), strict=True)
        if any(span.parent_id) and parent < 0
    ]
    root = next((span for span in spans if not any(span.parent_id)), None)
    services: dict[str, list[bool]] = {}
    for span in spans:
        services.setdefault(span.service, []).append(span.is_error)
    return {
        "traceId": trace_id.hex(),
        "rootServiceName": root.service if root else "",
        "rootOperationName": root.name if root else "",
        "minStartTimeUnixNano": str(min(span.start_ns for span in spans)),
        "maxEndTimeUnixNano": str(max(span.end_ns for span in spans)),
        "spanCount": len(spans),
        "errorSpanCount": sum(span.is_error for span in spans),
        "orphanSpanCount": len(orphans),
        "services": [
            {"name": name, "spanCount": len(found), "errorSpanCount": sum(found)}
            for name, found in sorted(services.items())
        ],
    }

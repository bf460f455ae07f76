"""What a search found as Tempo answers it: tempopb.SearchResponse, in JSON or protobuf.

JSON is protobuf's own mapping: zeros and empty texts are left out, 64-bit integers are strings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.tempo_values import fill_pairs, pairs_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.traceql.results import FoundSpan, FoundSpanset, FoundTrace, SearchResult

#: In place of the service of a root span that is not here.
NO_ROOT = "<root span not yet received>"
_MAX_UINT32 = 2**32 - 1
_MS = 10**6

Document = dict[str, Any]


def search_json(result: SearchResult, *, with_spans: bool = True) -> bytes:
    """The answer to a search.

    Args:
        with_spans: False for a search by tags, which tells nothing of spans and services.
    """
    # Each one by itself: orjson lets no other thread run, and objects take ten times as much.
    traces = [
        orjson.Fragment(orjson.dumps(_trace(trace, with_spans=with_spans)))
        for trace in result.traces
    ]
    metrics = metrics_json(
        traces=result.inspected_traces,
        spans=result.inspected_spans,
        size_bytes=result.inspected_bytes,
    )
    return orjson.dumps({"traces": traces, "metrics": metrics})


def metrics_json(*, traces: int = 0, spans: int = 0, size_bytes: int = 0) -> Document:
    """How much was looked at; the whole search is one job, which is done."""
    found: Document = {"inspectedTraces": traces, "inspectedBytes": str(size_bytes or "")}
    found |= {"completedJobs": 1, "totalJobs": 1, "inspectedSpans": str(spans or "")}
    return _without_defaults(found)


def _without_defaults(document: Document) -> Document:
    return {key: value for key, value in document.items() if value not in {0, ""}}


def _trace(trace: FoundTrace, *, with_spans: bool) -> Document:
    found = _without_defaults(
        {
            "traceID": trace_id(trace),
            "rootServiceName": trace.root_service or NO_ROOT,
            "rootTraceName": trace.root_name,
            "startTimeUnixNano": str(trace.start_ns or ""),
            "durationMs": duration_ms(trace),
        }
    )
    if not with_spans:
        return found
    if trace.spansets:
        sets = [_spanset(spanset) for spanset in trace.spansets]
        found["spanSet"] = sets[0]
        found["spanSets"] = sets
    if trace.service_stats:
        found["serviceStats"] = {
            service: _without_defaults({"spanCount": spans, "errorCount": errors})
            for service, (spans, errors) in trace.service_stats.items()
        }
    return found


def trace_id(trace: FoundTrace) -> str:
    """The id without zeros in front, as searches show it."""
    return trace.trace_id.hex().lstrip("0") or "0"


def duration_ms(trace: FoundTrace) -> int:
    """Whole milliseconds."""
    return min(trace.duration_ns // _MS, _MAX_UINT32)


def _spanset(spanset: FoundSpanset) -> Document:
    found: Document = {"spans": [_span(span) for span in spanset.spans], "matched": spanset.matched}
    if spanset.attributes:
        found["attributes"] = pairs_json(spanset.attributes)
    return found


def _span(span: FoundSpan) -> Document:
    found: Document = {"spanID": f"{span.span_id:016x}"}
    if span.name:
        found["name"] = span.name
    if span.start_ns:
        found["startTimeUnixNano"] = str(span.start_ns)
    if span.duration_ns:
        found["durationNanos"] = str(span.duration_ns)
    if span.attributes:
        found["attributes"] = pairs_json(span.attributes)
    return found


def search_protobuf(result: SearchResult, *, with_spans: bool = True) -> bytes:
    """The same as protobuf."""
    from appliance.wire.messages.tempo_pb2 import SearchResponse  # noqa: PLC0415 - seldom

    message = SearchResponse()
    for trace in result.traces:
        _fill_trace(message.traces.add(), trace, with_spans=with_spans)
    fill_metrics(
        message.metrics,
        traces=result.inspected_traces,
        spans=result.inspected_spans,
        size_bytes=result.inspected_bytes,
    )
    encoded: bytes = message.SerializeToString()
    return encoded


def fill_metrics(target: Any, *, traces: int = 0, spans: int = 0, size_bytes: int = 0) -> None:
    """Write a tempopb.SearchMetrics: how much was looked at."""
    target.inspectedTraces = min(traces, _MAX_UINT32)
    target.inspectedSpans = spans
    target.inspectedBytes = size_bytes
    target.completedJobs = target.totalJobs = 1


def _fill_trace(target: Any, trace: FoundTrace, *, with_spans: bool) -> None:
    target.traceID = trace_id(trace)
    target.rootServiceName = trace.root_service or NO_ROOT
    target.rootTraceName = trace.root_name
    target.startTimeUnixNano = trace.start_ns
    target.durationMs = duration_ms(trace)
    if not with_spans:
        return
    _fill_spansets(target.spanSets, trace.spansets)
    if trace.spansets:
        target.spanSet.CopyFrom(target.spanSets[0])
    for service, (spans, errors) in trace.service_stats.items():
        stats = target.serviceStats[service]
        stats.spanCount, stats.errorCount = spans, errors


def _fill_spansets(target: Any, spansets: Iterable[FoundSpanset]) -> None:
    for spanset in spansets:
        message = target.add(matched=spanset.matched)
        fill_pairs(message.attributes, spanset.attributes)
        for span in spanset.spans:
            shown = message.spans.add(
                spanID=f"{span.span_id:016x}",
                name=span.name,
                startTimeUnixNano=span.start_ns,
                durationNanos=span.duration_ns,
            )
            fill_pairs(shown.attributes, span.attributes)

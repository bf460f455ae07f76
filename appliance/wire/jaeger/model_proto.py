"""Spans in Jaeger's own protobuf model (jaeger-idl, proto/api_v2/model.proto)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.wire.jaeger.mapping import (
    FOLLOWS_FROM,
    logs_of,
    process_of,
    references_of,
    tags_of,
    warnings_of,
)
from appliance.wire.messages import jaeger_v2_pb2 as pb
from appliance.wire.otlp.values import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from appliance.model.trace import AttributeValue

_BOOL, _INT64, _FLOAT64, _BINARY = 1, 2, 3, 4


def spans_of(groups: Iterable[Any]) -> Iterator[Any]:
    """Span messages of a trace, each with its process.

    Args:
        groups: ResourceSpans messages.
    """
    for group in groups:
        service, tags = process_of(group.resource)
        process = pb.Process(service_name=service, tags=_tags(tags))
        for scoped in group.scope_spans:
            for span in scoped.spans:
                yield _span(span, scoped.scope, process)


def _span(span: Any, scope: Any, process: Any) -> Any:
    found = pb.Span(
        trace_id=span.trace_id,
        span_id=span.span_id,
        operation_name=span.name,
        flags=span.flags & 0xFF,
        tags=_tags(tags_of(span, scope)),
        process=process,
        warnings=warnings_of(span),
    )
    found.start_time.FromNanoseconds(span.start_time_unix_nano)
    found.duration.FromNanoseconds(max(span.end_time_unix_nano - span.start_time_unix_nano, 0))
    for kind, trace_id, span_id in references_of(span):
        found.references.add(trace_id=trace_id, span_id=span_id, ref_type=int(kind == FOLLOWS_FROM))
    for at, fields in logs_of(span):
        log = found.logs.add(fields=_tags(fields))
        log.timestamp.FromNanoseconds(at)
    return found


def _tags(pairs: Iterable[tuple[str, AttributeValue]]) -> list[Any]:
    return [_tag(key, value) for key, value in pairs]


def _tag(key: str, value: AttributeValue) -> Any:
    if isinstance(value, bool):
        return pb.KeyValue(key=key, v_type=_BOOL, v_bool=value)
    if isinstance(value, int):
        return pb.KeyValue(key=key, v_type=_INT64, v_int64=value)
    if isinstance(value, float):
        return pb.KeyValue(key=key, v_type=_FLOAT64, v_float64=value)
    if isinstance(value, bytes):
        return pb.KeyValue(key=key, v_type=_BINARY, v_binary=value)
    if isinstance(value, list | dict):
        return pb.KeyValue(key=key, v_str=to_json(value))
    return pb.KeyValue(key=key, v_str=value or "")

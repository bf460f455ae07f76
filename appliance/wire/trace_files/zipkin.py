"""Spans as Zipkin's version 2 JSON, as the OpenTelemetry collector's exporter writes them.

Attributes and the resource's become tags, which are text; events become annotations with their
attributes, links the tags `otlp.link.N`. Reading it back gives the same, but for types of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.wire.otlp.values import print_value, to_json, to_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KINDS = {2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}
_INTERNAL, _ERROR = 1, 2
_STATUSES = ("", "OK", "ERROR")


def zipkin_spans(groups: Iterable[Any]) -> list[dict[str, object]]:
    """Spans as JSON objects.

    Args:
        groups: ResourceSpans messages.
    """
    return [
        _span(span, scoped.scope, group.resource)
        for group in groups
        for scoped in group.scope_spans
        for span in scoped.spans
    ]


def _span(span: Any, scope: Any, resource: Any) -> dict[str, object]:
    shared = {item.key: print_value(to_value(item.value)) for item in resource.attributes}
    service = shared.pop("service.name", "")
    start_us = span.start_time_unix_nano // 1000
    found: dict[str, object] = {
        "traceId": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "name": span.name,
        "timestamp": start_us,
        "duration": max(span.end_time_unix_nano // 1000 - start_us, 0),
        "localEndpoint": {"serviceName": service},
        "tags": shared | dict(_tags(span, scope)),
    }
    if any(span.parent_span_id):
        found["parentId"] = span.parent_span_id.hex()
    if span.kind in _KINDS:
        found["kind"] = _KINDS[span.kind]
    if span.events:
        found["annotations"] = [_annotation(event) for event in span.events]
    return found


def _tags(span: Any, scope: Any) -> Iterator[tuple[str, str]]:
    for item in span.attributes:
        yield item.key, print_value(to_value(item.value))
    if span.kind == _INTERNAL:
        yield "span.kind", "internal"
    for number, link in enumerate(span.links):
        ids = f"{link.trace_id.hex()}|{link.span_id.hex()}"
        attributes = _object(link.attributes)
        dropped = link.dropped_attributes_count
        yield f"otlp.link.{number}", f"{ids}|{link.trace_state}|{attributes}|{dropped}"
    if span.trace_state:
        yield "w3c.tracestate", span.trace_state
    if scope.name:
        yield "otel.scope.name", scope.name
    if scope.version:
        yield "otel.scope.version", scope.version
    code = span.status.code
    if 0 < code < len(_STATUSES):
        yield "otel.status_code", _STATUSES[code]
    if code == _ERROR:
        yield "error", span.status.message or "true"


def _annotation(event: Any) -> dict[str, object]:
    value = event.name
    if event.attributes or event.dropped_attributes_count:
        value = f"{value}|{_object(event.attributes)}|{event.dropped_attributes_count}"
    return {"timestamp": event.time_unix_nano // 1000, "value": value}


def _object(attributes: Any) -> str:
    return to_json({item.key: to_value(item.value) for item in attributes})

"""Traces as Jaeger's query API and web page know them.

The mapping is that of Jaeger 2 and of OpenTelemetry's "Jaeger" compatibility page: span kind,
status, scope and trace state become tags, events become logs, links become references, a resource
becomes a process. Times are microseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.otlp.values import to_json, to_value
from appliance.wire.span_json import group_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.model.trace import AttributeValue, StoredSpan

#: Names of span kinds by OTLP's numbers; unspecified has none.
SPAN_KINDS = ("", "internal", "server", "client", "producer", "consumer")

_SAFE_INTEGER = 2**53 - 1
_STATUS_CODES = ("", "OK", "ERROR")

Tag = dict[str, object]


def encode(data: Sequence[object], *, total: int = 0) -> bytes:
    """The envelope of every answer.

    Args:
        data: Traces (from `trace`), names or operations.
        total: The number of items where the contract gives it (services, operations).
    """
    envelope = {"data": data, "total": total, "limit": 0, "offset": 0, "errors": None}
    return orjson.dumps(envelope)


def encode_error(code: int, message: str, trace_id: bytes = b"") -> bytes:
    """The envelope of an error; `code` is the HTTP status."""
    found: dict[str, object] = {"code": code, "msg": message}
    if trace_id:
        found["traceID"] = print_trace_id(trace_id)
    envelope = {"data": None, "total": 0, "limit": 0, "offset": 0, "errors": [found]}
    return orjson.dumps(envelope)


def print_trace_id(trace_id: bytes) -> str:
    """A trace id as Jaeger prints it: 16 digits when the upper half is zero, else 32."""
    text = trace_id.hex()
    return text[16:] if text.startswith("0" * 16) else text


def trace(spans: Iterable[StoredSpan]) -> dict[str, object]:
    """One trace as a JSON object, to be put into `encode`.

    Args:
        spans: All of one trace, at least one.
    """
    processes: dict[str, object] = {}
    found: list[dict[str, Any]] = []
    for group in group_spans(spans):
        process_id = f"p{len(processes) + 1}"
        processes[process_id] = _process(group.resource)
        for scoped in group.scope_spans:
            scope_tags = _scope_tags(scoped.scope)
            found += [_span(span, scope_tags, process_id) for span in scoped.spans]
    return {
        "traceID": found[0]["traceID"],
        "spans": found,
        "processes": processes,
        "warnings": None,
    }


def _process(resource: Any) -> dict[str, object]:
    service = ""
    tags = []
    for attribute in resource.attributes:
        if attribute.key == "service.name":
            service = attribute.value.string_value
        else:
            tags.append(_tag(attribute.key, to_value(attribute.value)))
    return {"serviceName": service, "tags": tags}


def _scope_tags(scope: Any) -> list[Tag]:
    named = (("otel.scope.name", scope.name), ("otel.scope.version", scope.version))
    return [_tag(key, value) for key, value in named if value]


def _span(span: Any, scope_tags: list[Tag], process_id: str) -> dict[str, Any]:
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    return {
        "traceID": print_trace_id(span.trace_id),
        "spanID": span.span_id.hex(),
        "operationName": span.name,
        "references": _references(span),
        "startTime": start // 1000,
        "duration": max(end - start, 0) // 1000,
        "tags": _attribute_tags(span.attributes) + scope_tags + _span_tags(span),
        "logs": [_log(event) for event in span.events],
        "processID": process_id,
        "warnings": None,
    }


def _span_tags(span: Any) -> list[Tag]:
    """What OTLP has as fields of a span and Jaeger as tags."""
    tags = []
    if 0 < span.kind < len(SPAN_KINDS):
        tags.append(_tag("span.kind", SPAN_KINDS[span.kind]))
    code = span.status.code
    if 0 < code < len(_STATUS_CODES):
        tags.append(_tag("otel.status_code", _STATUS_CODES[code]))
    if code == len(_STATUS_CODES) - 1:
        tags.append(_tag("error", value=True))
    if span.status.message:
        tags.append(_tag("otel.status_description", span.status.message))
    if span.trace_state:
        tags.append(_tag("w3c.tracestate", span.trace_state))
    return tags


def _references(span: Any) -> list[dict[str, str]]:
    references = []
    if span.parent_span_id:
        references.append(_reference("CHILD_OF", span.trace_id, span.parent_span_id))
    for link in span.links:
        kinds = [
            item.value.string_value
            for item in link.attributes
            if item.key == "opentracing.ref_type"
        ]
        kind = "CHILD_OF" if kinds == ["child_of"] else "FOLLOWS_FROM"
        references.append(_reference(kind, link.trace_id, link.span_id))
    return references


def _reference(kind: str, trace_id: bytes, span_id: bytes) -> dict[str, str]:
    return {"refType": kind, "traceID": print_trace_id(trace_id), "spanID": span_id.hex()}


def _log(event: Any) -> dict[str, object]:
    fields = _attribute_tags(event.attributes)
    if event.name and all(tag["key"] != "event" for tag in fields):
        fields.insert(0, _tag("event", event.name))
    return {"timestamp": event.time_unix_nano // 1000, "fields": fields}


def _attribute_tags(attributes: Any) -> list[Tag]:
    return [_tag(item.key, to_value(item.value)) for item in attributes]


def _tag(key: str, value: AttributeValue) -> Tag:
    """A typed tag; arrays and maps are JSON text, bytes base64."""
    if isinstance(value, bool):
        return {"key": key, "type": "bool", "value": value}
    if isinstance(value, int):
        safe = abs(value) <= _SAFE_INTEGER  # browsers read numbers as doubles
        return {"key": key, "type": "int64", "value": value if safe else str(value)}
    if isinstance(value, float):
        return {"key": key, "type": "float64", "value": value}
    if isinstance(value, bytes):
        return {"key": key, "type": "binary", "value": to_json(value)[1:-1]}
    if isinstance(value, list | dict):
        return {"key": key, "type": "string", "value": to_json(value)}
    return {"key": key, "type": "string", "value": value or ""}

"""Traces as the JSON of Jaeger's page and of its HTTP API (internal/uimodel); microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.jaeger.ids import print_trace_id
from appliance.wire.jaeger.mapping import logs_of, process_of, references_of, tags_of, warnings_of
from appliance.wire.otlp.values import print_value, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.model.trace import AttributeValue

_SAFE_INTEGER = 2**53 - 1


def encode(
    data: Sequence[object] | None,
    *,
    total: int = 0,
    errors: Sequence[object] | None = None,
    is_pretty: bool = False,
) -> bytes:
    """The envelope of every answer.

    Args:
        data: Traces (from `trace`), names or operations.
        total: The number of items where the contract gives it (services, operations).
        errors: From `error`.
        is_pretty: With line breaks.
    """
    envelope = {"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}
    return orjson.dumps(envelope, option=orjson.OPT_INDENT_2 if is_pretty else 0)


def error(message: str, *, code: int = 0, trace_id: bytes = b"") -> dict[str, object]:
    """One of the errors of an answer; `code` is the HTTP status, 0: the answer has others."""
    found: dict[str, object] = {"code": code} if code else {}
    found["msg"] = message
    if trace_id:
        found["traceID"] = print_trace_id(trace_id)
    return found


def trace(groups: Iterable[Any]) -> dict[str, object]:
    """One trace as a JSON object, to be put into `encode`.

    Args:
        groups: ResourceSpans messages with all spans of one trace, at least one.
    """
    processes: dict[str, object] = {}
    found: list[dict[str, object]] = []
    for group in groups:
        process_id = f"p{len(processes) + 1}"
        service, tags = process_of(group.resource)
        processes[process_id] = {"serviceName": service, "tags": _tags(tags)}
        for scoped in group.scope_spans:
            found += [_span(span, scoped.scope, process_id) for span in scoped.spans]
    return {
        "traceID": found[0]["traceID"],
        "spans": found,
        "processes": processes,
        "warnings": None,
    }


def _span(span: Any, scope: Any, process_id: str) -> dict[str, object]:
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    return {
        "traceID": print_trace_id(span.trace_id),
        "spanID": span.span_id.hex(),
        "operationName": span.name,
        "references": [
            {"refType": kind, "traceID": print_trace_id(trace_id), "spanID": span_id.hex()}
            for kind, trace_id, span_id in references_of(span)
        ],
        "startTime": start // 1000,
        "duration": max(end - start, 0) // 1000,
        "tags": _tags(tags_of(span, scope)),
        "logs": [
            {"timestamp": at // 1000, "fields": _tags(fields)} for at, fields in logs_of(span)
        ],
        "processID": process_id,
        "warnings": warnings_of(span) or None,
    }


def _tags(pairs: Iterable[tuple[str, AttributeValue]]) -> list[dict[str, object]]:
    return [_tag(key, value) for key, value in pairs]


def _tag(key: str, value: AttributeValue) -> dict[str, object]:
    """A typed tag; arrays and maps are JSON text, bytes base64."""
    if isinstance(value, bool):
        return {"key": key, "type": "bool", "value": value}
    if isinstance(value, int):
        safe = abs(value) <= _SAFE_INTEGER  # browsers read numbers as doubles
        return {"key": key, "type": "int64", "value": value if safe else str(value)}
    if isinstance(value, float):
        return {"key": key, "type": "float64", "value": value}
    if isinstance(value, bytes):
        return {"key": key, "type": "binary", "value": print_value(value)}
    if isinstance(value, list | dict):
        return {"key": key, "type": "string", "value": to_json(value)}
    return {"key": key, "type": "string", "value": value or ""}

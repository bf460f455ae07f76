"""A trace in few words, as Tempo gives it to language models (`application/vnd.grafana.llm`).

Ids are hexadecimal, attributes are an object, spans are grouped by service and scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.otlp.values import to_value
from appliance.wire.span_json import group_spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.trace import AttributeValue, StoredSpan

_STATUSES = ("STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR")
_MS = 10**6

Document = dict[str, Any]


def trace_brief(spans: Iterable[StoredSpan]) -> bytes:
    """The answer to a trace by id; `{}` when there is none."""
    groups = group_spans(spans)
    if not groups:
        return b"{}"
    trace_id = groups[0].scope_spans[0].spans[0].trace_id.hex()
    services = [_service(group) for group in groups]
    return orjson.dumps({"trace": {"traceId": trace_id, "services": services}})


def _service(group: Any) -> Document:
    resource = _attributes(group.resource.attributes)
    name = resource.pop("service.name", None)
    scopes = [
        _present(
            name=scoped.scope.name,
            version=scoped.scope.version,
            spans=[_span(span) for span in scoped.spans],
        )
        for scoped in group.scope_spans
    ]
    service = name if isinstance(name, str) else ""
    return _present(serviceName=service, resource=resource, scopes=scopes)


def _present(**given: object) -> Document:
    return {key: value for key, value in given.items() if value}


def _span(span: Any) -> Document:
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    kind = type(span).DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_number.get(span.kind)
    found: Document = {"spanId": span.span_id.hex(), "name": span.name}
    found |= _present(
        parentSpanId=span.parent_span_id.hex(),
        kind=kind.name if kind is not None and span.kind else "",
        startTimeUnixNano=str(start or ""),
        endTimeUnixNano=str(end or ""),
        durationMs=(end - start) / _MS if start and end else 0,
        attributes=_attributes(span.attributes),
        events=[_event(event) for event in span.events],
        links=[_link(link) for link in span.links],
    )
    code = span.status.code if 0 < span.status.code < len(_STATUSES) else 0
    message = span.status.message if code else ""
    return found | {"status": {"code": _STATUSES[code], "message": message}}


def _event(event: Any) -> Document:
    return {"name": event.name} | _present(
        timeUnixNano=str(event.time_unix_nano or ""), attributes=_attributes(event.attributes)
    )


def _link(link: Any) -> Document:
    ids = {"traceId": link.trace_id.hex(), "spanId": link.span_id.hex()}
    return ids | _present(attributes=_attributes(link.attributes))


def _attributes(pairs: Iterable[Any]) -> Document:
    return {pair.key: _plain(to_value(pair.value)) for pair in pairs}


def _plain(value: AttributeValue | object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value

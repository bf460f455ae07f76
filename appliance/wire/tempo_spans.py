"""Groups of spans in protobuf's JSON mapping, as Tempo answers them; written out for speed.

Gives what `span_json.to_dict` gives, in a fifth of the time: a trace may have many thousand spans.
Each span becomes JSON at once, as keeping all their dicts costs more than making them.
"""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING, Any

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.wire.span_json import to_dict
from appliance.wire.tempo_values import json_number

if TYPE_CHECKING:
    from collections.abc import Iterable

Document = dict[str, Any]

_KINDS = dict(zip(Span.SpanKind.values(), Span.SpanKind.keys(), strict=True))
_STATUSES = dict(zip(Status.StatusCode.values(), Status.StatusCode.keys(), strict=True))


def group_json(group: Any) -> Document:
    """A ResourceSpans message, for orjson; flags of spans and links are left out, as Tempo does."""
    found: Document = {}
    if group.HasField("resource"):
        found["resource"] = to_dict(group.resource)
    if group.scope_spans:
        found["scopeSpans"] = [_scope_spans(scoped) for scoped in group.scope_spans]
    return found


def _scope_spans(scoped: Any) -> Document:
    found: Document = {}
    if scoped.HasField("scope"):
        found["scope"] = to_dict(scoped.scope)
    if scoped.spans:
        found["spans"] = [orjson.Fragment(orjson.dumps(_span(span))) for span in scoped.spans]
    return found


def _id(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def _span(span: Any) -> Document:
    found = _head(span)
    _add_attributes(found, span)
    if events := span.events:
        found["events"] = [_event(event) for event in events]
    if count := span.dropped_events_count:
        found["droppedEventsCount"] = count
    if links := span.links:
        found["links"] = [_link(link) for link in links]
    if count := span.dropped_links_count:
        found["droppedLinksCount"] = count
    if span.HasField("status"):
        found["status"] = _status(span.status)
    return found


def _head(span: Any) -> Document:
    found: Document = {"traceId": _id(span.trace_id), "spanId": _id(span.span_id)}
    if state := span.trace_state:
        found["traceState"] = state
    if parent := span.parent_span_id:
        found["parentSpanId"] = _id(parent)
    if name := span.name:
        found["name"] = name
    if kind := span.kind:
        found["kind"] = _KINDS.get(kind, kind)
    if start := span.start_time_unix_nano:
        found["startTimeUnixNano"] = str(start)
    if end := span.end_time_unix_nano:
        found["endTimeUnixNano"] = str(end)
    return found


def _status(status: Any) -> Document:
    found: Document = {}
    if message := status.message:
        found["message"] = message
    if code := status.code:
        found["code"] = _STATUSES.get(code, code)
    return found


def _event(event: Any) -> Document:
    found: Document = {}
    if time := event.time_unix_nano:
        found["timeUnixNano"] = str(time)
    if name := event.name:
        found["name"] = name
    _add_attributes(found, event)
    return found


def _link(link: Any) -> Document:
    found: Document = {}
    if trace_id := link.trace_id:
        found["traceId"] = _id(trace_id)
    if span_id := link.span_id:
        found["spanId"] = _id(span_id)
    if state := link.trace_state:
        found["traceState"] = state
    _add_attributes(found, link)
    return found


def _add_attributes(found: Document, owner: Any) -> None:
    if attributes := owner.attributes:
        found["attributes"] = _pairs(attributes)
    if count := owner.dropped_attributes_count:
        found["droppedAttributesCount"] = count


def _pairs(attributes: Iterable[Any]) -> list[Document]:
    return [_pair(pair) for pair in attributes]


def _pair(pair: Any) -> Document:
    found: Document = {}
    if key := pair.key:
        found["key"] = key
    value = pair.value
    if text := value.string_value:
        found["value"] = {"stringValue": text}
    elif pair.HasField("value"):
        found["value"] = _value(value)
    return found


def _value(value: Any) -> Document:
    kind = value.WhichOneof("value")
    if kind is None:
        return {}
    name, show = _VALUES.get(kind, (None, None))
    if name is None or show is None:
        return to_dict(value)
    return {name: show(getattr(value, kind))}


def _list(array: Any) -> Document:
    return {"values": [_value(item) for item in array.values]} if array.values else {}


def _map(pairs: Any) -> Document:
    return {"values": _pairs(pairs.values)} if pairs.values else {}


_VALUES: dict[str, tuple[str, Any]] = {
    "string_value": ("stringValue", str),
    "bool_value": ("boolValue", bool),
    "int_value": ("intValue", str),
    "double_value": ("doubleValue", json_number),
    "bytes_value": ("bytesValue", _id),
    "array_value": ("arrayValue", _list),
    "kvlist_value": ("kvlistValue", _map),
}

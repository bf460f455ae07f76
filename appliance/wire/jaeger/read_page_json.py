"""Jaeger's JSON, as its page downloads it and its HTTP API answers, to an OTLP request.

`{"data":[{"traceID":…,"spans":[…],"processes":{…}}]}`, one such trace, or a list of them. Tags that
`mapping.py` makes of fields become fields again, so that a trace comes back as it was.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from typing import TYPE_CHECKING, Any

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput
from appliance.wire.jaeger.mapping import (
    CHILD_OF,
    FOLLOWS_FROM,
    REF_TYPE_KEY,
    SPAN_KINDS,
    WARNINGS_KEY,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_STATUS = {"OK": 1, "ERROR": 2}
_ERROR = 2
_TRUE = (True, "true")


def read_traces(document: object) -> bytes:
    """An ExportTraceServiceRequest of all spans of a document.

    Raises:
        BadInput: Not such a document; names the place.
    """
    request = ExportTraceServiceRequest()
    for number, trace in enumerate(_traces(document)):
        _read_trace(request, trace, f"data[{number}]")
    return bytes(request.SerializeToString())


def _traces(document: object) -> list[Any]:
    found = document.get("data", document) if isinstance(document, dict) else document
    return found if isinstance(found, list) else [found]


def _read_trace(request: Any, trace: object, place: str) -> None:
    fields = _object(trace, place)
    processes = _object(fields.get("processes") or {}, f"{place}.processes")
    groups: dict[tuple[str, str, str], Any] = {}
    resources: dict[str, Any] = {}
    for number, item in enumerate(_list(fields.get("spans"), f"{place}.spans")):
        where = f"{place}.spans[{number}]"
        span = _object(item, where)
        process_id = str(span.get("processID", ""))
        tags = _tags(span.get("tags"), f"{where}.tags")
        scope = str(tags.pop("otel.scope.name", "")), str(tags.pop("otel.scope.version", ""))
        if process_id not in resources:
            process = span.get("process") or processes.get(process_id) or {}
            resources[process_id] = request.resource_spans.add()
            with _refused_at(f"{where}.process"):
                _read_process(resources[process_id].resource, process, f"{where}.process")
        scoped = groups.get((process_id, *scope))
        if scoped is None:
            scoped = groups[process_id, *scope] = resources[process_id].scope_spans.add()
            scoped.scope.name, scoped.scope.version = scope
        with _refused_at(where):
            _read_span(scoped.spans.add(), span, tags, where)


@contextlib.contextmanager
def _refused_at(place: str) -> Iterator[None]:
    """What protobuf cannot hold is the file's fault."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise BadInput(f"{place}: {error}") from error


def _read_process(resource: Any, process: object, place: str) -> None:
    fields = _object(process, place)
    name = str(fields.get("serviceName", ""))
    if name:
        resource.attributes.add(key="service.name").value.string_value = name
    _write_attributes(resource.attributes, _tags(fields.get("tags"), f"{place}.tags"))


def _read_span(span: Any, fields: Mapping[str, Any], tags: dict[str, object], place: str) -> None:
    span.trace_id = _identifier(fields.get("traceID"), 16)
    span.span_id = _identifier(fields.get("spanID"), 8)
    span.name = str(fields.get("operationName", ""))
    span.start_time_unix_nano = int(fields.get("startTime", 0)) * 1000
    duration = max(int(fields.get("duration", 0)), 0)
    span.end_time_unix_nano = span.start_time_unix_nano + duration * 1000
    _read_references(span, fields, place)
    _read_fields(span, tags)
    _write_attributes(span.attributes, tags)
    for number, item in enumerate(_list(fields.get("logs"), f"{place}.logs")):
        where = f"{place}.logs[{number}]"
        log = _object(item, where)
        event = span.events.add(time_unix_nano=int(log.get("timestamp", 0)) * 1000)
        pairs = _tags(log.get("fields"), f"{where}.fields")
        if isinstance(pairs.get("event"), str):
            event.name = pairs.pop("event")
        _write_attributes(event.attributes, pairs)


def _read_references(span: Any, fields: Mapping[str, Any], place: str) -> None:
    """The first reference to a parent in the same trace is the parent, all others are links."""
    if fields.get("parentSpanID"):  # as the first versions had it
        span.parent_span_id = _identifier(fields["parentSpanID"], 8)
    for number, item in enumerate(_list(fields.get("references"), f"{place}.references")):
        reference = _object(item, f"{place}.references[{number}]")
        kind = reference.get("refType", CHILD_OF)
        trace_id = _identifier(reference.get("traceID") or fields.get("traceID"), 16)
        span_id = _identifier(reference.get("spanID"), 8)
        is_same = trace_id == span.trace_id
        if is_same and kind == CHILD_OF and span.parent_span_id in {b"", span_id}:
            span.parent_span_id = span_id
            continue
        link = span.links.add(trace_id=trace_id, span_id=span_id)
        if kind != FOLLOWS_FROM:
            link.attributes.add(key=REF_TYPE_KEY).value.string_value = "child_of"


def _read_fields(span: Any, tags: dict[str, Any]) -> None:
    """Tags that OTLP has fields for, which are then gone from the tags."""
    if tags.get("span.kind") in SPAN_KINDS[1:]:
        span.kind = SPAN_KINDS.index(tags.pop("span.kind"))
    status = tags.get("otel.status_code")
    if isinstance(status, str) and status in _STATUS:
        span.status.code = _STATUS[tags.pop("otel.status_code")]
    if status == "ERROR" or (status is None and tags.get("error") in _TRUE):
        span.status.code = _ERROR
        if tags.get("error") in _TRUE:
            tags.pop("error")
    if isinstance(tags.get("otel.status_description"), str):
        span.status.message = tags.pop("otel.status_description")
    if isinstance(tags.get("w3c.tracestate"), str):
        span.trace_state = tags.pop("w3c.tracestate")
    tags.pop("internal.span.format", None)
    tags.pop(WARNINGS_KEY, None)


def _tags(items: object, place: str) -> dict[str, Any]:
    """Key and value of typed tags; of a key that repeats the last one holds."""
    found: dict[str, Any] = {}
    for number, item in enumerate(_list(items, place)):
        tag = _object(item, f"{place}[{number}]")
        try:
            found[str(tag["key"])] = _value(tag)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise BadInput(f"{place}[{number}]: not a tag: {error}") from error
    return found


def _value(tag: Mapping[str, Any]) -> object:
    value = tag.get("value")
    match tag.get("type"):
        case "int64":
            return int(value)  # type: ignore[arg-type]  # refused with the reason
        case "float64":
            return float(value)  # type: ignore[arg-type]  # the same
        case "bool":
            return value in _TRUE
        case "binary":
            return base64.b64decode(str(value), validate=True)
        case "string":
            return _text(value)
    return value if isinstance(value, bool | int | float) else _text(value)


def _text(value: object) -> str:
    """Text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return "" if value is None else orjson.dumps(value).decode()
    except TypeError as error:  # orjson writes less deep than it reads
        raise ValueError(f"the value is nested too deeply: {error}") from error


def _write_attributes(attributes: Any, tags: Mapping[str, object]) -> None:
    for key, value in tags.items():
        target = attributes.add(key=key).value
        if isinstance(value, bool):
            target.bool_value = value
        elif isinstance(value, int):
            target.int_value = value
        elif isinstance(value, float):
            target.double_value = value
        elif isinstance(value, bytes):
            target.bytes_value = value
        else:
            target.string_value = str(value)


def _identifier(value: object, size: int) -> bytes:
    """An id of up to `2 * size` hexadecimal digits, zeros on the left may be missing."""
    text = str(value or "")
    if not text or len(text) > 2 * size:
        raise ValueError(f"expected an id of up to {2 * size} hexadecimal digits, got {text!r}")
    return bytes.fromhex(text.rjust(2 * size, "0"))


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(f"{place}: expected an object")
    return value


def _list(value: object, place: str) -> Iterable[Any]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadInput(f"{place}: expected an array")
    return value

"""Zipkin spans as OTLP: what the OpenTelemetry collector makes of them, unless said otherwise.

Differs from the collector: every span has its own resource tags, not only the first of a service;
an `error` tag with any text but `false` is an error, as Zipkin's documentation has it; a span
without a time begins at its first annotation or when it came, not in 1970; what cannot be read of
annotations and links in OpenTelemetry's notation stays text instead of refusing the whole request;
`shared` becomes an attribute (`debug` does not: exporters set it on whatever is sampled).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.span_request import (
    ERROR,
    KINDS,
    OK,
    UNSET,
    Event,
    Link,
    PlainSpan,
    SpanRequest,
    take_scope,
)
from appliance.wire.zipkin import v1, v2
from appliance.wire.zipkin.resource_keys import RESOURCE_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from appliance.model.trace import AttributeValue
    from appliance.wire.zipkin.span import Endpoint, ZipkinSpan

_START_ABSENT = "otel.zipkin.absentField.startTime"
_STATUSES = {"OK": OK, "ERROR": ERROR, "UNSET": UNSET}
_MAX_LINKS = 128

#: Readers by what the protocol is called in metrics.
READERS: dict[str, Callable[[bytes], list[ZipkinSpan]]] = {
    "zipkin_v2_json": v2.read_json,
    "zipkin_v2_protobuf": v2.read_protobuf,
    "zipkin_v1_json": v1.read_json,
    "zipkin_v1_thrift": v1.read_thrift,
}


def zipkin_to_otlp(body: bytes, *, protocol: str, now_ns: int) -> bytes:
    """An ExportTraceServiceRequest of a body.

    Args:
        protocol: A key of `READERS`.
        now_ns: The time of spans that have none.

    Raises:
        BadInput: The body cannot be read.
    """
    return spans_to_otlp(READERS[protocol](body), now_ns=now_ns)


def spans_to_otlp(spans: Iterable[ZipkinSpan], *, now_ns: int) -> bytes:
    """The same of spans that have been read."""
    request = SpanRequest()
    for span in spans:
        request.add(plain_span(span, now_ns=now_ns))
    return request.encode()


def plain_span(span: ZipkinSpan, *, now_ns: int) -> PlainSpan:
    """A Zipkin span as OTLP has it."""
    tags = dict(span.tags)
    resource = _resource(tags, span.local.service)
    start_ns = span.start_ns(now_ns)
    found = PlainSpan(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=b"" if span.parent_id == span.span_id else span.parent_id,
        name=span.name,
        kind=span.kind or _kind(tags),
        start_ns=start_ns,
        end_ns=span.end_ns(start_ns),
        attributes=tags,
        resource=resource,
        scope=take_scope(tags),
        status=span.status or _status(tags),
        trace_state=str(tags.pop("w3c.tracestate", "")),
        events=[_event(at * 1000, value) for at, value in span.annotations],
        links=list(_links(tags)),
    )
    _add_endpoint(tags, span.local, ("net.host.ip", "net.host.port"))
    if span.remote.service:
        tags.setdefault("peer.service", span.remote.service)
    _add_endpoint(tags, span.remote, ("net.peer.ip", "net.peer.port"))
    if span.start_us is None:
        tags[_START_ABSENT] = True
    if span.shared:
        tags["zipkin.shared"] = True
    return found


def _add_endpoint(
    tags: dict[str, AttributeValue], endpoint: Endpoint, keys: tuple[str, str]
) -> None:
    if endpoint.ip:
        tags.setdefault(keys[0], endpoint.ip)
    if endpoint.port:
        tags[keys[1]] = endpoint.port


def _resource(tags: dict[str, AttributeValue], service: str) -> dict[str, AttributeValue]:
    """What of the tags belongs to the resource; it is taken out."""
    found: dict[str, AttributeValue] = {}
    source = tags.pop("otlp.service.name.source", "service.name")
    if service:
        found[str(source)] = service
    for key in tags.keys() & RESOURCE_KEYS:
        value = tags.pop(key)
        found.setdefault(key, value)
    if len(found) > 1:
        return dict(sorted(found.items()))
    return found


def _kind(tags: dict[str, AttributeValue]) -> int:
    return KINDS.get(str(tags.pop("span.kind", "")).lower(), 0)


def _status(tags: dict[str, AttributeValue]) -> tuple[int, str]:
    code = UNSET
    message = ""
    told = str(tags.get("otel.status_code", "")).upper().removeprefix("STATUS_CODE_")
    if told in _STATUSES:
        code = _STATUSES[told]
        del tags["otel.status_code"]
        message = str(tags.pop("otel.status_description", ""))
    error = tags.get("error")
    if error in {True, "true"} or (code == ERROR and error is not None):
        # Exporters of OpenTelemetry have the description here.
        if isinstance(error, str) and error != "true":
            message = message or error
        code = ERROR
        del tags["error"]
    elif code == UNSET and error not in {None, False, "false"}:
        code, message = ERROR, str(error)
    return code, message


def _event(time_ns: int, value: str) -> Event:
    """An annotation as an event; OpenTelemetry's exporters put attributes into the text.

    They write `name|{"key":1}|dropped`, `"name": {"key": 1}`, or the latter in braces.
    """
    parts = value.split("|")
    if len(parts) >= 3 and parts[-1].isdecimal() and len(parts[-1]) < 10:
        attributes = _object("|".join(parts[1:-1]))
        if attributes is not None:
            return Event(time_ns, parts[0], attributes, int(parts[-1]))
    braced = "{" + value + "}" if value.startswith('"') and value.endswith("}") else value
    document = _object(braced) if braced.startswith("{") else None
    if document is not None and len(document) == 1:
        name, attributes = next(iter(document.items()))
        if isinstance(attributes, dict):
            return Event(time_ns, name, attributes)
    return Event(time_ns, value)


def _links(tags: dict[str, AttributeValue]) -> Iterable[Link]:
    """Links in tags as the collector's exporter writes them; what cannot be read stays a tag."""
    for index in range(_MAX_LINKS):
        key = f"otlp.link.{index}"
        if key not in tags:
            return
        parts = str(tags[key]).split("|")
        attributes = _object("|".join(parts[3:-1])) if len(parts) >= 5 else None
        ids = _link_ids(parts)
        if attributes is not None and ids is not None and parts[-1].isdecimal():
            del tags[key]
            yield Link(*ids, attributes, parts[2], min(int(parts[-1][:9]), 2**32 - 1))


def _link_ids(parts: list[str]) -> tuple[bytes, bytes] | None:
    try:
        trace_id, span_id = (bytes.fromhex(part.strip('"')) for part in parts[:2])
    except ValueError:
        return None
    return (trace_id, span_id) if (len(trace_id), len(span_id)) == (16, 8) else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None

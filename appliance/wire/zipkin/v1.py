"""Zipkin v1: a JSON array of spans, or a Thrift list of zipkincore.Span (zipkinCore.thrift).

v1 has no kinds and no endpoints of spans: annotations of well-known names say both.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.wire.span_request import ERROR, KINDS, OK, UNSET
from appliance.wire.thrift import read_list
from appliance.wire.thrift_fields import floor, integer, structs, text
from appliance.wire.zipkin import json_values as values
from appliance.wire.zipkin.span import Endpoint, ZipkinSpan, hex_id, packed_ip

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.trace import AttributeValue

#: Annotations that tell the kind of a span and are no events.
_CORE = {"cs": "client", "cr": "client", "sr": "server", "ss": "server"} | {
    "ms": "producer",
    "mr": "consumer",
}
#: Binary annotations whose endpoint is the other end of the call.
_REMOTE = frozenset({"sa", "ca", "ma"})
_LOCAL_COMPONENT = "lc"
_NUMBERS = {2: ">h", 3: ">i", 4: ">q", 5: ">d"}
_BOOL, _BYTES, _STRING = 0, 1, 6
_MAX_US = 2**63 // 1000


@dataclass(slots=True)
class _Tag:
    """A binary annotation."""

    key: str
    value: AttributeValue
    endpoint: Endpoint


def read_json(body: bytes) -> list[ZipkinSpan]:
    """Spans of a JSON body.

    Raises:
        BadInput: Not such a list; names the place as `spans[0].…`.
    """
    return [
        _json_span(item, f"spans[{index}]") for index, item in enumerate(values.span_list(body))
    ]


def _json_span(item: dict[str, Any], place: str) -> ZipkinSpan:
    parent = item.get("parentId")
    span = ZipkinSpan(
        trace_id=hex_id(item.get("traceId"), 16, f"{place}.traceId"),
        span_id=hex_id(item.get("id"), 8, f"{place}.id"),
        parent_id=hex_id(parent, 8, f"{place}.parentId") if parent else b"",
        name=values.text(item, "name", place),
        start_us=values.microseconds(item, "timestamp", place),
        duration_us=values.microseconds(item, "duration", place) or 0,
        debug=values.flag(item, "debug", place),
    )
    tags = []
    for index, tag in enumerate(values.objects(item, "binaryAnnotations", place)):
        inner = f"{place}.binaryAnnotations[{index}]"
        value = tag.get("value")
        if not isinstance(value, str | bool | int | float | None):
            raise BadInput(f"{inner}.value: expected a string, number or boolean")
        end = values.endpoint(tag, "endpoint", inner)
        tags.append(_Tag(values.text(tag, "key", inner), value, end))
    return _described(span, values.timed_texts(item, place), tags)


def read_thrift(body: bytes) -> list[ZipkinSpan]:
    """Spans of a Thrift list, in the binary protocol or, which few send, the compact one.

    Raises:
        BadInput: Not such a list.
    """
    return [thrift_span(fields) for fields in read_list(body)]


def thrift_span(fields: dict[int, Any]) -> ZipkinSpan:
    """The span in the fields of a zipkincore.Span."""
    high, low = integer(fields, 12), integer(fields, 1)
    parent = integer(fields, 5)
    span = ZipkinSpan(
        trace_id=struct.pack(">qq", high, low),
        span_id=struct.pack(">q", integer(fields, 4)),
        parent_id=struct.pack(">q", parent) if parent else b"",
        name=text(fields, 3),
        start_us=min(floor(fields, 10), _MAX_US) or None,
        duration_us=min(floor(fields, 11), _MAX_US),
        debug=fields.get(9) is True,
    )
    notes = [
        (min(floor(item, 1), _MAX_US), text(item, 2), _thrift_endpoint(item.get(3)))
        for item in structs(fields, 6)
    ]
    tags = [
        _Tag(text(item, 1), _thrift_value(item), _thrift_endpoint(item.get(4)))
        for item in structs(fields, 8)
    ]
    return _described(span, notes, tags)


def _thrift_endpoint(fields: object) -> Endpoint:
    if not isinstance(fields, dict):
        return Endpoint()
    ipv4 = integer(fields, 1) & 0xFFFFFFFF
    ipv6 = fields.get(4)
    ip = packed_ip(ipv4.to_bytes(4, "big"))
    if not ip and isinstance(ipv6, bytes):
        ip = packed_ip(ipv6)
    return Endpoint(text(fields, 3), ip, integer(fields, 2) & 0xFFFF)


def _thrift_value(fields: dict[int, Any]) -> AttributeValue:
    """The value of a binary annotation; numbers are big-endian."""
    raw = fields.get(2, b"")
    kind = integer(fields, 3)
    if kind in _NUMBERS and isinstance(raw, bytes):
        return _number(raw, _NUMBERS[kind])
    values: dict[int, Callable[[bytes], AttributeValue]] = {
        _BOOL: lambda raw: raw == b"\1",
        _BYTES: lambda raw: base64.b64encode(raw).decode(),
        _STRING: lambda raw: raw.decode(errors="replace"),
    }
    if kind not in values:
        return f"<unknown zipkin v1 binary annotation type ({kind})>"
    return values[kind](raw) if isinstance(raw, bytes) else None


def _number(raw: bytes, form: str) -> int | float | str:
    if len(raw) < struct.calcsize(form):
        return "<not enough bytes representing the number>"
    number: int | float = struct.unpack_from(form, raw)[0]
    return number


def _described(
    span: ZipkinSpan, notes: list[tuple[int, str, Endpoint]], tags: list[_Tag]
) -> ZipkinSpan:
    """A span with what its annotations say of it."""
    core = [note for note in notes if note[1] in _CORE]
    if core:
        span.kind = KINDS[_CORE[core[0][1]]]
    span.local = next((end for _, _, end in core if end.service), Endpoint())
    span.annotations = [(at, value) for at, value, _ in notes if value and value not in _CORE]
    times = [at for at, _, _ in notes if at]
    if span.start_us is None and times:
        span.start_us = min(times)
        span.duration_us = span.duration_us or max(times) - min(times)
    component = ""
    for tag in tags:
        if tag.key in _REMOTE and tag.value is True:
            span.remote = tag.endpoint
            continue
        if tag.key == _LOCAL_COMPONENT:
            component = component or str(tag.value)
        span.tags["component" if tag.key == _LOCAL_COMPONENT else tag.key] = tag.value
    if not span.local.service:
        named = [tag.endpoint for tag in tags if tag.endpoint.service and tag.key not in _REMOTE]
        span.local = named[-1] if named else Endpoint(component)
    span.status = _status(span.tags)
    return span


def _status(tags: dict[str, AttributeValue]) -> tuple[int, str] | None:
    """Status of OpenCensus and HTTP codes, which v2 has not; None leaves it to the other tags.

    Tags that say nothing else are taken out.
    """
    message = ""
    for key in ("opencensus.status_description", "census.status_description"):
        message = str(tags.pop(key, "")) or message
    census = _code(tags.pop("census.status_code", None))
    if census is not None:
        return (ERROR if census else OK), message
    if "error" in tags or "otel.status_code" in tags:
        if message:
            tags.setdefault("otel.status_description", message)
        return None
    http = _code(tags.get("http.status_code"))
    if http is None:
        return None
    failed = not 100 <= http < 400
    return (ERROR if failed else UNSET), (
        str(tags.get("http.status_message", "")) if failed else ""
    )


def _code(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return None

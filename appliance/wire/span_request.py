"""Spans of other protocols than OTLP on their way into an ExportTraceServiceRequest.

Spans are grouped by resource and scope, in the order in which these first come. Their messages are
written as bytes (opentelemetry/proto/trace/v1, common/v1): most attributes of a sender are the same
from span to span, so that their bytes are made once; message objects would take three times longer.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope

from appliance.base.errors import BadInput
from appliance.wire.messages.otlp_shallow_pb2 import TraceRequest
from appliance.wire.otlp.any_value import encode_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.trace import AttributeValue

UNSET, OK, ERROR = 0, 1, 2
#: OTLP's kinds by what senders call them.
KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
#: Names that exporters had for the scope, the newest first.
_SCOPE_KEYS = (
    ("otel.scope.name", "otel.scope.version"),
    ("otel.library.name", "otel.library.version"),
)
#: Attributes by which exporters tell what they left out, and the tags of OTLP's fields for it.
_DROPPED = {
    "otel.dropped_attributes_count": b"\x50",
    "otel.dropped_events_count": b"\x60",
    "otel.dropped_links_count": b"\x70",
}
_MAX_TIME = 2**64 - 1
_MAX_COUNT = 2**32 - 1
#: Longer values are seldom the same again.
_CACHED_CHARACTERS = 64


@dataclass(slots=True)
class Event:
    """Something that happened within a span; the time is in nanoseconds."""

    time_ns: int
    name: str
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    dropped: int = 0


@dataclass(slots=True)
class Link:
    """Another span that a span refers to."""

    trace_id: bytes
    span_id: bytes
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    trace_state: str = ""
    dropped: int = 0


@dataclass(slots=True)
class PlainSpan:
    """A span before it is protobuf.

    Attributes:
        trace_id: 16 bytes; span_id: 8 bytes; parent_id: 8 bytes, or none.
        resource: Of hashable values.
        scope: Name and version.
        status: Code and message.
    """

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    name: str
    kind: int
    start_ns: int
    end_ns: int
    attributes: dict[str, AttributeValue]
    resource: Mapping[str, AttributeValue]
    scope: tuple[str, str] = ("", "")
    status: tuple[int, str] = (UNSET, "")
    trace_state: str = ""
    flags: int = 0
    events: list[Event] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


class SpanRequest:
    """Collects spans; `encode` gives the request."""

    def __init__(self) -> None:
        self._request = TraceRequest()
        self._resources: dict[object, Any] = {}
        self._scopes: dict[object, Any] = {}

    def add(self, span: PlainSpan) -> None:
        """Add a span.

        Raises:
            BadInput: Its times are out of range.
        """
        if not 0 <= span.start_ns <= _MAX_TIME or not 0 <= span.end_ns <= _MAX_TIME:
            raise BadInput(f"times of span {span.span_id.hex()} are out of range")
        self._spans(span).append(_span(span))

    def encode(self) -> bytes:
        """An ExportTraceServiceRequest."""
        encoded: bytes = self._request.SerializeToString()
        return encoded

    def _spans(self, span: PlainSpan) -> Any:
        """The spans of the same resource and scope."""
        resource_key = tuple(span.resource.items())
        key = resource_key, span.scope
        found = self._scopes.get(key)
        if found is None:
            resource = self._resources.get(resource_key)
            if resource is None:
                resource = self._resources[resource_key] = self._request.resource_spans.add()
                resource.resource = _attributes(b"\x0a", span.resource)
            scoped = resource.scope_spans.add()
            if any(span.scope):
                name, version = span.scope
                scope = InstrumentationScope(name=name, version=version)
                scoped.scope = scope.SerializeToString()
            found = self._scopes[key] = scoped.spans
        return found


def _span(span: PlainSpan) -> bytes:
    """A Span message, its fields in the order of their numbers."""
    attributes = span.attributes
    dropped = _take_dropped(attributes) if _DROPPED.keys() & attributes.keys() else {}
    parts = [b"\x0a\x10", span.trace_id, b"\x12\x08", span.span_id]
    if span.trace_state:
        parts.append(_text(b"\x1a", span.trace_state))
    if span.parent_id:
        parts += (b"\x22\x08", span.parent_id)
    parts += (
        _text(b"\x2a", span.name),
        bytes((0x30, span.kind)) if span.kind else b"",
        struct.pack("<BQBQ", 0x39, span.start_ns, 0x41, span.end_ns),
        _attributes(b"\x4a", attributes),
        dropped.get(b"\x50", b""),
        *(_framed(b"\x5a", _event(event)) for event in span.events if event.time_ns >= 0),
        dropped.get(b"\x60", b""),
        *(_framed(b"\x6a", _link(link)) for link in span.links),
        dropped.get(b"\x70", b""),
    )
    code, message = span.status
    if code or message:
        status = _text(b"\x12", message) + (bytes((0x18, code)) if code else b"")
        parts.append(_framed(b"\x7a", status))
    if span.flags:
        parts.append(struct.pack("<BBI", 0x85, 0x01, span.flags))
    return b"".join(parts)


def _event(event: Event) -> bytes:
    time = struct.pack("<BQ", 0x09, min(event.time_ns, _MAX_TIME))
    attributes = _attributes(b"\x1a", event.attributes)
    return time + _text(b"\x12", event.name) + attributes + _count(b"\x20", event.dropped)


def _link(link: Link) -> bytes:
    ids = b"\x0a\x10" + link.trace_id + b"\x12\x08" + link.span_id
    attributes = _attributes(b"\x22", link.attributes)
    return ids + _text(b"\x1a", link.trace_state) + attributes + _count(b"\x28", link.dropped)


def _take_dropped(attributes: dict[str, AttributeValue]) -> dict[bytes, bytes]:
    """The fields that some attributes stand for, by their tags; the attributes are taken out."""
    found = {}
    for key, tag in _DROPPED.items():
        count = attributes.get(key)
        if isinstance(count, str) and count.isdecimal() and len(count) < 11:
            count = int(count)
        if isinstance(count, int) and 0 <= count <= _MAX_COUNT:
            found[tag] = _count(tag, count)
            del attributes[key]
    return found


def _attributes(tag: bytes, attributes: Mapping[str, AttributeValue]) -> bytes:
    """KeyValue messages, each after a tag."""
    parts = []
    for key, value in attributes.items():
        if (
            type(value) is str
            and len(value) <= _CACHED_CHARACTERS
            and len(key) <= _CACHED_CHARACTERS
        ):
            parts.append(_cached(tag, key, value))
        else:
            parts.append(_framed(tag, _text(b"\x0a", key) + _framed(b"\x12", encode_value(value))))
    return b"".join(parts)


@functools.lru_cache(maxsize=8192)
def _cached(tag: bytes, key: str, value: str) -> bytes:
    return _framed(tag, _text(b"\x0a", key) + _framed(b"\x12", encode_value(value)))


def _text(tag: bytes, text: str) -> bytes:
    """A string field; nothing for the empty one."""
    return _framed(tag, text.encode()) if text else b""


def _framed(tag: bytes, content: bytes) -> bytes:
    """A field with a length."""
    size = len(content)
    return tag + (bytes((size,)) if size < 0x80 else _varint(size)) + content


def _count(tag: bytes, number: int) -> bytes:
    return tag + _varint(number) if number else b""


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def take_scope(tags: dict[str, AttributeValue]) -> tuple[str, str]:
    """Name and version of the scope, which are taken out of a span's tags; empty where missing."""
    found = ("", "")
    for name_key, version_key in _SCOPE_KEYS:
        if name_key in tags:
            pair = str(tags.pop(name_key)), str(tags.pop(version_key, ""))
            found = found if found[0] else pair
    return found

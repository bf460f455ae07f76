"""A Batch of jaeger.thrift as OTLP."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from appliance.wire.jaeger_model import JaegerSpan, Reference, resource_of, to_plain
from appliance.wire.span_request import SpanRequest
from appliance.wire.thrift import read_struct
from appliance.wire.thrift_fields import floor, identifier, integer, structs, text

if TYPE_CHECKING:
    from appliance.model.trace import AttributeValue

#: Field of a Tag that holds its value, and the type that it has, by its vType.
_VALUES: tuple[tuple[int, Any], ...] = ((3, bytes), (4, float), (5, bool), (6, int), (7, bytes))
_STRING = 0
_MAX_US = 2**63 // 1000


def batch_to_otlp(body: bytes, *, compact: bool = False) -> bytes:
    """An ExportTraceServiceRequest of a Batch in the binary or the compact protocol.

    Raises:
        BadInput: The body is no such struct.
    """
    request = SpanRequest()
    add_batch(request, read_struct(body, compact=compact))
    return request.encode()


def add_batch(request: SpanRequest, batch: dict[int, Any]) -> None:
    """Add the spans of a Batch."""
    process = batch.get(1)
    resource: dict[str, AttributeValue] = {}
    if isinstance(process, dict):
        resource = resource_of(text(process, 1), _tags(structs(process, 2)))
    for span in structs(batch, 2):
        request.add(to_plain(_span(span), resource))


def _span(fields: dict[int, Any]) -> JaegerSpan:
    start_us = min(floor(fields, 8), _MAX_US)
    parent = integer(fields, 4)
    return JaegerSpan(
        trace_id=_trace_id(integer(fields, 2), integer(fields, 1)),
        span_id=identifier(integer(fields, 3)),
        parent_id=identifier(parent) if parent else b"",
        name=text(fields, 5),
        start_ns=start_us * 1000,
        end_ns=(start_us + min(floor(fields, 9), _MAX_US)) * 1000,
        flags=integer(fields, 7),
        tags=_tags(structs(fields, 10)),
        logs=[
            (min(floor(log, 1), _MAX_US) * 1000, _tags(structs(log, 2)))
            for log in structs(fields, 11)
        ],
        references=[
            Reference(
                integer(ref, 1) == 0,
                _trace_id(integer(ref, 3), integer(ref, 2)),
                identifier(integer(ref, 4)),
            )
            for ref in structs(fields, 6)
        ],
    )


def _trace_id(high: int, low: int) -> bytes:
    return struct.pack(">qq", high, low)


def _tags(tags: list[dict[int, Any]]) -> dict[str, AttributeValue]:
    """Tags by key, the last one of a key; a value of another type than it says is the empty one."""
    found: dict[str, AttributeValue] = {}
    for tag in tags:
        kind = tag.get(2, _STRING)
        key = tag.get(1, b"")
        name = key.decode(errors="replace") if type(key) is bytes else ""
        if kind == _STRING:
            value = tag.get(3, b"")
            found[name] = value.decode(errors="replace") if type(value) is bytes else ""
        elif type(kind) is int and 0 < kind < len(_VALUES):
            number, wanted = _VALUES[kind]
            value = tag.get(number)
            found[name] = value if type(value) is wanted else wanted()
        else:
            found[name] = f"<Unknown Jaeger TagType {kind}>"
    return found

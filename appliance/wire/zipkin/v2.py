"""Zipkin v2: a JSON array of spans, or ListOfSpans in protobuf (zipkin-api, zipkin.proto)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.wire.messages.zipkin_pb2 import ListOfSpans
from appliance.wire.span_request import KINDS
from appliance.wire.zipkin import json_values as values
from appliance.wire.zipkin.span import Endpoint, ZipkinSpan, hex_id, packed_ip

#: OTLP's numbers by Zipkin's.
_PROTO_KINDS = (0, KINDS["client"], KINDS["server"], KINDS["producer"], KINDS["consumer"])
_MAX_US = 2**63 // 1000


def read_json(body: bytes) -> list[ZipkinSpan]:
    """Spans of a JSON body.

    Raises:
        BadInput: Not such a list; names the place as `spans[0].…`.
    """
    return [
        _json_span(item, f"spans[{index}]") for index, item in enumerate(values.span_list(body))
    ]


def _json_span(item: dict[str, Any], place: str) -> ZipkinSpan:
    kind = values.text(item, "kind", place).lower()
    if kind not in {"", "client", "server", "producer", "consumer"}:
        raise BadInput(f"{place}.kind: unknown kind {kind!r:.100}")
    parent = item.get("parentId")
    return ZipkinSpan(
        trace_id=hex_id(item.get("traceId"), 16, f"{place}.traceId"),
        span_id=hex_id(item.get("id"), 8, f"{place}.id"),
        parent_id=hex_id(parent, 8, f"{place}.parentId") if parent else b"",
        name=values.text(item, "name", place),
        kind=KINDS.get(kind, 0),
        start_us=values.microseconds(item, "timestamp", place),
        duration_us=values.microseconds(item, "duration", place) or 0,
        local=values.endpoint(item, "localEndpoint", place),
        remote=values.endpoint(item, "remoteEndpoint", place),
        annotations=[(at, value) for at, value, _ in values.timed_texts(item, place)],
        tags=_tags(item, place),
        shared=values.flag(item, "shared", place),
        debug=values.flag(item, "debug", place),
    )


def _tags(item: dict[str, Any], place: str) -> dict[str, Any]:
    tags = item.get("tags")
    if tags is None:
        return {}
    if not isinstance(tags, dict):
        raise BadInput(f"{place}.tags: expected an object")
    for key, value in tags.items():
        if not isinstance(value, str):
            raise BadInput(f"{place}.tags.{key}: expected a string, got {value!r:.100}")
    return tags


def read_protobuf(body: bytes) -> list[ZipkinSpan]:
    """Spans of a ListOfSpans.

    Raises:
        BadInput: Not such a message, or ids of a wrong length.
    """
    try:
        message = ListOfSpans.FromString(body)
    except DecodeError as error:
        raise BadInput(f"body is not a protobuf ListOfSpans: {error}") from error
    return [_proto_span(span, f"spans[{index}]") for index, span in enumerate(message.spans)]


def _proto_span(span: Any, place: str) -> ZipkinSpan:
    if max(span.timestamp, span.duration) > _MAX_US:
        raise BadInput(f"{place}: times are out of range")
    return ZipkinSpan(
        trace_id=_proto_id(span.trace_id, 16, f"{place}.trace_id"),
        span_id=_proto_id(span.id, 8, f"{place}.id"),
        parent_id=_proto_id(span.parent_id, 8, f"{place}.parent_id") if span.parent_id else b"",
        name=span.name,
        kind=_PROTO_KINDS[span.kind] if 0 <= span.kind < len(_PROTO_KINDS) else 0,
        start_us=span.timestamp or None,
        duration_us=span.duration,
        local=_proto_endpoint(span.local_endpoint),
        remote=_proto_endpoint(span.remote_endpoint),
        annotations=[(min(item.timestamp, _MAX_US), item.value) for item in span.annotations],
        tags=dict(span.tags),
        shared=span.shared,
        debug=span.debug,
    )


def _proto_id(value: bytes, size: int, place: str) -> bytes:
    """An id; trace ids may have 8 bytes."""
    if len(value) not in {8, size}:
        raise BadInput(f"{place}: expected {size} bytes, got {len(value)}")
    return value.rjust(size, b"\0")


def _proto_endpoint(endpoint: Any) -> Endpoint:
    ip = packed_ip(endpoint.ipv4) or packed_ip(endpoint.ipv6)
    return Endpoint(endpoint.service_name, ip, max(endpoint.port, 0))

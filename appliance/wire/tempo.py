"""A trace as Tempo answers it: tempopb.Trace, in JSON or protobuf.

In `/api/traces/<id>` the groups of spans are called `batches` in JSON; in `/api/v2/traces/<id>`
they are `resourceSpans` under `trace`. On the wire both are field 1. Ids are base64, enums are
names, and 64-bit integers strings, which is protobuf's own JSON mapping and not that of OTLP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.span_json import group_spans
from appliance.wire.tempo_spans import group_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.trace import StoredSpan


def trace_json(spans: Iterable[StoredSpan]) -> bytes:
    """The JSON answer to a trace by id.

    Args:
        spans: All of one trace.
    """
    return orjson.dumps({"batches": [group_json(group) for group in group_spans(spans)]})


def trace_protobuf(spans: Iterable[StoredSpan]) -> bytes:
    """The protobuf answer to a trace by id: tempopb.Trace."""
    return b"".join(_length_delimited(group.SerializeToString()) for group in _groups(spans))


def trace_v2_json(
    spans: Iterable[StoredSpan], *, size_bytes: int = 0, partial_bytes: int = 0
) -> bytes:
    """The JSON answer to the second version of a trace by id.

    Args:
        spans: Of one trace, or none.
        size_bytes: How much was read.
        partial_bytes: The limit that keeps the others out; 0: these are all.
    """
    groups = [group_json(group) for group in group_spans(spans)]
    found: dict[str, object] = {"trace": {"resourceSpans": groups} if groups else {}}
    found["metrics"] = {"inspectedBytes": str(size_bytes)} if size_bytes else {}
    if partial_bytes:
        found |= {"status": "PARTIAL", "message": _partial(partial_bytes)}
    return orjson.dumps(found)


def trace_v2_protobuf(
    spans: Iterable[StoredSpan], *, size_bytes: int = 0, partial_bytes: int = 0
) -> bytes:
    """The same as tempopb.TraceByIDResponse."""
    from appliance.wire.messages.tempo_pb2 import (  # noqa: PLC0415 - seldom
        PartialStatus,
        TraceByIDResponse,
    )

    message = TraceByIDResponse()
    message.metrics.inspectedBytes = size_bytes
    if partial_bytes:
        message.status, message.message = PartialStatus.PARTIAL, _partial(partial_bytes)
    encoded: bytes = message.SerializeToString()
    return _length_delimited(trace_protobuf(spans)) + encoded


def _partial(limit: int) -> str:
    return f"Trace exceeds maximum size of {limit} bytes, a partial trace is returned"


def _groups(spans: Iterable[StoredSpan]) -> list[Any]:
    groups = group_spans(spans)
    for group in groups:
        for scoped in group.scope_spans:
            for span in scoped.spans:
                span.ClearField("flags")  # Tempo stores none, and its clients expect none
                for link in span.links:
                    link.ClearField("flags")
    return groups


def _length_delimited(message: bytes) -> bytes:
    """A message as field 1 of another one."""
    size = len(message)
    prefix = bytearray(b"\x0a")
    while size > 0x7F:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    prefix.append(size)
    return bytes(prefix) + message

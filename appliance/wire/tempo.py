"""A trace as Tempo answers it: tempopb.Trace, in JSON or protobuf.

In `/api/traces/<id>` the groups of spans are called `batches` in JSON; in `/api/v2/traces/<id>`
they are `resourceSpans` under `trace`. On the wire both are field 1. Ids are base64, enums are
names, and 64-bit integers strings, which is protobuf's own JSON mapping and not that of OTLP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.span_json import group_spans, to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.trace import StoredSpan


def trace_json(spans: Iterable[StoredSpan], *, v2: bool = False) -> bytes:
    """The JSON answer to a trace by id.

    Args:
        spans: All of one trace.
        v2: For the second version of the endpoint.
    """
    groups = [to_dict(group) for group in _groups(spans)]
    if v2:
        return orjson.dumps({"trace": {"resourceSpans": groups}})
    return orjson.dumps({"batches": groups})


def trace_protobuf(spans: Iterable[StoredSpan], *, v2: bool = False) -> bytes:
    """The protobuf answer to a trace by id: tempopb.Trace, or TraceByIDResponse for v2."""
    trace = b"".join(_length_delimited(group.SerializeToString()) for group in _groups(spans))
    return _length_delimited(trace) if v2 else trace


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

"""Trace requests to span columns (opentelemetry/proto/collector/trace/v1).

A body is parsed twice, which is cheaper than it looks: once in full, which validates every
byte and gives the fixed fields, and once with the spans left as bytes, which gives each span
exactly as it came. Attributes are not read here; only `service.name`, once per resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.model.trace import SpanBatch
from appliance.wire.messages.otlp_shallow_pb2 import TraceRequest
from appliance.wire.otlp.message import MAX_NS, Rejects, parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.accepted import Reject

_NO_PARENT = bytes(8)
_KINDS = 5
_STATUSES = 2


class _Interned:
    """Distinct values in the order in which they came."""

    def __init__(self) -> None:
        self.ids: dict[Any, int] = {}

    def id_of(self, value: object) -> int:
        return self.ids.setdefault(value, len(self.ids))

    def values(self) -> list[Any]:
        return list(self.ids)


def decode_traces(body: bytes) -> tuple[SpanBatch, list[Reject]]:
    """Read an ExportTraceServiceRequest.

    A resource without `service.name` gives the empty service; how that is shown is up to the API.

    Returns:
        The valid spans in the order of the request, and what was refused: spans whose trace id is
        not 16 bytes, whose span id is not 8 bytes, whose ids are all zero, whose parent id has
        another length than 0 or 8, or that start after the year 2262. A reject's index counts
        all spans of the request.

    Raises:
        BadInput: The body is not such a request.
    """
    request = parse(ExportTraceServiceRequest, body)
    services, resources, scopes = _Interned(), _Interned(), _Interned()
    heads: list[Any] = []
    places: list[tuple[int, int, int]] = []
    counts: list[int] = []
    for group in request.resource_spans:
        service = services.id_of(_service_name(group.resource))
        resource = resources.id_of(group.resource.SerializeToString())
        for scoped in group.scope_spans:
            heads.extend(scoped.spans)
            places.append((service, resource, scopes.id_of(scoped.scope.SerializeToString())))
            counts.append(len(scoped.spans))
    raw = [
        span
        for group in parse(TraceRequest, body).resource_spans
        for scoped in group.scope_spans
        for span in scoped.spans
    ]
    place = np.repeat(np.array(places, dtype=np.int32).reshape(-1, 3), counts, axis=0)
    rejects = Rejects()
    keep = _valid(heads, rejects)
    if keep is not None:
        heads = [heads[index] for index in keep]
        raw = [raw[index] for index in keep]
        place = place[keep]
    return _columns(heads, raw, place, (services, resources, scopes)), rejects.items


def _service_name(resource: Any) -> str:
    for attribute in resource.attributes:
        if attribute.key == "service.name":
            name: str = attribute.value.string_value
            return name
    return ""


def _valid(heads: list[Any], rejects: Rejects) -> NDArray[np.int64] | None:
    """The indexes of valid spans: int64[span], or None when all are valid."""
    count = len(heads)
    trace_ids = [span.trace_id for span in heads]
    span_ids = [span.span_id for span in heads]
    parents = [span.parent_span_id for span in heads]
    starts = [span.start_time_unix_nano for span in heads]
    lengths_fit = (
        set(map(len, trace_ids)) <= {16}
        and set(map(len, span_ids)) <= {8}
        and set(map(len, parents)) <= {0, 8}
    )
    if lengths_fit and max(starts, default=0) <= MAX_NS:
        words = np.frombuffer(b"".join(trace_ids), dtype=np.uint64).reshape(count, 2)
        ids = np.frombuffer(b"".join(span_ids), dtype=np.uint64)
        if words.any(axis=1).all() and ids.all():
            return None
    keep = []
    for index, span in enumerate(heads):
        reason = _reason(span)
        if reason:
            rejects.add(index, reason)
        else:
            keep.append(index)
    return np.array(keep, dtype=np.int64)


def _reason(span: Any) -> str:
    """Why a span cannot be kept; empty when it can."""
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return f"invalid trace_id {span.trace_id.hex()!r}: 16 bytes, not all zero, are required"
    if len(span.span_id) != 8 or not any(span.span_id):
        return f"invalid span_id {span.span_id.hex()!r}: 8 bytes, not all zero, are required"
    if len(span.parent_span_id) not in {0, 8}:
        return f"invalid parent_span_id {span.parent_span_id.hex()!r}: 8 bytes or none are required"
    if span.start_time_unix_nano > MAX_NS:
        return f"start_time_unix_nano {span.start_time_unix_nano} is out of range"
    return ""


def _columns(
    heads: list[Any],
    raw: list[bytes],
    place: NDArray[np.int32],
    interned: tuple[_Interned, _Interned, _Interned],
) -> SpanBatch:
    count = len(heads)
    names = _Interned()
    id_of = names.id_of
    starts = np.array([span.start_time_unix_nano for span in heads], dtype=np.uint64)
    ends = np.array([span.end_time_unix_nano for span in heads], dtype=np.uint64)
    durations = np.where(ends > starts, ends - starts, np.uint64(0))
    trace_ids = b"".join([span.trace_id for span in heads])
    services, resources, scopes = interned
    return SpanBatch(
        trace_ids=np.frombuffer(trace_ids, dtype=np.uint8).reshape(count, 16),
        span_ids=_ids([span.span_id for span in heads]),
        parent_ids=_ids([span.parent_span_id or _NO_PARENT for span in heads]),
        start_ns=starts.astype(np.int64),
        # No span ends after the year 2262, so that start plus duration stays an int64.
        duration_ns=np.minimum(durations, np.uint64(MAX_NS) - starts).astype(np.int64),
        kinds=_enum([span.kind for span in heads], _KINDS),
        statuses=_enum([span.status.code for span in heads], _STATUSES),
        name_ids=np.fromiter((id_of(span.name) for span in heads), dtype=np.int32, count=count),
        names=names.values(),
        service_ids=np.ascontiguousarray(place[:, 0]),
        services=services.values(),
        resource_ids=np.ascontiguousarray(place[:, 1]),
        resources=resources.values(),
        scope_ids=np.ascontiguousarray(place[:, 2]),
        scopes=scopes.values(),
        spans=raw,
    )


def _ids(ids: list[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(ids), dtype=">u8").astype(np.uint64)


def _enum(numbers: list[int], highest: int) -> NDArray[np.uint8]:
    """Enum numbers; one that OTLP does not know counts as unspecified."""
    found = np.array(numbers, dtype=np.int64)
    return np.where((found < 0) | (found > highest), 0, found).astype(np.uint8)
